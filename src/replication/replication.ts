import type { Logger } from "../base/log.ts";
import type { NodeKey } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import type { Store } from "../store/database.ts";
import { prepareCommitQueries } from "../store/replication/commits.ts";
import { prepareEvidenceQueries } from "../store/replication/evidence.ts";
import { prepareReplicatedZoneQueries } from "../store/replication/replicated-zones.ts";
import type { ZoneQueries } from "../store/zones/zones.ts";
import type { EnvelopeStoreDeps } from "../zones/hosting/host.ts";
import type { ReplicationConfig } from "./config.ts";
import { findRefusal } from "./core/charge.ts";
import { isPrimary } from "./core/zone.ts";
import { EnvelopeExchange } from "./exchange/envelope-exchange.ts";
import { admitLinkBody } from "./links/admission.ts";
import { LinkHub } from "./links/link-hub.ts";
import { Adoption } from "./machines/adoption.ts";
import { StewardDirectory } from "./machines/directory.ts";
import { ZoneMachines } from "./machines/zone-machines.ts";

export interface ReplicationDeps extends Omit<EnvelopeStoreDeps, "ownNodeId"> {
  readonly config: { readonly replication: ReplicationConfig; readonly name: string };
  readonly key: NodeKey;
  readonly store: Store;
  readonly queries: ZoneQueries;
  readonly verifier: SignatureVerifier;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

/** The replicated zones of this steward in numbers, for `/readyz`. */
export interface ReplicationHealth {
  readonly zones: number;
  /** Of these, with this steward as the primary. */
  readonly primary: number;
  /** Of these, not in charge of messages or money. */
  readonly not_in_charge: number;
  readonly halted: number;
  /** Sessions with other stewards, one each way. */
  readonly links: number;
}

/** What this steward does for zones that several stewards hold; `docs/protocol.md` §9. */
export class Replication implements AsyncDisposable {
  readonly hub: LinkHub;
  readonly machines: ZoneMachines;
  readonly directory: StewardDirectory;
  readonly adoption: Adoption;
  readonly exchange: EnvelopeExchange;
  private readonly deps: ReplicationDeps;
  private isStarted = false;

  constructor(deps: ReplicationDeps) {
    const { store, queries, verifier, key } = deps;
    const config = deps.config.replication;
    const ownNodeId = key.nodeId;
    const replicated = prepareReplicatedZoneQueries(store);
    const shared = { ...deps, config, ownNodeId, replicated, zones: queries };
    this.deps = deps;
    this.hub = new LinkHub({
      ...shared,
      name: deps.config.name,
      leaseMsOf: (nodeId) => this.directory.leaseMsOf(nodeId),
      addressesOf: (nodeId) => this.directory.addressesOf(nodeId),
      admit: (link, message) => {
        const findZone = (zoneId: string) => this.directory.find(zoneId);
        return admitLinkBody({ config, verifier, findZone }, link, message);
      },
    });
    this.machines = new ZoneMachines({ ...shared, commits: prepareCommitQueries(store) });
    const onChange = () => {
      if (this.isStarted) this.hub.reach(this.directory.listReach());
    };
    this.directory = new StewardDirectory({ ...shared, machines: this.machines, onChange });
    const parts = { ...shared, machines: this.machines, directory: this.directory, hub: this.hub };
    this.adoption = new Adoption({ ...parts, evidence: prepareEvidenceQueries(store) });
    this.exchange = new EnvelopeExchange({ ...parts, adoption: this.adoption });
  }

  /** Begins to dial and to go by time. */
  start(): void {
    this.isStarted = true;
    this.machines.start();
  }

  /** Tells whether a node is a steward of a zone that this one shares with it. */
  isSteward(nodeId: string): boolean {
    return this.directory.isSteward(nodeId);
  }

  health(): ReplicationHealth {
    const nowMs = this.deps.monotonicMs();
    const states = this.machines.list().flatMap((zoneId) => this.machines.find(zoneId) ?? []);
    const primary = states.filter(isPrimary);
    const isRefused = (state: (typeof states)[number]) =>
      (findRefusal(state, "other", nowMs) ?? findRefusal(state, "money", nowMs)) !== undefined;
    return {
      zones: states.length,
      primary: primary.length,
      not_in_charge: primary.filter(isRefused).length,
      halted: states.filter(({ durable }) => durable.halted !== undefined).length,
      links: this.hub.table.list().length,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isStarted = false;
    this.machines.stop();
    this.hub.stop();
  }
}
