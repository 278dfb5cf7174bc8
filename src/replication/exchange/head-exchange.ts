import type { Logger } from "../../base/log.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { Store } from "../../store/database.ts";
import type { prepareEvidenceQueries } from "../../store/replication/evidence.ts";
import type { ReplicatedZoneRow } from "../../store/replication/replicated-zones.ts";
import { parseLinkBody } from "../../wire/link-bodies.ts";
import type { ZoneState } from "../core/state.ts";
import { findEpoch, isPrimary } from "../core/zone.ts";
import type { LinkHub } from "../links/link-hub.ts";
import type { LinkMessage, LinkSession } from "../links/link-port.ts";
import type { StewardDirectory } from "../machines/directory.ts";
import { findHeadConflict, type HeadConflictDeps, type ToldHead } from "./head-conflict.ts";
import { findOwnHead } from "./own-head.ts";
import { isSigned, type PositionsDeps } from "./positions.ts";

const CHANGED_EVERY_MS = 1000;
/** Heads of one zone that are ahead of this steward's copy; beyond, the oldest is forgotten. */
const AHEAD_MAX = 16;

export interface HeadExchangeDeps extends Omit<PositionsDeps, "commits"> {
  readonly hub: LinkHub;
  readonly directory: StewardDirectory;
  readonly store: Store;
  readonly zones: HeadConflictDeps["zones"];
  readonly commits: HeadConflictDeps["commits"];
  readonly evidence: ReturnType<typeof prepareEvidenceQueries>;
  readonly evidenceMax: number;
  readonly log: Logger;
}

/** How a head stands to this steward's copy; what contradicts it with the documents that say so. */
type Comparison = "ahead" | "fits" | "forgotten" | { readonly documents: readonly object[] };

/** Tells other stewards where copies stand, signed, and compares what they tell: zone.head; `docs/protocol.md` §9.11. */
export class HeadExchange {
  private readonly deps: HeadExchangeDeps;
  private readonly ahead = new Map<string, readonly ToldHead[]>();
  private readonly changed = new Set<string>();
  /** The digest that was last told of each zone. */
  private readonly told = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(deps: HeadExchangeDeps) {
    this.deps = deps;
    const { hub, machines, directory } = deps;
    hub.desk.handle("zone.head", (link, message) => this.onHead(link, message));
    hub.desk.listen({
      onUp: (link) => {
        // On a link that this steward dialed it asks first.
        if (link.isDialed) return;
        for (const zoneId of directory.listShared(link.nodeId)) this.send(zoneId, link);
      },
    });
    machines.watch((zoneId, state) => {
      if (state === undefined) this.forget(zoneId);
      else this.changed.add(zoneId);
      this.timer ??= setTimeout(() => this.flush(), CHANGED_EVERY_MS).unref();
    });
  }

  /** Tells one steward where the copy of a zone stands. */
  send(zoneId: string, link: LinkSession): void {
    const told = this.findOwn(zoneId);
    if (told === undefined) return;
    link.send({ type: "zone.head", zone_id: zoneId, n: told.n, head: told.head });
  }

  /** Tells nothing more. */
  stop(): void {
    clearTimeout(this.timer);
    this.changed.clear();
  }

  private forget(zoneId: string): void {
    this.ahead.delete(zoneId);
    this.told.delete(zoneId);
    this.changed.delete(zoneId);
  }

  private flush(): void {
    this.timer = undefined;
    const zones = [...this.changed];
    this.changed.clear();
    for (const zoneId of zones) {
      this.tell(zoneId);
      this.compareAhead(zoneId);
    }
  }

  /** Tells all stewards of a zone where the copy stands, if it moved. */
  private tell(zoneId: string): void {
    const { hub, directory } = this.deps;
    const row = this.deps.replicated.findReplicated(zoneId);
    if (row === undefined || row.digest === this.told.get(zoneId)) return;
    const told = this.findOwn(zoneId);
    if (told === undefined) return;
    this.told.set(zoneId, row.digest);
    for (const nodeId of directory.find(zoneId)?.stewards ?? []) {
      hub.table.send(nodeId, { type: "zone.head", zone_id: zoneId, n: told.n, head: told.head });
    }
  }

  private findOwn(zoneId: string): { n: number; head: PrimaryHead } | undefined {
    const { machines, replicated, key, now } = this.deps;
    const row = replicated.findReplicated(zoneId);
    const state = machines.find(zoneId);
    if (row === undefined || !row.complete || row.n === 0 || state === undefined) return undefined;
    if (state.durable.isForeign || state.durable.isLost) return undefined;
    const isOwn = primaryOf(state, row.epoch) === key.nodeId;
    const head = findOwnHead(key, row, isOwn, now());
    return head && { n: row.n, head };
  }

  private onHead(link: LinkSession, message: LinkMessage): void {
    const { machines } = this.deps;
    const fields = message.body.value.decode() as JsonObject;
    const { zone_id: zoneId, n, head } = parseLinkBody("zone.head", fields);
    const state = machines.find(zoneId);
    if (state === undefined || !this.isUsable(zoneId, state, head)) return;
    const epoch = findEpoch(state);
    const isSigners = head.steward === link.nodeId;
    if (isSigners && epoch?.primary === link.nodeId && head.epoch === epoch.epoch) {
      machines.dispatch(zoneId, { type: "told", epoch: head.epoch, n, released: 0 });
    }
    this.take(zoneId, { n, head, isSigners });
  }

  /** By the primary of its epoch, or of a later one that kept it. */
  private isUsable(zoneId: string, state: ZoneState, head: PrimaryHead): boolean {
    const { epochs } = state.durable;
    const isKnown = epochs.some(
      ({ epoch, primary }) => epoch >= head.epoch && primary === head.steward,
    );
    return head.zone_id === zoneId && isKnown && isSigned(this.deps.verifier, head);
  }

  private take(zoneId: string, told: ToldHead): void {
    const held = this.ahead.get(zoneId) ?? [];
    const other = held.find((one) => isForkOf(one.head, told.head));
    if (other !== undefined) return this.prove(zoneId, told, [other.head, told.head]);
    const comparison = this.compare(zoneId, told);
    if (typeof comparison === "object") return this.prove(zoneId, told, comparison.documents);
    switch (comparison) {
      case "fits":
        return;
      case "ahead": {
        const isKnown = held.some((one) => one.head.state === told.head.state);
        if (!isKnown) this.ahead.set(zoneId, [...held, told].slice(-AHEAD_MAX));
        return;
      }
      default:
        this.deps.log.error(
          { zone: zoneId },
          "ALARM: another steward holds what this one signed and has not",
        );
        this.deps.machines.dispatch(zoneId, { type: "lost", isDeleted: false });
    }
  }

  private compareAhead(zoneId: string): void {
    const held = this.ahead.get(zoneId);
    if (held === undefined) return;
    this.ahead.delete(zoneId);
    for (const told of held) this.take(zoneId, told);
  }

  private compare(zoneId: string, told: ToldHead): Comparison {
    const { replicated, machines } = this.deps;
    const row = replicated.findReplicated(zoneId);
    const state = machines.find(zoneId);
    if (row === undefined || !row.complete || state === undefined || state.durable.isForeign) {
      return "ahead";
    }
    if (told.head.steward === state.self) return this.compareOwn(row, state, told);
    if (told.head.seq > row.seq || told.n > row.n) return "ahead";
    if (primaryOf(state, told.head.epoch) !== told.head.steward) return "fits";
    const conflict = findHeadConflict(this.deps, row, told);
    return conflict === "open" ? "ahead" : conflict;
  }

  /** What this steward signed in its own epoch it must have. */
  private compareOwn(row: ReplicatedZoneRow, state: ZoneState, { head }: ToldHead): Comparison {
    const isOfNow = isPrimary(state) && head.epoch === findEpoch(state)?.epoch;
    if (!isOfNow || state.durable.isLost) return "fits";
    if (head.seq > row.seq) return "forgotten";
    const hash = this.deps.zones.findEntryHash(row.zoneId, head.seq);
    return hash === undefined || hash === head.hash ? "fits" : "forgotten";
  }

  private prove(zoneId: string, told: ToldHead, documents: readonly object[]): void {
    const { store, evidence, evidenceMax, machines, now, log } = this.deps;
    const { steward: signer, epoch, seq } = told.head;
    const row = {
      ...{ zoneId, kind: "HEADS", signer, epoch, seq, n: told.n, at: now() },
      documents: JSON.stringify(documents),
    };
    log.error({ zone: zoneId, signer, epoch, seq }, "ALARM: a steward signed two histories");
    store.write((write) => {
      evidence.insertEvidence(write, row, evidenceMax);
      machines.dispatch(zoneId, { type: "halt", reason: "EVIDENCE" });
    });
  }
}

/** Two heads of one signer and epoch, of one seq with two hashes. */
function isForkOf(one: PrimaryHead, other: PrimaryHead): boolean {
  const isOne = one.steward === other.steward && one.epoch === other.epoch;
  return isOne && one.seq === other.seq && one.hash !== other.hash;
}

function primaryOf({ durable }: ZoneState, epoch: number): string | undefined {
  return durable.epochs.find((one) => one.epoch === epoch)?.primary;
}
