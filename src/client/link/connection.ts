import { expandEnvelope, type PayloadCodec, shrinkEnvelope } from "../../wire/compression.ts";
import {
  type DecodedEnvelope,
  decodeEnvelope,
  encodeEnvelope,
  type MessageType,
} from "../../wire/envelope.ts";
import type { DecodeOptions } from "../../wire/messagepack-decode.ts";
import { type AtlasMessage, type MessageFields, parseMessageFields } from "../../wire/messages.ts";
import { mayShrink } from "../../wire/shrunk-bodies.ts";
import { REPLY_LIMITS } from "../../wire/structure-limits.ts";
import { AgentError } from "../agent-error.ts";
import type { FrameTap } from "./frame-tap.ts";
import { type HandshakeSettings, type Peer, performHandshake } from "./handshake.ts";
import { WireSocket } from "./wire-socket.ts";

/** Unanswered Pings after which the connection counts as dead. */
const PINGS_UNANSWERED_MAX = 2;
/** Shorter envelopes are sent as they are. */
const COMPRESSED_BYTES_MIN = 1024;

/** What one connection hands on; called in the order in which frames arrive. */
export interface ConnectionHandlers {
  onMessage(message: AtlasMessage): void;
  onAck(messageId: string, status: MessageFields<"message_ack">["status"]): void;
  onError(error: MessageFields<"error">): void;
  /** Something unusable arrived and was dropped. */
  onProblem(error: AgentError): void;
  /** A Ping was answered. */
  onPong?(echo: number | bigint): void;
  /** Anything came, before it is handed on. */
  onFrame?(): void;
}

/** How to dial. */
export interface DialSettings extends HandshakeSettings {
  readonly url: string;
  readonly connectTimeoutMs: number;
  /** Undefined: whoever dials pings. */
  readonly pingIntervalMs: number | undefined;
  /** How bodies are read; built, within the limits of what stewards answer, where it is left out. */
  readonly decode?: DecodeOptions;
  /** Sees every frame. */
  readonly tap?: FrameTap | undefined;
}

/** One verified session with a steward, from VerifyAck to the socket's end; `docs/protocol.md` §4. */
export class Connection {
  readonly peer: Peer;
  /** Where it was dialled. */
  readonly url: string;
  readonly #socket: WireSocket;
  readonly #handlers: ConnectionHandlers;
  readonly #decode: DecodeOptions;
  /** Undefined where nothing is compressed. */
  readonly #codec: PayloadCodec | undefined;
  readonly #pinger: ReturnType<typeof setInterval> | undefined;
  #pingsUnanswered = 0;
  /** Resolves once, with why the session ended; never rejects. */
  readonly closed: Promise<AgentError>;

  private constructor(
    socket: WireSocket,
    parts: { peer: Peer; handlers: ConnectionHandlers; settings: DialSettings },
  ) {
    const { pingIntervalMs, decode } = parts.settings;
    this.peer = parts.peer;
    this.url = parts.settings.url;
    this.#socket = socket;
    this.#handlers = parts.handlers;
    this.#codec = parts.peer.compresses ? parts.settings.compression : undefined;
    this.#decode = decode ?? { limits: REPLY_LIMITS };
    if (pingIntervalMs !== undefined) {
      this.#pinger = setInterval(() => this.#ping(), pingIntervalMs);
    }
    this.closed = socket.closed;
    socket.closed.then(() => clearInterval(this.#pinger));
  }

  /**
   * Dials and finishes the handshake within `connectTimeoutMs`; `docs/protocol.md` §3.
   * @throws AgentError as of `performHandshake`, 1003 when it took too long, or the signal's reason
   */
  static async dial(
    settings: DialSettings,
    handlers: ConnectionHandlers,
    signal: AbortSignal,
  ): Promise<Connection> {
    const limit = new AbortController();
    const onAbort = () => limit.abort(signal.reason);
    const timer = setTimeout(
      () => limit.abort(new AgentError(1003, { message: "The handshake took too long." })),
      settings.connectTimeoutMs,
    );
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      signal.throwIfAborted();
      const socket = await WireSocket.open(settings, limit.signal);
      try {
        const peer = await performHandshake(socket, settings, limit.signal);
        return new Connection(socket, { peer, handlers, settings });
      } catch (error) {
        socket.abandon(new AgentError("closed"));
        throw error;
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Bytes that are yet to be sent. */
  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  /** Starts to hand frames on, those that followed the VerifyAck first. */
  start(): void {
    this.#socket.listen((frame) => this.#receive(frame));
  }

  /**
   * Sends one envelope.
   * @throws StewardError 2002 when it is larger than 4 MiB
   */
  send(type: MessageType, fields: Readonly<Record<string, unknown>>): void {
    this.#socket.send(encodeEnvelope(type, fields));
  }

  /** Sends a Message that is already encoded, compressed where that was agreed and its body may be. */
  sendFrame(frame: Uint8Array, body: unknown): void {
    const isLong = frame.length >= COMPRESSED_BYTES_MIN;
    const codec = isLong && mayShrink(body) ? this.#codec : undefined;
    this.#socket.send(codec === undefined ? frame : shrinkEnvelope(frame, codec));
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    this.send("disconnect", { reason: "client_shutdown" });
    await this.#socket.close();
  }

  /** Ends it now, whatever the other side does. */
  abandon(error: AgentError): void {
    this.#socket.abandon(error);
  }

  /** Says goodbye and hands nothing on from now on: another session took this one's place. */
  retire(): void {
    this.send("disconnect", { reason: "client_shutdown" });
    this.#socket.abandon(new AgentError("closed"));
  }

  #ping(): void {
    if (this.#pingsUnanswered >= PINGS_UNANSWERED_MAX) {
      this.#socket.abandon(
        new AgentError("connection_failed", {
          message: "The steward no longer answers.",
          reason: "IDLE",
        }),
      );
      return;
    }
    this.#pingsUnanswered += 1;
    this.send("ping", { ts: nowSecs() });
  }

  #receive(frame: Uint8Array): void {
    // Whatever arrives shows that the other side lives.
    this.#pingsUnanswered = 0;
    this.#handlers.onFrame?.();
    try {
      const expanded = this.#codec === undefined ? frame : expandEnvelope(frame, this.#codec);
      this.#dispatch(decodeEnvelope(expanded, this.#decode));
    } catch (cause) {
      const message = "The steward sent a malformed frame.";
      this.#handlers.onProblem(new AgentError("protocol_error", { message, cause }));
    }
  }

  #dispatch({ type, fields }: DecodedEnvelope): void {
    switch (type) {
      case "message":
        return this.#handlers.onMessage(parseMessageFields(type, fields));
      case "message_ack": {
        const { msg_id, status } = parseMessageFields(type, fields);
        return this.#handlers.onAck(msg_id, status);
      }
      case "error":
        return this.#handlers.onError(parseMessageFields(type, fields));
      case "ping":
        return this.send("pong", { ts: nowSecs(), echo: parseMessageFields(type, fields).ts });
      case "disconnect": {
        const { reason, message } = parseMessageFields(type, fields);
        this.#socket.abandon(
          new AgentError("connection_failed", {
            message: message ?? `The steward disconnected: ${reason}`,
            reason: reason.toUpperCase(),
          }),
        );
        return;
      }
      case "pong":
        return this.#handlers.onPong?.(parseMessageFields(type, fields).echo);
      default:
        throw new Error(`${type} has no place in a session`);
    }
  }
}

function nowSecs(): number {
  return Math.floor(Date.now() / 1000);
}
