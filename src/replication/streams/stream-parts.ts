import type { Logger } from "../../base/log.ts";
import type { StewardError } from "../../errors.ts";
import type { NodeKey } from "../../identity/node-key.ts";
import type { SignatureVerifier } from "../../identity/verify.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Store } from "../../store/database.ts";
import { prepareReplicaRequestQueries } from "../../store/replication/replica-requests.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { toGenesisHash } from "../../zones/log/log.ts";
import type { ReplicationConfig } from "../config.ts";
import type { ChargeRefusal } from "../core/charge.ts";
import type { LinkHub } from "../links/link-hub.ts";
import type { ZoneMachines } from "../machines/zone-machines.ts";
import type { ApplyDeps } from "../records/apply.ts";
import { type CommitLog, sha256Chain } from "../records/commit-log.ts";
import { listRecords, type RecordPlace } from "../records/listing.ts";

export interface StreamsDeps {
  readonly store: Store;
  readonly zones: ZoneQueries;
  readonly commitLog: CommitLog;
  readonly key: NodeKey;
  readonly verifier: SignatureVerifier;
  readonly log: Logger;
  /** Unix seconds. */
  readonly now: () => number;
  readonly config: ReplicationConfig;
  readonly machines: ZoneMachines;
  readonly hub: LinkHub;
  /** The refusal of a code that says which other stewards there are; undefined for other codes. */
  readonly findSentOn: (
    zoneId: string,
    code: StewardError["code"],
    reason: ChargeRefusal | undefined,
  ) => StewardError | undefined;
  /** Takes envelopes that stood beside a refusal. */
  readonly takeEnvelopes: (zoneId: string, envelopes: readonly JsonObject[]) => void;
  /** Hears of each request record that comes, before it is put. */
  readonly onRequest: NonNullable<ApplyDeps["onRequest"]>;
}

/** What serving and following a zone read it by. */
export function toStreamParts(deps: StreamsDeps) {
  const { store, zones, commitLog, now, machines, onRequest } = deps;
  const replicaRequests = prepareReplicaRequestQueries(store);
  const reading = { ...commitLog.reading, replicaRequests, onRequest };
  return {
    ...{ store, zones, now, reading, hash: sha256Chain, genesisOf: toGenesisHash },
    commits: commitLog.commits,
    replicated: commitLog.zones,
    primaryOf: (zoneId: string, of: number) =>
      machines.knownEpochs(zoneId).find(({ epoch }) => epoch.epoch === of)?.epoch.primary,
    listRecords: (zoneId: string, after: RecordPlace | undefined, limit: number) =>
      listRecords(reading, zoneId, after, limit),
  };
}

export type StreamParts = ReturnType<typeof toStreamParts>;
