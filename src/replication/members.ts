import type { JsonObject } from "../protocol/json.ts";
import type { Store } from "../store/database.ts";
import { prepareEscrowZoneQuery } from "../store/replication/escrow-zones.ts";
import { prepareReplicaRequestQueries } from "../store/replication/replica-requests.ts";
import type { ProviderQueries } from "../store/zones/providers.ts";
import type { RequestQueries } from "../store/zones/requests.ts";
import type { ZoneQueries } from "../store/zones/zones.ts";
import type { AtlasMessage } from "../wire/messages.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { Rooms } from "../zones/log/rooms.ts";
import type { ReplicationConfig } from "./config.ts";
import { Forwarding } from "./forward/forwarding.ts";
import type { GateDriver } from "./gate/gate-driver.ts";
import type { SecondGate } from "./gate/second-gate.ts";
import type { LinkHub } from "./links/link-hub.ts";
import type { StewardDirectory } from "./machines/directory.ts";
import type { ZoneMachines } from "./machines/zone-machines.ts";

/** What serving members needs of the steward. */
export interface MembersDeps {
  readonly config: { readonly replication: ReplicationConfig };
  readonly store: Store;
  readonly gate: SecondGate;
  readonly queries: ZoneQueries;
  readonly requests: Pick<RequestQueries, "findNewestRequest">;
  readonly providers: Pick<ProviderQueries, "listProviderRuns">;
  readonly rooms: Rooms;
  /** Sends a body to every session that a node has at this steward; the caller holds the gates. */
  readonly forwardHere: (nodeId: string, message: AtlasMessage) => boolean;
  readonly pushHere: (nodeId: string, body: StewardBody, replyTo: string | undefined) => void;
}

export interface MembersParts {
  readonly hub: LinkHub;
  readonly machines: ZoneMachines;
  readonly directory: StewardDirectory;
  readonly driver: GateDriver;
}

/** Puts together what serves members at any steward of their zones; `docs/protocol.md` §9.10. */
export function createForwarding(deps: MembersDeps, parts: MembersParts): Forwarding {
  const { store, queries, requests, providers } = deps;
  const { hub, machines, directory, driver } = parts;
  const { forwards_per_link, forward_bytes_per_link, forward_timeout_ms } = deps.config.replication;
  const copied = prepareReplicaRequestQueries(store);
  return new Forwarding({
    ...{ ...deps, driver, links: hub.table, desk: hub.desk },
    limits: {
      messagesMax: forwards_per_link,
      bytesMax: forward_bytes_per_link,
      answerMs: forward_timeout_ms,
    },
    stewardsOf: (zoneId) => machines.knownEpochs(zoneId).at(-1),
    listShared: (nodeId) => directory.listShared(nodeId),
    findRecord: (...key) => {
      const stored = copied.findReplicaRequest(...key);
      return stored && (JSON.parse(stored.value) as JsonObject);
    },
    findRequestZone: (nodeId, requestId) =>
      requests.findNewestRequest(nodeId, requestId)?.zoneId ??
      copied.findNewestReplicaRequest(nodeId, requestId)?.zoneId,
    findRunZone: (invokeId) => providers.listProviderRuns(invokeId)[0]?.zoneId,
    findEscrowZone: prepareEscrowZoneQuery(store),
    zonesOfMember: (nodeId) => queries.zonesOfMember(nodeId),
    isMember: (zoneId, nodeId) => queries.findRole(zoneId, nodeId) !== undefined,
  });
}
