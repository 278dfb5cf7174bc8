import { type ErrorMessageFields, toZoneError } from "../errors.ts";
import type { Store } from "../store/database.ts";
import type { MessageFields } from "../wire/messages.ts";
import { estimateSize } from "../wire/size-estimate.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { GateClass, GateMark, ZoneGate } from "../zones/zone-gate.ts";
import type { MessageMeter } from "./message-meter.ts";

/**
 * Where a message came from, and what it is told: a session, or a replica that passes it on. The caller holds
 * the gates; `n` is the number of the commit that it tells of, where there is one.
 */
export interface Origin {
  acknowledge(messageId: string, n: number | undefined, status?: AckStatus): void;
  answer(body: StewardBody, messageId: string, n: number | undefined): void;
  /** Says that a Message was refused as such. */
  refuse(fields: ErrorMessageFields): void;
}

export type AckStatus = MessageFields<"message_ack">["status"];

export interface ReturnPathDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  /** What acknowledgements that wait depend on, by sender and message id: those of repetitions wait with them. */
  readonly heldAcks: Map<string, GateMark>;
  readonly meter: MessageMeter;
}

/** What the answers to one message are about. */
interface Place {
  readonly zoneId: string;
  readonly gateClass: GateClass;
  readonly isRead: boolean;
}

/**
 * The way back to the sender of one message: acknowledgement first, then answers, each once what it tells of
 * is durable here and, once the message proved to be about a replicated zone, acknowledged by its voters;
 * `docs/protocol.md` §5, §9.7.
 */
export class ReturnPath {
  private readonly deps: ReturnPathDeps;
  private readonly origin: Origin;
  private readonly messageId: string;
  private readonly nodeId: string;
  private readonly requestId: string | undefined;
  private readonly type: string;
  /** Undefined once it was answered. */
  private beganMs: number | undefined;
  private place: Place | undefined;
  private mark: GateMark | undefined;
  private isRepetition = false;
  private hasFailed = false;
  /** The failure that is told even if the turn is lost in which it was to be. */
  private standing: unknown;
  private isLost = false;

  constructor(
    deps: ReturnPathDeps,
    origin: Origin,
    message: {
      readonly id: string;
      readonly from: string;
      readonly requestId: string | undefined;
      readonly type: string;
    },
  ) {
    this.deps = deps;
    this.origin = origin;
    this.messageId = message.id;
    this.nodeId = message.from;
    this.requestId = message.requestId;
    this.type = message.type;
    this.beganMs = deps.meter.begin();
  }

  /** Says what the message is about: from here on its acknowledgement and answers wait for that. */
  about(zoneId: string, gateClass: GateClass, isRead: boolean): void {
    this.place = { zoneId, gateClass, isRead };
    this.mark = this.deps.gate.mark(zoneId, gateClass);
  }

  /** Acknowledges the message; what it is about may yet be said in the same turn, and where that is lost it fails. */
  acknowledge(): void {
    const { store } = this.deps;
    store.gate(
      () => this.sendAck(),
      (error) => this.lose(error),
    );
  }

  /** Acknowledges a question, which depends on nothing: before its answer, whatever that waits for. */
  acknowledgeQuestion(): void {
    const { store } = this.deps;
    store.gate(
      () => this.origin.acknowledge(this.messageId, undefined),
      (error) => this.lose(error),
    );
  }

  /** The message was taken before: its acknowledgement goes no sooner than that of the first time. */
  repeat(): void {
    this.isRepetition = true;
  }

  /** Answers once everything so far is durable and acknowledged. */
  reply(body: StewardBody): void {
    const { store, gate } = this.deps;
    const { place } = this;
    const isFree = body.type === "zone.page" && !gate.holdsPages(body.zone_id);
    const mark = isFree ? undefined : place && gate.mark(place.zoneId, place.gateClass);
    if (place === undefined || mark === undefined) {
      store.gate(
        () => this.answer(body, undefined),
        (error) => this.lose(error),
      );
      return;
    }
    const refuse = (error: unknown) => this.answer(toZoneError(error, this.requestId), mark.n);
    const { isRead } = place;
    const options = { late: refuse, deposed: refuse, isRead, bytes: () => estimateSize(body) };
    store.gate(
      () => gate.wait(mark, () => this.answer(body, mark.n), options),
      (error) => this.lose(error),
    );
  }

  /**
   * Refuses as `reply` answers, once.
   * @param stands whether it is so whatever becomes of the turn
   */
  fail(error: unknown, stands = false): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    if (stands) this.standing = error;
    this.reply(toZoneError(error, this.requestId));
  }

  /** Whether it was refused, and that will be told. */
  get isRefused(): boolean {
    return this.hasFailed;
  }

  /** Passes another steward's acknowledgement on; the caller holds the gates. */
  passAck(status: AckStatus): void {
    this.origin.acknowledge(this.messageId, undefined, status);
  }

  /** Passes another steward's refusal on; the caller holds the gates. */
  passRefusal(fields: ErrorMessageFields): void {
    this.origin.refuse({ ...fields, ref_msg_id: this.messageId });
  }

  /** Answers at once; the caller holds the gates. */
  answer(body: StewardBody, n = this.mark?.n): void {
    this.noteEnd(body);
    this.origin.answer(body, this.messageId, n);
  }

  private sendAck(): void {
    const { gate, heldAcks } = this.deps;
    const { messageId, nodeId } = this;
    // By now that of the first time has its mark, in the same turn, too.
    const mark = this.isRepetition ? heldAcks.get(nodeId + messageId) : this.mark;
    if (mark === undefined) return this.origin.acknowledge(messageId, undefined);
    const run = () => {
      heldAcks.delete(nodeId + messageId);
      this.origin.acknowledge(messageId, mark.n);
    };
    if (!gate.isReleased(mark)) heldAcks.set(nodeId + messageId, mark);
    gate.wait(mark, run, { late: run, deposed: run });
  }

  /** A turn is lost, and with it the answer that was queued in it: now the failure is the answer, once. */
  private lose(error: Error): void {
    if (this.isLost || this.beganMs === undefined) return;
    this.isLost = true;
    this.hasFailed = true;
    this.reply(toZoneError(this.standing ?? error, this.requestId));
  }

  private noteEnd(body: StewardBody): void {
    const { beganMs, messageId, nodeId, requestId, place } = this;
    if (beganMs === undefined) return;
    const message = { messageId, nodeId, requestId, zoneId: place?.zoneId };
    this.deps.meter.end(this.type, beganMs, body, message);
    this.beganMs = undefined;
  }
}
