import { StewardError, withoutDetail } from "../errors.ts";
import type { Store } from "../store/database.ts";
import type { PeerQueries } from "../store/peer-queries.ts";
import type { Connection } from "../transport/transport.ts";
import type { DecodedEnvelope } from "../wire/envelope.ts";
import { createId } from "../wire/ids.ts";
import type { AtlasMessage, DisconnectReason } from "../wire/messages.ts";
import { Admission } from "./admission.ts";
import type { LimitsConfig } from "./limits.ts";
import { OutboundBudget } from "./outbound-budget.ts";
import type { Peer } from "./peer.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { Session, type SessionDeps } from "./session.ts";

export interface SessionsDeps extends Pick<SessionDeps, "config" | "handshake" | "log" | "nowMs"> {
  readonly store: Store;
  readonly peers: PeerQueries;
  readonly limits: LimitsConfig;
  readonly onOpen: (session: Session, peer: Peer) => void;
  readonly onMessage: (session: Session, peer: Peer, envelope: DecodedEnvelope) => void;
  /** The peer acknowledges what it was sent; acks come at the pace of deliveries, uncounted. */
  readonly onAck: (peer: Peer, messageId: string) => void;
  readonly onClosed: (session: Session, peer: Peer) => void;
}

/** All sessions of the steward, by connection and by node id; `docs/protocol.md` §4. */
export class Sessions {
  private readonly deps: SessionsDeps;
  private readonly admission: Admission;
  private readonly limiter: RateLimiter;
  /** One for all sessions. */
  private readonly sessionDeps: SessionDeps;
  private readonly all = new Set<Session>();
  private readonly byNode = new Map<string, Session[]>();

  constructor(deps: SessionsDeps) {
    this.deps = deps;
    const { config } = deps;
    this.admission = new Admission(
      {
        unauthenticatedPerAddress: config.max_unauthenticated_per_address,
        unauthenticatedTotal: config.max_unauthenticated,
        failuresPerMinute: config.handshake_failures_per_minute,
        connectionsTotal: config.max_connections,
      },
      deps.nowMs,
    );
    this.limiter = new RateLimiter(deps.limits, deps.nowMs);
    this.sessionDeps = {
      ...deps,
      outbound: new OutboundBudget(config.outbound_total_bytes_max),
      gate: (run, abort) => deps.store.gate(run, abort),
      admit: (of, peer) => this.admit(of, peer),
      onMessage: (of, peer, envelope) => this.onMessage(of, peer, envelope),
      onExtra: (peer, payloadBytes) => this.count(peer, payloadBytes),
      onClosed: (of, peer) => this.remove(of, peer),
    };
  }

  /** Takes a transport's new connection. */
  accept(connection: Connection): void {
    const ticket = this.admission.enter(connection.remoteAddress);
    const session = new Session(
      connection,
      ticket ?? { verified() {}, closed() {} },
      this.sessionDeps,
    );
    this.all.add(session);
    if (ticket === undefined) {
      connection.stopReading();
      session.refuse(
        new StewardError(4001, {
          reason: "OVERLOADED",
          message: "Too many connections or failed handshakes from this address.",
        }),
      );
    }
  }

  /** Tells whether a node has a verified session. */
  isOnline(nodeId: string): boolean {
    return this.byNode.has(nodeId);
  }

  /** Sends a message body to every session of a node; tells whether there was one. */
  push(nodeId: string, body: object, replyTo?: string): boolean {
    const sessions = this.byNode.get(nodeId) ?? [];
    for (const session of sessions) this.sendBody(session, nodeId, body, replyTo);
    return sessions.length > 0;
  }

  /** Sends a message body on one session. */
  sendBody(session: Session, nodeId: string, body: object, replyTo?: string): void {
    const isError = (body as { readonly type?: unknown }).type === "zone.error";
    const withDetail = !isError || (session.peer?.capabilities.has("error_detail") ?? false);
    session.send("message", {
      id: createId("msg"),
      from: this.deps.handshake.key.nodeId,
      to: nodeId,
      timestamp: this.deps.handshake.now(),
      reply_to: replyTo,
      body: withDetail ? body : withoutDetail(body),
    });
  }

  /** Passes another node's message on, unchanged; tells whether there was a session. */
  forward(nodeId: string, message: AtlasMessage): boolean {
    const sessions = this.byNode.get(nodeId) ?? [];
    for (const session of sessions) session.send("message", { ...message });
    return sessions.length > 0;
  }

  /** Bytes that the fullest of a node's connections has yet to send. */
  backlogOf(nodeId: string): number {
    const sessions = this.byNode.get(nodeId) ?? [];
    return Math.max(0, ...sessions.map(({ connection }) => connection.bufferedBytes));
  }

  /** The verified sessions, newest last. */
  list(): Session[] {
    return [...this.all].filter((session) => session.peer !== undefined);
  }

  /** Finds a session by its id. */
  find(sessionId: string): Session | undefined {
    return this.list().find((session) => session.id === sessionId);
  }

  /** Disconnects everyone. */
  disconnectAll(reason: DisconnectReason): void {
    for (const session of [...this.all]) session.disconnect(reason);
  }

  /** Forgets a node's violations, as lifting its ban does. */
  forgive(nodeId: string): void {
    this.limiter.reset(nodeId);
  }

  private admit(session: Session, peer: Peer): void {
    const { peers, store, handshake } = this.deps;
    if (peers.findBan(peer.nodeId, handshake.now())) throw toBanError(peers, peer, handshake.now());
    if (!peer.bound && peers.isBound(peer.nodeId)) {
      throw new StewardError(1002, {
        reason: "PLAIN_REFUSED",
        message: "This node id verified bound before; the plain form is refused.",
      });
    }
    // Opens the turn that `enter` waits for, even where nothing is to be noted.
    store.write(() => {
      if (peer.bound) peers.putBound(peer.nodeId, handshake.now());
    });
    // What was queued earlier in this turn would otherwise reach the session before its VerifyAck.
    store.gate(() => this.enter(session, peer));
  }

  private enter(session: Session, peer: Peer): void {
    if (session.peer === undefined) return; // gone within the turn
    const sessions = this.byNode.get(peer.nodeId) ?? [];
    this.byNode.set(peer.nodeId, [...sessions, session]);
    if (sessions.length >= this.deps.config.sessions_per_node) sessions[0]?.disconnect("replaced");
    this.deps.onOpen(session, peer);
  }

  private onMessage(session: Session, peer: Peer, envelope: DecodedEnvelope): void {
    this.count(peer, envelope.payload.length);
    this.deps.onMessage(session, peer, envelope);
  }

  /** Counts one message against its node; throws 4001 over a limit or while banned. */
  private count(peer: Peer, payloadBytes: number): void {
    const { peers, store, handshake, limits } = this.deps;
    const now = handshake.now();
    if (peers.findBan(peer.nodeId, now)) throw toBanError(peers, peer, now);
    const verdict = this.limiter.take(peer.nodeId, peer.trust, payloadBytes);
    if (verdict.allowed) return;
    if (verdict.banned) {
      const expiresAt = now + limits.ban_secs;
      const ban = { nodeId: peer.nodeId, reason: "rate limit", createdAt: now, expiresAt };
      store.write(() => peers.putBan(ban));
      this.limiter.reset(peer.nodeId);
    }
    throw new StewardError(4001, { retryAfterMs: verdict.retryAfterMs });
  }

  private remove(session: Session, peer: Peer | undefined): void {
    this.all.delete(session);
    if (peer === undefined) return;
    const left = (this.byNode.get(peer.nodeId) ?? []).filter((other) => other !== session);
    if (left.length === 0) this.byNode.delete(peer.nodeId);
    else this.byNode.set(peer.nodeId, left);
    this.deps.onClosed(session, peer);
  }
}

function toBanError(peers: PeerQueries, peer: Peer, now: number): StewardError {
  const ban = peers.findBan(peer.nodeId, now);
  const retryAfterMs = Math.max(0, ((ban?.expiresAt ?? now) - now) * 1000);
  return new StewardError(4001, { reason: "BANNED", retryAfterMs, message: "banned" });
}
