import { join } from "node:path";
import type { Logger } from "../base/log.ts";
import { loadCryptoKeyPair } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import type { Store } from "../store/database.ts";
import { prepareAwaitedVoterQueries } from "../store/replication/awaited-voters.ts";
import { prepareEvidenceQueries, prepareQuarantineQueries } from "../store/replication/evidence.ts";
import type { EnvelopeStoreDeps } from "../zones/hosting/host.ts";
import type { ReplicationConfig } from "./config.ts";
import { CreatorDesk } from "./creator/creator-desk.ts";
import { openEnvelopeFiles } from "./creator/envelope-files.ts";
import { VoterWatch } from "./creator/voter-watch.ts";
import { moveToBranch } from "./machines/branch.ts";
import type { Replication } from "./replication.ts";
import { ReplicaDesk } from "./status/replica-desk.ts";

/** The folder of the data directory that holds what the creator key signed last of each zone. */
const ENVELOPES_FOLDER = "creator-envelopes";

export interface ReplicaOperatorDeps extends EnvelopeStoreDeps {
  readonly replication: Pick<Replication, "machines" | "hub" | "directory" | "streams">;
  readonly config: { readonly replication: ReplicationConfig };
  readonly store: Store;
  readonly verifier: SignatureVerifier;
  readonly monotonicMs: () => number;
  readonly log: Logger;
  readonly key: { readonly nodeId: string };
  readonly wireUrl: string;
  readonly dataDir: { readonly path: string; readonly creatorKey: string };
}

/** What an operator may see and do of replicated zones; `docs/protocol.md` §9. */
export class ReplicaOperator implements Disposable {
  readonly desk: ReplicaDesk;
  readonly creator: CreatorDesk;
  readonly voters: VoterWatch;
  private readonly deps: ReplicaOperatorDeps;

  constructor(deps: ReplicaOperatorDeps) {
    this.deps = deps;
    const { replication, store, dataDir, log } = deps;
    this.desk = new ReplicaDesk({
      ...deps,
      machines: replication.machines,
      zones: deps.queries,
      evidence: prepareEvidenceQueries(store),
      quarantine: prepareQuarantineQueries(store),
      roomMade: () => replication.streams.subscribing.follower.roomMade(),
      isConnected: (nodeId) => replication.hub.table.isOpen(nodeId),
      findUrl: (nodeId) => replication.directory.addressesOf(nodeId)[0],
    });
    this.creator = new CreatorDesk({
      loadKey: () => loadCryptoKeyPair(dataDir.creatorKey),
      envelopes: openEnvelopeFiles(join(dataDir.path, ENVELOPES_FOLDER)),
      wireUrl: deps.wireUrl,
      ownNodeId: deps.key.nodeId,
      allowInsecure: deps.config.replication.allow_insecure,
    });
    this.voters = new VoterWatch({
      store,
      awaited: prepareAwaitedVoterQueries(store),
      desk: this.creator,
      find: (zoneId) => this.desk.find(zoneId),
      log,
    });
  }

  /**
   * Has a zone go by the other one of two envelopes of one epoch, and by what follows it.
   * @throws StewardError `not_found`, `conflict`
   */
  moveToBranch(zoneId: string, hash: string): void {
    const { deps } = this;
    const evidence = prepareEvidenceQueries(deps.store);
    const { machines } = deps.replication;
    moveToBranch({ ...deps, machines, evidence }, { zoneId, hash });
  }

  [Symbol.dispose](): void {
    this.voters[Symbol.dispose]();
  }
}
