import type { Logger } from "../base/log.ts";
import type { NodeKey } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import type { Store } from "../store/database.ts";
import type { ReplicationConfig } from "./config.ts";
import { admitLinkBody } from "./links/admission.ts";
import { LinkHub } from "./links/link-hub.ts";

export interface ReplicationDeps {
  readonly config: { readonly replication: ReplicationConfig; readonly name: string };
  readonly key: NodeKey;
  readonly store: Store;
  readonly verifier: SignatureVerifier;
  readonly log: Logger;
  /** Unix seconds. */
  readonly now: () => number;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

const LEASE_MS_DEFAULT = 10_000;

/** What this steward does for zones that several stewards hold; `docs/protocol.md` §9. */
export class Replication implements AsyncDisposable {
  readonly hub: LinkHub;

  constructor(deps: ReplicationDeps) {
    const config = deps.config.replication;
    const ownNodeId = deps.key.nodeId;
    const findZone = () => undefined;
    this.hub = new LinkHub({
      ...deps,
      config,
      name: deps.config.name,
      leaseMsOf: () => LEASE_MS_DEFAULT,
      addressesOf: (nodeId) => (config.peers[nodeId] === undefined ? [] : [config.peers[nodeId]]),
      admit: (link, message) =>
        admitLinkBody({ config, verifier: deps.verifier, ownNodeId, findZone }, link, message),
    });
  }

  /** Tells whether a node is a steward of a zone that this one shares with it. */
  isSteward(_nodeId: string): boolean {
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hub.stop();
  }
}
