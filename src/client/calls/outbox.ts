import { createId } from "../../protocol/ids.ts";
import type { Body } from "../../wire/body.ts";
import { encodeEnvelope, HEADER_BYTES } from "../../wire/envelope.ts";
import type { AtlasMessage, MessageFields } from "../../wire/messages.ts";
import { AgentError, asAgentError, toAgentError } from "../agent-error.ts";
import { armDeadline, monotonicMs } from "../deadline.ts";
import type { Connection } from "../link/connection.ts";
import type { AckStatus, CallOutcome, CallSpec } from "./call.ts";
import type { Pacer } from "./pacer.ts";
import { findRemedy, isUnavailable, toRetryMs } from "./refusals.ts";
import { parseZoneError } from "./replies.ts";
import type { SealMessage } from "./seal.ts";

/** Calls that may wait at once; more fail with `overloaded`. */
const CALLS_MAX = 1024;
/** How often one call is sent again because the steward asked to come back later. */
const RETRIES_MAX = 3;
/** How often one call looks who the stewards are because of where it was sent. */
const RENEWALS_MAX = 2;

/** What the outbox asks about the stewards of a zone; `docs/protocol.md` §9.14. */
export interface StewardPort {
  /** Whether other stewards hold the zone, too. */
  isReplicated(zoneId: string): boolean;
  /** Looks for the zone's newest envelope; never rejects. */
  renew(zoneId: string): Promise<void>;
  /** Hears that the connected steward could not answer. */
  noteRefusal(zoneId: string, error: AgentError): void;
}

interface Call {
  readonly spec: CallSpec;
  readonly order: number;
  readonly finish: (outcome: Omit<CallOutcome, "sends"> & { error?: AgentError }) => void;
  messageId: string;
  /** The node the last copy was addressed to. */
  to: string;
  sends: number;
  retries: number;
  renewals: number;
  /** Why it waits; one that leaves its effect unknown stays. */
  refusal: AgentError | undefined;
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
  readonly #stewards: StewardPort;
  /** Zones whose calls wait until it is known who their stewards are. */
  readonly #held = new Map<string, Promise<void>>();
  readonly #waiting: Call[] = [];
  readonly #sent = new Map<string, Call>();
  #connection: Connection | undefined;
  #lastNodeId: string | undefined;
  #closed: AgentError | undefined;
  #pumping = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #nextOrder = 0;

  constructor(deps: { from: string; pacer: Pacer; seal: SealMessage; stewards: StewardPort }) {
    this.#from = deps.from;
    this.#stewards = deps.stewards;
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
      const disarm = armDeadline(spec.deadline, (error) => {
        const isWaiting = error.code === "timeout" && this.#waiting.includes(call);
        call.finish({ error: (isWaiting && call.refusal) || error });
      });
      const call: Call = {
        spec,
        order: this.#nextOrder++,
        messageId: "",
        to: "",
        sends: 0,
        retries: 0,
        renewals: 0,
        refusal: undefined,
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

  /** Looks who the stewards of a zone are, and holds its calls until then. */
  renew(zoneId: string): Promise<void> {
    const running = this.#held.get(zoneId);
    if (running !== undefined) return running;
    // Begun later, so that nothing of the zone leaves before it is held.
    const renewal = Promise.resolve()
      .then(() => this.#stewards.renew(zoneId))
      .finally(() => {
        this.#held.delete(zoneId);
        this.#pump();
      });
    this.#held.set(zoneId, renewal);
    return renewal;
  }

  /** Takes a new session and sends what waits. */
  attach(connection: Connection): void {
    const isOther = connection.peer.nodeId !== this.#lastNodeId;
    this.#lastNodeId = connection.peer.nodeId;
    // What one node asked to wait for says nothing about another.
    if (isOther) for (const call of this.#waiting) call.notBefore = 0;
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
    const { spec } = call;
    const remedy = findRemedy(error);
    const isReplicated = this.#isReplicated(spec);
    if (spec.zoneId !== undefined && isUnavailable(error)) {
      this.#stewards.noteRefusal(spec.zoneId, error);
    }
    if (remedy === "renew" || (isReplicated && this.#isMisaddressed(call, error))) {
      this.#renewAndRepeat(call, error);
    } else if (remedy === "repeat" && spec.repeatable) {
      if (error.reason === "DEPOSED" && spec.zoneId !== undefined) this.renew(spec.zoneId);
      this.#repeat(call, error);
    } else if (remedy === "elsewhere" && isReplicated && spec.repeatable) {
      this.#repeat(call, error);
    } else if (remedy === "later" || (remedy === "elsewhere" && error.code !== "not_steward")) {
      // A 4001 says that the message was not processed, so even one that has to be unique may go again.
      const isSafe = spec.repeatable || error.code === 4001;
      if (!isSafe || call.retries >= RETRIES_MAX) return call.finish({ error });
      this.#repeat(call, error);
    } else call.finish({ error });
  }

  /** Sends the call again after the wait it is asked for, unless its time is over before. */
  #repeat(call: Call, error: AgentError): void {
    const now = monotonicMs();
    const delayMs = toRetryMs(error, call.retries);
    if (call.refusal?.recovery !== "reconcile") call.refusal = error;
    if (now + delayMs >= call.spec.deadline.at) return call.finish({ error: call.refusal });
    call.retries += 1;
    call.notBefore = now + delayMs;
    if (error.code === 4001) this.#pacer.backOff(now, delayMs);
    this.#requeue(call);
    this.#pump();
  }

  /** A message signed to a primary that the connected steward knows not to be one any more. */
  #isMisaddressed(call: Call, error: AgentError): boolean {
    return error.code === 2003 && call.to !== this.#connection?.peer.nodeId;
  }

  async #renewAndRepeat(call: Call, error: AgentError): Promise<void> {
    const { zoneId } = call.spec;
    if (zoneId === undefined || call.renewals >= RENEWALS_MAX) return call.finish({ error });
    call.renewals += 1;
    this.#requeue(call);
    await this.renew(zoneId);
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
        const free = this.#waiting.filter(({ spec }) => !this.#isHeld(spec));
        if (free.length === 0) return;
        const call = free.find((candidate) => candidate.notBefore <= now);
        if (call === undefined) {
          this.#pumpIn(Math.min(...free.map((waiting) => waiting.notBefore)) - now);
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

  #isReplicated({ zoneId }: CallSpec): boolean {
    return zoneId !== undefined && this.#stewards.isReplicated(zoneId);
  }

  #isHeld({ zoneId, isRenewal }: CallSpec): boolean {
    return zoneId !== undefined && isRenewal !== true && this.#held.has(zoneId);
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
      call.to = seal.to;
      call.sends += 1;
      this.#sent.set(id, call);
      connection.sendFrame(frame, direct === undefined ? body : undefined);
      call.spec.onSend?.();
    } catch (error) {
      call.finish({ error: asAgentError(error, "invalid_input") });
    }
    return 0;
  }
}
