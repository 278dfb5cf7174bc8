import { isAllowed, type ReplicationConfig } from "../config.ts";
import type { Epoch } from "../core/state.ts";
import { findEpoch, toNodes } from "../core/zone.ts";
import type { ZoneMachines } from "./zone-machines.ts";

const LEASE_MS_DEFAULT = 10_000;

/** A zone as far as links care. */
export interface SharedZone {
  readonly creator: string;
  /** The node ids that envelope E names. */
  readonly stewards: ReadonlySet<string>;
  /** L of envelope E. */
  readonly leaseMs: number;
  /** The stewards to keep links with. */
  readonly reach: ReadonlySet<string>;
}

export interface DirectoryDeps {
  readonly config: Pick<ReplicationConfig, "allow" | "peers">;
  readonly ownNodeId: string;
  readonly machines: ZoneMachines;
  /** Hears that other stewards are to be reached, or with another L. */
  readonly onChange: () => void;
}

/** Which stewards share which zones with this one, and where they are reached; `docs/protocol.md` §9.2. */
export class StewardDirectory {
  private readonly deps: DirectoryDeps;
  private readonly zones = new Map<string, SharedZone>();
  /** E of each zone, as of the last look at it. */
  private readonly epochs = new Map<string, Epoch>();
  /** By node id, the zones whose E names it. */
  private readonly shared = new Map<string, Set<string>>();

  constructor(deps: DirectoryDeps) {
    this.deps = deps;
    const { machines } = deps;
    machines.watch((zoneId, state) => {
      if ((state && findEpoch(state)) !== this.epochs.get(zoneId)) this.update(zoneId);
    });
    machines.on("reach", (zoneId, { nodes }) => this.setReach(zoneId, nodes));
    for (const zoneId of machines.list()) this.update(zoneId);
  }

  /** A zone that its operator lets this steward take part in. */
  find(zoneId: string): SharedZone | undefined {
    return this.zones.get(zoneId);
  }

  /** The zones whose E names a steward, and this one keeps. */
  listShared(nodeId: string): readonly string[] {
    return [...(this.shared.get(nodeId) ?? [])];
  }

  /** The zones for which a link with a steward is kept, or whose E names it. */
  listConcerned(nodeId: string): readonly string[] {
    const concerned = [...this.zones].filter(
      ([, { reach, stewards }]) => reach.has(nodeId) || stewards.has(nodeId),
    );
    return concerned.map(([zoneId]) => zoneId);
  }

  /** Tells whether a node is a steward of a zone that this one shares with it. */
  isSteward(nodeId: string): boolean {
    return this.shared.has(nodeId);
  }

  /** All stewards to keep links with. */
  listReach(): ReadonlySet<string> {
    return new Set([...this.zones.values()].flatMap(({ reach }) => [...reach]));
  }

  /** The smallest L of the zones that are shared with a steward. */
  leaseMsOf(nodeId: string): number {
    const leases = this.listConcerned(nodeId).map((zoneId) => this.zones.get(zoneId)?.leaseMs);
    return leases.reduce<number | undefined>(toSmaller, undefined) ?? LEASE_MS_DEFAULT;
  }

  /** Where a steward is reached: as the operator says, else as envelopes say, newest first. */
  addressesOf(nodeId: string): readonly string[] {
    const { config, machines } = this.deps;
    const given = config.peers[nodeId];
    if (given !== undefined) return [given];
    const addresses = this.listConcerned(nodeId).flatMap((zoneId) =>
      machines
        .knownEpochs(zoneId)
        .map(({ entrypoints }) => entrypoints.get(nodeId))
        .filter((url) => url !== undefined)
        .reverse(),
    );
    return [...new Set(addresses)];
  }

  private update(zoneId: string): void {
    const { machines, config, ownNodeId, onChange } = this.deps;
    const state = machines.find(zoneId);
    const epoch = state && findEpoch(state);
    const before = this.zones.get(zoneId);
    if (epoch === undefined) this.epochs.delete(zoneId);
    else this.epochs.set(zoneId, epoch);
    const isPart = epoch !== undefined && isAllowed(config, { zoneId, creator: epoch.creator });
    if (!isPart) {
      this.zones.delete(zoneId);
    } else {
      const stewards = new Set(toNodes(epoch).filter((nodeId) => nodeId !== ownNodeId));
      const { creator, leaseMs } = epoch;
      if (before?.leaseMs === leaseMs && before.stewards.size === stewards.size) {
        if ([...stewards].every((nodeId) => before.stewards.has(nodeId))) return;
      }
      const reach = before?.reach ?? new Set();
      this.zones.set(zoneId, { creator, stewards, leaseMs, reach });
    }
    if (before === undefined && !isPart) return;
    this.index(zoneId, before?.stewards ?? new Set());
    onChange();
  }

  private setReach(zoneId: string, nodes: readonly string[]): void {
    this.update(zoneId);
    const zone = this.zones.get(zoneId);
    if (zone === undefined) return;
    this.zones.set(zoneId, { ...zone, reach: new Set(nodes) });
    this.deps.onChange();
  }

  private index(zoneId: string, before: ReadonlySet<string>): void {
    for (const nodeId of before) {
      const zones = this.shared.get(nodeId);
      zones?.delete(zoneId);
      if (zones?.size === 0) this.shared.delete(nodeId);
    }
    for (const nodeId of this.zones.get(zoneId)?.stewards ?? []) {
      this.shared.set(nodeId, (this.shared.get(nodeId) ?? new Set()).add(zoneId));
    }
  }
}

function toSmaller(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}
