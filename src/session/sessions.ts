import { StewardError, withoutDetail } from "../errors.ts";
import { createId } from "../protocol/ids.ts";
import type { Store } from "../store/database.ts";
import type { PeerQueries } from "../store/zones/peers.ts";
import type { Connection } from "../transport/transport.ts";
import type { DecodedEnvelope } from "../wire/envelope.ts";
import type { AtlasMessage, DisconnectReason } from "../wire/messages.ts";
import { Admission, type AdmissionTicket } from "./admission.ts";
import { carriesLinkBody } from "./decode-frame.ts";
import type { LimitsConfig } from "./limits.ts";
import { OutboundBudget } from "./outbound-budget.ts";
import type { Peer } from "./peer.ts";
import { Session, type SessionDeps } from "./session.ts";
import { SessionStats } from "./session-stats.ts";
import { Traffic } from "./traffic.ts";

export interface SessionsDeps
  extends Pick<
    SessionDeps,
    | "config"
    | "takesLinks"
    | "handshake"
    | "judgeOperator"
    | "compression"
    | "log"
    | "nowMs"
    | "monotonicMs"
    | "delay"
    | "counters"
  > {
  readonly store: Store;
  readonly peers: PeerQueries;
  readonly limits: LimitsConfig;
  /** Tells whether limits on one address do not apply to an address. */
  readonly isExempt: (address: string) => boolean;
}

/** Who hears what sessions bring. */
export interface SessionEvents {
  readonly onOpen: (session: Session, peer: Peer) => void;
  readonly onMessage: (session: Session, peer: Peer, envelope: DecodedEnvelope) => void;
  /** Tells whether a node is a steward of a zone that this one shares with it. */
  readonly isSteward: (nodeId: string) => boolean;
  /** The peer acknowledges what it was sent; acks come at the pace of deliveries, uncounted. */
  readonly onAck: (peer: Peer, messageId: string) => void;
  readonly onClosed: (session: Session, peer: Peer) => void;
}

/** Sessions at one moment. */
export interface SessionLevels {
  readonly verified: number;
  /** Of other stewards. */
  readonly links: number;
  /** Connections whose handshake is not over. */
  readonly unverified: number;
  /** Of all of them, and of the fullest. */
  readonly unsentBytes: number;
  readonly unsentBytesMax: number;
}

/** Of a socket that is refused. */
const NO_TICKET: AdmissionTicket = {
  verified() {},
  exempt() {},
  closed() {},
  takeNewNode: () => 0,
  takeBytes: () => 0,
};

/** All sessions of the steward, by connection and by node id; `docs/protocol.md` §4. */
export class Sessions {
  readonly stats = new SessionStats();
  private readonly deps: SessionsDeps;
  private readonly admission: Admission;
  private readonly traffic: Traffic;
  private readonly outbound: OutboundBudget;
  /** Of stewards, beyond what a node may have: a link, or what ends the oldest once it shows that it is none. */
  private readonly undecided = new Set<Session>();
  private readonly all = new Set<Session>();
  private readonly byNode = new Map<string, Session[]>();

  constructor(deps: SessionsDeps) {
    this.deps = deps;
    this.admission = new Admission(deps);
    this.traffic = new Traffic({ ...deps, now: deps.handshake.now });
    this.outbound = new OutboundBudget(deps.config.outbound_total_bytes_max);
  }

  /** Begins to take sessions; returns what takes a transport's new connection. */
  serve(events: SessionEvents): (connection: Connection) => void {
    const { deps, outbound, stats } = this;
    const shared: SessionDeps = {
      ...deps,
      outbound,
      stats,
      gate: (run, abort) => deps.store.gate(run, abort),
      admit: (of, peer, ticket) => this.admit(of, peer, ticket, events),
      assertNotBanned: (peer) => this.traffic.assertNotBanned(peer),
      count: (peer, ticket, arrival) => this.traffic.count(peer, ticket, arrival),
      isExempt: (peer, bytes) =>
        peer.bound && events.isSteward(peer.nodeId) && carriesLinkBody(bytes),
      onLink: (of, peer) => this.release(of, peer, events),
      onMessage: (of, peer, envelope) => {
        events.onMessage(of, peer, envelope);
        if (this.undecided.delete(of) && !of.isLink) this.replaceOldest(peer.nodeId);
      },
      onAck: events.onAck,
      onClosed: (of, peer) => this.remove(of, peer, events),
    };
    return (connection) => this.accept(connection, shared);
  }

  /** Tells whether a node has a verified session. */
  isOnline(nodeId: string): boolean {
    return this.byNode.has(nodeId);
  }

  /** Sends a message body to every session of a node; the caller holds the gate. Tells whether there was one. */
  push(nodeId: string, body: object, replyTo?: string): boolean {
    const sessions = this.byNode.get(nodeId) ?? [];
    for (const session of sessions) this.sendBody(session, nodeId, body, replyTo);
    return sessions.length > 0;
  }

  /** Sends a message body on one session; the caller holds the gate. */
  sendBody(session: Session, nodeId: string, body: object, replyTo?: string): void {
    const isError = (body as { readonly type?: unknown }).type === "zone.error";
    const withDetail = !isError || (session.peer?.capabilities.has("error_detail") ?? false);
    session.sendHeld("message", {
      id: createId("msg"),
      from: this.deps.handshake.key.nodeId,
      to: nodeId,
      timestamp: this.deps.handshake.now(),
      reply_to: replyTo,
      body: withDetail ? body : withoutDetail(body),
    });
  }

  /**
   * Passes another node's message on, unchanged; the caller holds the gate. Tells whether a session has
   * it, which one that does not read does not.
   */
  forward(nodeId: string, message: AtlasMessage): boolean {
    for (const session of this.byNode.get(nodeId) ?? []) session.forward({ ...message });
    return this.isOnline(nodeId);
  }

  /** Bytes that the fullest of a node's connections has yet to send. */
  backlogOf(nodeId: string): number {
    const sessions = this.byNode.get(nodeId) ?? [];
    return Math.max(0, ...sessions.map(({ connection }) => connection.bufferedBytes));
  }

  /** The verified sessions, newest last, without links. */
  list(): Session[] {
    return [...this.all].filter(({ peer, isLink }) => peer !== undefined && !isLink);
  }

  /** How many there are now, and what they have yet to send. */
  measure(): SessionLevels {
    let [verified, links, unsentBytes, unsentBytesMax] = [0, 0, 0, 0];
    for (const { peer, isLink, connection } of this.all) {
      if (isLink) links++;
      else if (peer !== undefined) verified++;
      unsentBytes += connection.bufferedBytes;
      unsentBytesMax = Math.max(unsentBytesMax, connection.bufferedBytes);
    }
    const unverified = this.all.size - verified - links;
    return { verified, links, unverified, unsentBytes, unsentBytesMax };
  }

  /** Finds a session by its id. */
  find(sessionId: string): Session | undefined {
    return this.list().find((session) => session.id === sessionId);
  }

  /** Disconnects everyone. */
  disconnectAll(reason: DisconnectReason): void {
    for (const session of [...this.all]) session.disconnect(reason);
  }

  /** Ends a banned node's sessions, and refuses it until then, in Unix seconds; the ban is stored already. */
  ban(nodeId: string, endsAt: number): void {
    this.traffic.noteBan(nodeId, endsAt);
    for (const session of this.byNode.get(nodeId) ?? []) {
      if (!session.isLink) session.disconnect("banned", "The operator banned this node.");
    }
  }

  /** Forgets a node's ban and violations, as lifting its ban does. */
  forgive(nodeId: string): void {
    this.traffic.forgive(nodeId);
  }

  private accept(connection: Connection, shared: SessionDeps): void {
    this.stats.accepted++;
    const ticket = this.admission.enter(connection.remoteAddress);
    const session = new Session(connection, ticket ?? NO_TICKET, shared);
    this.all.add(session);
    if (ticket === undefined) {
      connection.stopReading();
      session.refuse(
        new StewardError(4001, {
          reason: "OVERLOADED",
          message: "Too many connections, sessions or failed handshakes from this address.",
        }),
      );
    }
  }

  private admit(
    session: Session,
    peer: Peer,
    ticket: AdmissionTicket,
    events: SessionEvents,
  ): void {
    const { peers, store, handshake } = this.deps;
    this.traffic.open(peer, ticket, peer.bound && events.isSteward(peer.nodeId));
    if (!peer.bound && peers.isBound(peer.nodeId)) {
      throw new StewardError(1002, {
        reason: "PLAIN_REFUSED",
        message: "This node id verified bound before; the plain form is refused.",
      });
    }
    // Opens the turn that `enter` waits for, even where nothing is to be noted.
    store.write((write) => {
      store.shareTurn();
      if (peer.bound) peers.putBound(write, peer.nodeId, handshake.now());
    });
    // What was queued earlier in this turn would otherwise reach the session before its VerifyAck.
    store.gate(() => this.enter(session, peer, events));
  }

  private enter(session: Session, peer: Peer, events: SessionEvents): void {
    if (session.peer === undefined || session.isLink) return; // gone within the turn
    this.stats.verified++;
    const sessions = this.byNode.get(peer.nodeId) ?? [];
    this.byNode.set(peer.nodeId, [...sessions, session]);
    const mayWait = sessions.length < 2 * this.deps.config.sessions_per_node;
    if (mayWait && events.isSteward(peer.nodeId)) this.undecided.add(session);
    else this.replaceOldest(peer.nodeId);
    events.onOpen(session, peer);
  }

  private replaceOldest(nodeId: string): void {
    const sessions = this.byNode.get(nodeId) ?? [];
    const excess = sessions.length - this.deps.config.sessions_per_node;
    if (excess > 0) sessions[0]?.disconnect("replaced");
  }

  /** Takes a session out of its node's. */
  private release(session: Session, peer: Peer, events: SessionEvents): void {
    this.undecided.delete(session);
    const sessions = this.byNode.get(peer.nodeId) ?? [];
    const left = sessions.filter((other) => other !== session);
    if (left.length === 0) this.byNode.delete(peer.nodeId);
    else this.byNode.set(peer.nodeId, left);
    events.onClosed(session, peer);
  }

  private remove(session: Session, peer: Peer | undefined, events: SessionEvents): void {
    this.all.delete(session);
    if (peer !== undefined && !session.isLink) this.release(session, peer, events);
  }
}
