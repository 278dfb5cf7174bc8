import { createId } from "../../protocol/ids.ts";
import type { Body } from "../../wire/body.ts";
import { encodeEnvelope, HEADER_BYTES } from "../../wire/envelope.ts";
import type { AtlasMessage, MessageFields } from "../../wire/messages.ts";
import { AgentError, asAgentError, toAgentError } from "../agent-error.ts";
import { armDeadline, monotonicMs } from "../deadline.ts";
import type { Connection } from "../link/connection.ts";
import type { AckStatus, CallOutcome, CallSpec } from "./call.ts";
import type { Pacer } from "./pacer.ts";
import { parseZoneError } from "./replies.ts";
import type { SealMessage } from "./seal.ts";

/** Calls that may wait at once; more fail with `overloaded`. */
const CALLS_MAX = 1024;
/** How often one call is sent again because the steward asked to come back later. */
const RETRIES_MAX = 3;
const DEFAULT_RETRY_MS = 1000;

/** Codes after which the same message may succeed without anybody changing anything. */
const RETRIABLE: ReadonlySet<number | string> = new Set([
  4001,
  "rate_limited",
  "replica_not_ready",
  "steward_unavailable",
]);

interface Call {
  readonly spec: CallSpec;
  readonly order: number;
  readonly finish: (outcome: Omit<CallOutcome, "sends"> & { error?: AgentError }) => void;
  messageId: string;
  sends: number;
  retries: number;
  /** Monotonic milliseconds. */
  notBefore: number;
}

/**
 * Sends bodies in order, ties replies to them, keeps to the pace, and after a reconnect sends what is
 * unanswered once more under a new message id: the steward only acks a known id, and the answer to
 * the first copy went to a dead socket; `docs/protocol.md` §5.
 */
export class Outbox {
  readonly #from: string;
  readonly #pacer: Pacer;
  readonly #seal: SealMessage;
  readonly #waiting: Call[] = [];
  readonly #sent = new Map<string, Call>();
  #connection: Connection | undefined;
  #closed: AgentError | undefined;
  #pumping = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextOrder = 0;

  constructor(deps: { from: string; pacer: Pacer; seal: SealMessage }) {
    this.#from = deps.from;
    this.#pacer = deps.pacer;
    this.#seal = deps.seal;
  }

  /** Sends a body and waits for what ends the call. Rejects with AgentError only. */
  call(spec: CallSpec): Promise<CallOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed);
      if (this.#waiting.length + this.#sent.size >= CALLS_MAX) {
        return reject(new AgentError("overloaded"));
      }
      const disarm = armDeadline(spec.deadline, (error) => call.finish({ error }));
      const call: Call = {
        spec,
        order: this.#nextOrder++,
        messageId: "",
        sends: 0,
        retries: 0,
        notBefore: 0,
        finish: ({ error, ...outcome }) => {
          disarm();
          this.#forget(call);
          if (error !== undefined) reject(error);
          else resolve({ ...outcome, sends: call.sends });
        },
      };
      this.#waiting.push(call);
      this.#pump();
    });
  }

  /** Takes a new session and sends what waits. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#pump();
  }

  /** Takes back what the ended session left unanswered; what must not be repeated fails. */
  detach(cause: AgentError): void {
    this.#connection = undefined;
    for (const call of [...this.#sent.values()]) {
      if (call.spec.repeatable) this.#requeue(call);
      else call.finish({ error: new AgentError("connection_lost", { cause }) });
    }
  }

  /** Fails every call, now and later. */
  close(error: AgentError): void {
    this.#closed = error;
    this.#connection = undefined;
    clearTimeout(this.#timer);
    for (const call of [...this.#waiting, ...this.#sent.values()]) call.finish({ error });
  }

  /** The zone of the call that a reply is for. */
  findZoneId(replyTo: string | undefined): string | undefined {
    return this.#sent.get(replyTo ?? "")?.spec.zoneId;
  }

  /** Takes a reply; returns false where no call waits for it. */
  takeReply(message: AtlasMessage, body: Body): boolean {
    const call = this.#sent.get(message.reply_to ?? "");
    if (call === undefined || call.spec.until === "ack") return false;
    if (body.type === "zone.error") this.#fail(call, parseZoneError(body));
    else call.finish({ reply: message });
    return true;
  }

  /** Takes a MessageAck. */
  takeAck(messageId: string, status: AckStatus): void {
    const call = this.#sent.get(messageId);
    if (call?.spec.until === "ack") call.finish({ status });
  }

  /** Takes an ErrorMessage; returns false where it refers to no call. */
  takeError(fields: MessageFields<"error">): boolean {
    const call = this.#sent.get(fields.ref_msg_id ?? "");
    if (call === undefined) return false;
    this.#fail(call, toAgentError(fields));
    return true;
  }

  #fail(call: Call, error: AgentError): void {
    const delayMs = error.retryAfterMs ?? DEFAULT_RETRY_MS * 2 ** call.retries;
    const now = monotonicMs();
    const at = now + delayMs;
    // A 4001 says that the message was not processed, so even a message that has to be unique may go again.
    const safe = call.spec.repeatable || error.code === 4001;
    const late = at >= call.spec.deadline.at;
    if (!RETRIABLE.has(error.code) || !safe || late || call.retries >= RETRIES_MAX) {
      return call.finish({ error });
    }
    call.retries += 1;
    call.notBefore = at;
    if (error.code === 4001) this.#pacer.backOff(now, delayMs);
    this.#requeue(call);
    this.#pump();
  }

  #requeue(call: Call): void {
    this.#sent.delete(call.messageId);
    this.#waiting.push(call);
    this.#waiting.sort((a, b) => a.order - b.order);
  }

  #forget(call: Call): void {
    if (this.#sent.get(call.messageId) === call) this.#sent.delete(call.messageId);
    const index = this.#waiting.indexOf(call);
    if (index !== -1) this.#waiting.splice(index, 1);
  }

  /** Sends what may leave now, one after the other, so that the order of calls is the order sent. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    clearTimeout(this.#timer);
    try {
      while (this.#connection !== undefined && this.#waiting.length > 0) {
        const now = monotonicMs();
        const call = this.#waiting.find((candidate) => candidate.notBefore <= now);
        if (call === undefined) {
          this.#pumpIn(Math.min(...this.#waiting.map((waiting) => waiting.notBefore)) - now);
          return;
        }
        const waitMs = await this.#send(call, this.#connection);
        if (waitMs > 0) {
          this.#pumpIn(waitMs);
          return;
        }
      }
    } finally {
      this.#pumping = false;
    }
  }

  #pumpIn(delayMs: number): void {
    this.#timer = setTimeout(() => this.#pump(), Math.max(1, delayMs));
  }

  /** Returns the milliseconds to wait when the pace does not allow it yet. */
  async #send(call: Call, connection: Connection): Promise<number> {
    const pausedMs = this.#pacer.waitMs(monotonicMs(), 0);
    if (pausedMs > 0) return pausedMs;
    const { body, direct } = call.spec;
    const id = direct?.id ?? createId("msg");
    const head = { id, from: this.#from, timestamp: Math.floor(Date.now() / 1000), body };
    try {
      const seal = await this.#seal({ ...head, ...direct }, call.spec.zoneId, connection.peer);
      const stillWanted = this.#waiting.includes(call) && connection === this.#connection;
      if (!stillWanted) return 0;
      const frame = encodeEnvelope("message", { ...head, ...direct, ...seal });
      const bytes = frame.length - HEADER_BYTES;
      const now = monotonicMs();
      const waitMs = this.#pacer.waitMs(now, bytes);
      if (waitMs > 0) return waitMs;
      this.#pacer.note(now, bytes);
      this.#waiting.splice(this.#waiting.indexOf(call), 1);
      call.messageId = id;
      call.sends += 1;
      this.#sent.set(id, call);
      connection.sendFrame(frame);
      call.spec.onSend?.();
    } catch (error) {
      call.finish({ error: asAgentError(error, "invalid_input") });
    }
    return 0;
  }
}
