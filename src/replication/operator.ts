import { join } from "node:path";
import type { Logger } from "../base/log.ts";
import { StewardError } from "../errors.ts";
import { loadCryptoKeyPair } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import type { Store } from "../store/database.ts";
import { prepareAwaitedVoterQueries } from "../store/replication/awaited-voters.ts";
import { prepareEvidenceQueries, prepareQuarantineQueries } from "../store/replication/evidence.ts";
import type { EnvelopeStoreDeps } from "../zones/hosting/host.ts";
import type { ReplicationConfig } from "./config.ts";
import { CreatorDesk, type SignedRef } from "./creator/creator-desk.ts";
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

/** A steward that is to follow a zone, as it is signed. */
type Learner = Pick<SignedRef, "node_id" | "entrypoint" | "role">;

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
    const awaited = prepareAwaitedVoterQueries(store);
    this.voters = new VoterWatch({
      awaited: {
        list: awaited.listAwaited,
        insert: (voter) => store.write((write) => awaited.insertAwaited(write, voter)),
        remove: (voter) => store.write((write) => awaited.deleteAwaited(write, voter)),
      },
      desk: this.creator,
      find: (zoneId) => this.desk.find(zoneId),
      log,
    });
  }

  /**
   * Signs an epoch that names a learner, which becomes a voter once it is ready; who is a voter already stays one.
   * @throws StewardError `conflict` where it is the primary
   */
  addLearner(zoneId: string, learner: Learner): ReturnType<CreatorDesk["changeStewards"]> {
    return this.voters.add({ zoneId, nodeId: learner.node_id }, () =>
      this.creator.changeStewards(zoneId, (set) => withLearner(set, learner)),
    );
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

function withLearner(set: readonly SignedRef[], learner: Learner): readonly SignedRef[] {
  const known = set.find((ref) => ref.node_id === learner.node_id);
  if (known?.role === "primary") {
    throw new StewardError("conflict", { message: "This node is the zone's primary." });
  }
  const voter = known?.voter ?? false;
  return [...set.filter((ref) => ref.node_id !== learner.node_id), { ...known, ...learner, voter }];
}
