import type { Server } from "node:http";
import type { Present } from "./events/present.ts";
import type { Foundation } from "./foundation.ts";
import { isSignedBySender } from "./identity/message-signature.ts";
import type { Replication } from "./replication/replication.ts";
import { AnswerRoom } from "./routing/answer-room.ts";
import { DirectMessages } from "./routing/direct-messages.ts";
import { MessageMeter } from "./routing/message-meter.ts";
import { type RouterDeps, routeMessage } from "./routing/router.ts";
import { SeenMessages } from "./routing/seen-messages.ts";
import { takeForwarded } from "./routing/take-forwarded.ts";
import { Compression } from "./session/compression.ts";
import { type SessionEvents, Sessions } from "./session/sessions.ts";
import { prepareDirectMessageQueries } from "./store/zones/direct-messages.ts";
import { createAddressExemption, createClientAddressResolver } from "./transport/client-address.ts";
import { WebSocketTransport } from "./transport/websocket.ts";
import type { OperatorTrust } from "./trust/operator-trust.ts";
import { createAuthorityCheck } from "./wire/authority.ts";
import { createZoneHandlers, type ZoneService } from "./zone-service.ts";

/** Makes room for sessions; there are none before `serveWire`. */
export function createSessions(
  foundation: Foundation,
  trust: Pick<OperatorTrust, "judge">,
): Sessions {
  const { config, key, verifier, now } = foundation;
  const { public_url } = config.http;
  const isOwnAuthority = public_url === undefined ? undefined : createAuthorityCheck(public_url);
  const compression = new Compression(config.wire.compression);
  const offersBrotli = compression.isOffered;
  const maxClockDriftSecs = config.wire.max_clock_drift_secs;
  return new Sessions({
    ...foundation,
    config: config.wire,
    compression,
    takesLinks: config.replication.allow.length > 0,
    limits: config.limits,
    handshake: {
      key,
      name: config.name,
      verifier,
      now,
      maxClockDriftSecs,
      isOwnAuthority,
      offersBrotli,
    },
    judgeOperator: (claim) => trust.judge(claim),
    isExempt: createAddressExemption(config.http.trusted_proxies),
  });
}

/** What serving the wire needs beside what all stand on. */
export interface WireParts {
  readonly sessions: Sessions;
  readonly zones: ZoneService;
  readonly replication: Pick<Replication, "hub" | "isSteward" | "forwarding">;
  readonly server: Server;
  /** Where agents reach the steward. */
  readonly wireUrl: string;
  /** Hears of each node that has verified. */
  readonly noteSession: (nodeId: string) => void;
  /** Who is connected, for the feed. */
  readonly present: Pick<Present, "noteOpened" | "noteClosed">;
}

/** What takes connections, and the messages from node to node. */
export interface WireService {
  readonly transport: WebSocketTransport;
  readonly direct: DirectMessages;
  readonly meter: MessageMeter;
}

/** Takes connections from now on; what they bring is routed to the zones' handlers or to other nodes. */
export function serveWire(foundation: Foundation, parts: WireParts): WireService {
  const { config, store, now, counters } = foundation;
  const { sessions, server, wireUrl } = parts;
  const { direct: carriage } = parts.replication.forwarding;
  const direct = new DirectMessages({
    store,
    queries: prepareDirectMessageQueries(store),
    now,
    counters,
    limits: config.zones,
    forward: (nodeId, message) => sessions.forward(nodeId, message) || carriage.send(message),
    isOnline: (nodeId) => sessions.isOnline(nodeId) || carriage.isPresent(nodeId),
    backlogOf: (nodeId) => sessions.backlogOf(nodeId),
  });
  const router = createRouter(foundation, parts, direct);
  const { queries } = parts.zones;
  parts.replication.forwarding.serve({
    take: (forwarded) => {
      const signs = (zoneId: string, nodeId: string) => queries.signs(zoneId, nodeId);
      takeForwarded({ ...router, signs }, forwarded);
    },
    deliverWaiting: (nodeId) => store.gate(() => direct.deliverWaiting(nodeId)),
    acknowledged: (receiver, messageId) => direct.acknowledge(receiver, messageId),
  });
  const transport = new WebSocketTransport({
    server,
    path: config.wire.path,
    resolveAddress: createClientAddressResolver(config.http.trusted_proxies),
    urls: () => [wireUrl],
    onConnection: sessions.serve(createEvents(router, parts)),
    inboundBytesMax: config.wire.inbound_total_bytes_max,
    turns: config.wire,
  });
  return { transport, direct, meter: router.meter };
}

function createRouter(
  { config, key, store, gate, peers, verifier, now, monotonicMs, counters, log, spans }: Foundation,
  { sessions, zones, replication }: WireParts,
  direct: DirectMessages,
): RouterDeps {
  return {
    store,
    gate,
    heldAcks: new Map(),
    meter: new MessageMeter(monotonicMs, spans),
    seen: new SeenMessages(peers, now),
    sessions,
    handlers: createZoneHandlers(zones),
    answers: new AnswerRoom({ counters, store, backlogBytesMax: config.wire.backlog_bytes_max }),
    direct,
    links: replication.hub,
    replicas: replication.forwarding.replicas,
    verifier: (message) => isSignedBySender(verifier, message),
    ownNodeId: key.nodeId,
    now,
    maxClockDriftSecs: config.wire.max_clock_drift_secs,
    log,
  };
}

function createEvents(
  router: RouterDeps,
  { zones, replication, noteSession, present }: WireParts,
): SessionEvents {
  const { store, sessions, direct } = router;
  return {
    onOpen: (session, { nodeId, name }) => {
      noteSession(nodeId);
      present.noteOpened({ session_id: session.id, node_id: nodeId, name });
      const outlet = { id: session.id, nodeId, deliver: session.deliver.bind(session) };
      // What this turn delivers to its zones already precedes the session's VerifyAck.
      store.gate(() => {
        if (session.peer === undefined || session.isLink) return;
        zones.rooms.open(outlet, zones.queries.zonesOfMember(nodeId));
      });
      // After the VerifyAck, which is queued once this returns.
      process.nextTick(() => store.gate(() => direct.deliverWaiting(nodeId)));
    },
    isSteward: (nodeId) => replication.isSteward(nodeId),
    onAck: (peer, messageId) => {
      direct.acknowledge(peer.nodeId, messageId);
      replication.forwarding.direct.noteAck(peer.nodeId, messageId);
    },
    onMessage: (session, peer, envelope) => routeMessage(router, session, peer, envelope),
    onClosed: (session, peer) => {
      present.noteClosed(session.id);
      zones.rooms.close(session.id);
      const isAway = !sessions.isOnline(peer.nodeId);
      if (isAway && !replication.forwarding.direct.isPresent(peer.nodeId))
        direct.forget(peer.nodeId);
    },
  };
}
