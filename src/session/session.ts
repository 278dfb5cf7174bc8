import {
  type ErrorMessageFields,
  isWireErrorCode,
  StewardError,
  toErrorMessage,
  withoutDetail,
} from "../errors.ts";
import { createId } from "../protocol/ids.ts";
import type { BindingVerdict, OperatorClaim } from "../protocol/operator-binding.ts";
import type { Connection } from "../transport/transport.ts";
import { BROTLI_CAPABILITY, isCompressed } from "../wire/compression.ts";
import {
  type DecodedEnvelope,
  findMessageId,
  HEADER_BYTES,
  type MessageType,
} from "../wire/envelope.ts";
import { type AddressPatch, type FanOutFrame, toAddressPatch } from "../wire/fan-out-frame.ts";
import type { DisconnectReason } from "../wire/messages.ts";
import type { AdmissionTicket } from "./admission.ts";
import type { Compression } from "./compression.ts";
import type { WireConfig } from "./config.ts";
import { decodeFrame, type LinkPlace } from "./decode-frame.ts";
import {
  closesAfter,
  isBan,
  listsErrorDetail,
  parseOpenFields,
  toEndReason,
} from "./frame-faults.ts";
import { FreeFrames, type FreeFramesDeps } from "./free-frames.ts";
import {
  answerHello,
  checkVerify,
  type HandshakeDeps,
  type PendingHandshake,
} from "./handshake.ts";
import { HandshakeGuard } from "./handshake-guard.ts";
import { Keepalive } from "./keepalive.ts";
import { Outbound, type OutboundDeps, type OutboundOwner } from "./outbound.ts";
import { type Peer, toJudgedPeer, toVerifyAck } from "./peer.ts";
import type { Arrival } from "./rate-limiter.ts";
import { type FaultySession, SessionFaults, type SessionFaultsDeps } from "./session-faults.ts";
import type { SessionLink } from "./session-link.ts";
import type { SessionStats } from "./session-stats.ts";

/** What a session needs from the steward. */
export interface SessionDeps extends FreeFramesDeps, OutboundDeps, SessionFaultsDeps {
  readonly config: WireConfig;
  /** Whether sessions may become links: the operator lets this steward take part in some zone. */
  readonly takesLinks: boolean;
  readonly handshake: HandshakeDeps;
  /** Milliseconds since the epoch, for what peers are told. */
  readonly nowMs: () => number;
  readonly stats: SessionStats;
  /** Tells what an operator binding is worth, within a bounded time. */
  readonly judgeOperator: (claim: OperatorClaim) => Promise<BindingVerdict>;
  /** Admits a node that proved its id; throws what refuses it (banned, plain after bound). */
  readonly admit: (session: Session, peer: Peer, ticket: AdmissionTicket) => void;
  readonly compression: Compression;
  /** Throws 4001 while the node is banned. */
  readonly assertNotBanned: (peer: Peer) => void;
  /** Counts what is not free, by its size alone; throws 4001 where it is refused. */
  readonly count: (peer: Peer, ticket: AdmissionTicket, arrival: Arrival) => void;
  /** Tells by a frame's sender and type that no limits of §4 hold for it: a zone's steward's. */
  readonly isExempt: (peer: Peer, bytes: Uint8Array) => boolean;
  /** The session is a link from now on, and none of its node's sessions any more. */
  readonly onLink: (session: Session, peer: Peer) => void;
  /** Takes one application message of a verified session. */
  readonly onMessage: (session: Session, peer: Peer, envelope: DecodedEnvelope) => void;
  readonly onAck: (peer: Peer, messageId: string) => void;
  readonly onClosed: (session: Session, peer: Peer | undefined) => void;
}

interface OpenPhase {
  readonly name: "open";
  readonly peer: Peer;
  readonly address: AddressPatch;
  readonly free: FreeFrames;
}

type Phase =
  | { readonly name: "hello" }
  | { readonly name: "verify"; readonly pending: PendingHandshake }
  | { readonly name: "judging" }
  | OpenPhase
  | { readonly name: "closed"; readonly peer: Peer | undefined };

/**
 * One connection's life: handshake, frames, keepalive, end; `docs/protocol.md` §3 and §4. How it ends:
 * `fail` answers one message, and ends the session where the code says so; `refuse` ends it whatever the
 * code, with an ErrorMessage; `disconnect` ends it in good order, with a Disconnect; a peer that does not
 * read is closed by `Outbound`; `leave` follows each of them, and whatever the peer ends itself.
 */
export class Session implements OutboundOwner, FaultySession {
  readonly id = createId("ses");
  readonly connection: Connection;
  readonly openedAtMs: number;
  private readonly deps: SessionDeps;
  private readonly ticket: AdmissionTicket;
  private phase: Phase = { name: "hello" };
  /** Whether the Hello listed `error_detail`, be it refused or not. */
  withDetail = false;
  private readonly faults: SessionFaults;
  private readonly guard: HandshakeGuard;
  private readonly out: Outbound;
  private keepalive: Keepalive | undefined;
  /** What it is beyond an agent's session, once it is a link; `docs/protocol.md` §9.2. */
  private asLink: SessionLink | undefined;

  constructor(connection: Connection, ticket: AdmissionTicket, deps: SessionDeps) {
    this.connection = connection;
    this.ticket = ticket;
    this.deps = deps;
    this.openedAtMs = deps.nowMs();
    this.out = new Outbound(connection, this, deps);
    this.faults = new SessionFaults(this, deps);
    const onLimit = (error: StewardError) => this.onHandshakeLimit(error);
    this.guard = new HandshakeGuard({ config: deps.config, delay: deps.delay, onLimit });
    connection.open({
      onFrame: (bytes, lateMs) => this.onFrame(bytes, lateMs),
      onFault: (error) => this.refuse(error),
      onForeignFrame: (bytes, lateMs) => this.onForeignFrame(bytes, lateMs),
      takesLarge: () => this.phase.name === "open",
      onBytes: (count) => this.guard.addBytes(count),
      onClose: () => this.leave(),
    });
  }

  /** The verified peer; undefined before Verify and after the end. */
  get peer(): Peer | undefined {
    return this.phase.name === "open" ? this.phase.peer : undefined;
  }

  get isOver(): boolean {
    return this.phase.name === "closed";
  }

  get isLink(): boolean {
    return this.asLink !== undefined;
  }

  /** Turns an open session into a steward's link, for which the limits of §4 do not hold. */
  becomeLink(link: SessionLink): void {
    if (this.phase.name !== "open" || this.isLink) return;
    this.asLink = link;
    this.keepalive?.stop();
    this.ticket.exempt();
    this.out.exempt(link.unsentBytesMax);
    this.deps.onLink(this, this.phase.peer);
  }

  /** Sends a message once everything it may depend on is durable. */
  send(type: MessageType, fields: Readonly<Record<string, unknown>>): void {
    if (type === "message" && this.phase.name === "open") this.phase.free.owe();
    this.out.send(type, fields);
  }

  /** Sends a message; the caller holds the gate. */
  sendHeld(type: MessageType, fields: Readonly<Record<string, unknown>>): void {
    if (type === "message" && this.phase.name === "open") this.phase.free.owe();
    this.out.sendHeld(type, fields);
  }

  /** Sends another node's message; the caller holds the gate. */
  forward(message: Readonly<Record<string, unknown>>): void {
    if (this.phase.name !== "open") return;
    this.phase.free.owe();
    this.out.forwardHeld(message);
  }

  /** Sends a frame that many recipients share; the caller holds the gate. */
  deliver(frame: FanOutFrame): void {
    if (this.phase.name !== "open") return;
    this.phase.free.owe();
    this.out.deliver(frame, this.phase.address);
  }

  /** Sends an ErrorMessage and closes where its code says so. */
  fail(error: unknown, refMsgId?: string): void {
    const fields = this.sendError(error, refMsgId);
    if (closesAfter(fields.code)) this.end(toEndReason(fields));
  }

  private sendError(error: unknown, refMsgId?: string): ErrorMessageFields {
    const fields = toErrorMessage(error, { refMsgId, withDetail: this.withDetail });
    this.deps.stats.errors.add(String(fields.code));
    this.send("error", { ...fields });
    return fields;
  }

  /** Sends an ErrorMessage that says why a message was refused elsewhere; the caller holds the gate. */
  sendRefusal(fields: ErrorMessageFields): void {
    this.deps.stats.errors.add(String(fields.code));
    this.out.sendHeld("error", this.withDetail ? { ...fields } : withoutDetail(fields));
  }

  /** Says why, then closes. */
  disconnect(reason: DisconnectReason, message?: string): void {
    if (this.phase.name === "closed") return;
    this.send("disconnect", { reason, message });
    this.end(reason);
  }

  /** Says why with an ErrorMessage, whatever its code, then closes. */
  refuse(error: unknown): void {
    if (this.phase.name !== "closed") this.end(toEndReason(this.sendError(error)));
  }

  /** Closes once what was sent is on its way. */
  end(reason: string): void {
    this.out.close(reason);
    this.leave();
  }

  /** Gives everything up; the connection is closed, or about to be. */
  leave(): void {
    if (this.phase.name === "closed") return;
    const { peer } = this;
    this.guard.stop();
    this.keepalive?.stop();
    this.phase = { name: "closed", peer };
    this.ticket.closed();
    this.out.stop();
    this.deps.onClosed(this, peer);
    this.asLink?.onEnd();
  }

  private onHandshakeLimit(error: StewardError): void {
    if (error.code === 4001) this.connection.stopReading();
    this.refuse(error);
  }

  private onFrame(bytes: Uint8Array, lateMs: number): void {
    if (this.phase.name === "closed") return;
    this.deps.stats.framesIn++;
    if (this.phase.name !== "open") {
      if (this.guard.addFrame()) this.onTaken(bytes);
      return;
    }
    const expanded = this.expand(this.phase, bytes, lateMs);
    if (expanded !== undefined && this.isTaken(this.phase, expanded, lateMs)) {
      this.onTaken(expanded);
    }
  }

  private onTaken(bytes: Uint8Array): void {
    let envelope: DecodedEnvelope;
    try {
      envelope = decodeFrame(bytes, this.linkPlace);
    } catch (error) {
      this.faults.onMalformed(error, findMessageId(bytes));
      return;
    }
    try {
      this.onEnvelope(envelope);
    } catch (error) {
      this.faults.onFailed(error, bytes);
    }
  }

  /** Expands a payload, so that limits count what comes out; undefined where that was refused, and answered. */
  private expand(phase: OpenPhase, bytes: Uint8Array, lateMs: number): Uint8Array | undefined {
    if (this.out.compression === undefined || !isCompressed(bytes)) return bytes;
    try {
      if (!this.isLink) this.deps.assertNotBanned(phase.peer);
      return this.out.compression.expand(bytes);
    } catch (error) {
      // It was work all the same: it counts as the message that it is not.
      if (isBan(error)) this.faults.onRefused(error, bytes);
      else if (this.isTaken(phase, bytes, lateMs)) this.faults.onMalformed(error);
      return undefined;
    }
  }

  private onForeignFrame(bytes: Uint8Array, lateMs: number): void {
    if (this.phase.name === "open" && !this.isTaken(this.phase, bytes, lateMs)) return;
    this.faults.onMalformed(new StewardError(2003, { message: "A text frame is no envelope." }));
  }

  /** Asks by size and identity, before anything is decoded; answers what is refused. */
  private isTaken({ peer, free }: OpenPhase, bytes: Uint8Array, lateMs: number): boolean {
    this.asLink?.onFrame();
    if (this.isLink || free.take(bytes) || this.deps.isExempt(peer, bytes)) return true;
    try {
      this.deps.count(peer, this.ticket, {
        bytes: Math.max(0, bytes.length - HEADER_BYTES),
        lateMs,
      });
      return true;
    } catch (error) {
      this.faults.onRefused(error, bytes);
      return false;
    }
  }

  private get linkPlace(): LinkPlace {
    if (this.isLink) return "is";
    const { phase, deps } = this;
    return deps.takesLinks && phase.name === "open" && phase.peer.bound ? "may" : "no";
  }

  private onEnvelope(envelope: DecodedEnvelope): void {
    const { phase } = this;
    if (envelope.type === "disconnect") return this.end("goodbye");
    if (phase.name === "open") return this.onOpenEnvelope(phase.peer, envelope);
    if (envelope.type === "error") return;
    if (envelope.type === "hello") {
      if (phase.name !== "hello") throw new StewardError(1002, { message: "A second Hello." });
      return this.onHello(envelope);
    }
    if (envelope.type === "verify") {
      if (phase.name !== "verify")
        throw new StewardError(1002, { message: "A Verify that nothing waits for." });
      return this.onVerify(phase.pending, envelope);
    }
    if (envelope.type === "hello_ack" || envelope.type === "verify_ack") {
      throw new StewardError(1002, { message: "The steward is the responder." });
    }
    throw new StewardError(2001);
  }

  private onHello(envelope: DecodedEnvelope): void {
    const { handshake } = this.deps;
    this.withDetail = listsErrorDetail(envelope.fields.capabilities);
    const { pending, helloAck } = answerHello(handshake, envelope.payload, envelope.fields);
    this.phase = { name: "verify", pending };
    this.deps.gate(() => this.out.sendNow(helloAck));
  }

  private onVerify(pending: PendingHandshake, envelope: DecodedEnvelope): void {
    try {
      const { peer, claim } = checkVerify(this.deps.handshake, pending, envelope.fields);
      if (claim === undefined) return this.open(peer);
      this.phase = { name: "judging" };
      this.judge(peer, claim);
    } catch (error) {
      this.reject(error);
    }
  }

  /** Waits for what the binding is worth: the VerifyAck says it. */
  private async judge(peer: Peer, claim: OperatorClaim): Promise<void> {
    try {
      const verdict = await this.deps.judgeOperator(claim);
      if (this.phase.name === "judging") this.open(toJudgedPeer(peer, verdict));
    } catch (error) {
      if (this.phase.name === "judging") this.reject(error);
    }
  }

  private open(peer: Peer): void {
    try {
      this.deps.admit(this, peer, this.ticket);
    } catch (error) {
      return this.reject(error);
    }
    this.guard.stop();
    this.ticket.verified();
    const free = new FreeFrames(this.deps);
    const { compression } = this.deps;
    const isAgreed = compression.isOffered && peer.capabilities.has(BROTLI_CAPABILITY);
    if (isAgreed) this.out.compression = compression;
    this.phase = { name: "open", peer, address: toAddressPatch(peer.nodeId), free };
    this.keepalive = this.startKeepalive();
    this.send("verify_ack", toVerifyAck(peer, this.withDetail));
    this.deps.gate(
      () => {},
      (error) => this.refuse(error),
    );
  }

  private reject(error: unknown): void {
    const known = error instanceof StewardError && isWireErrorCode(error.code);
    if (!known) this.deps.log.error({ err: error, session: this.id }, "a handshake failed");
    const reason = isBan(error) ? "banned" : known ? (error as StewardError).message : "internal";
    this.send("verify_ack", { status: "rejected", reason });
    this.refuse(error);
  }

  private onOpenEnvelope(peer: Peer, envelope: DecodedEnvelope): void {
    switch (envelope.type) {
      case "message_ack":
        return this.deps.onAck(peer, parseOpenFields("message_ack", envelope).msg_id);
      case "message":
        return this.deps.onMessage(this, peer, envelope);
      case "ping":
        return this.onPing(envelope);
      case "pong": {
        const { echo } = parseOpenFields("pong", envelope);
        this.keepalive?.onPong();
        this.asLink?.onPong(echo);
        return;
      }
      case "error":
        this.asLink?.onError(parseOpenFields("error", envelope));
        this.deps.log.debug({ session: this.id, code: envelope.fields.code }, "peer reports error");
        return;
      default:
        throw new StewardError(2003, { message: "The handshake is over." });
    }
  }

  private onPing(envelope: DecodedEnvelope): void {
    const { ts } = parseOpenFields("ping", envelope);
    this.send("pong", { ts: Math.floor(this.deps.nowMs() / 1000), echo: ts });
  }

  private startKeepalive(): Keepalive {
    const { config, nowMs } = this.deps;
    return new Keepalive({
      intervalMs: config.ping_interval_ms,
      unansweredMax: config.unanswered_pings_max,
      sendPing: () => this.send("ping", { ts: Math.floor(nowMs() / 1000) }),
      onIdle: () => this.disconnect("idle"),
    });
  }
}
