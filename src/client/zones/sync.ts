import type { LogPosition } from "../../protocol/log-chain.ts";
import { AgentError, asAgentError } from "../agent-error.ts";
import type { Ask } from "../calls/ask.ts";
import { type Delivery, toDelivery } from "../calls/replies.ts";
import { createDeadline, sleep } from "../deadline.ts";
import { ZoneFeed } from "./feed.ts";
import { type CheckedPage, parseLogPage } from "./log-page.ts";
import type { PrimaryHeads } from "./primary-heads.ts";
import {
  type EpochPlace,
  findEpochOf,
  findRewindSeq,
  findSkippingEpoch,
  type RewoundEntries,
} from "./rewind.ts";

/** Entries asked for at once; `docs/protocol.md` §6. */
const HISTORY_PAGE_ENTRIES = 500;
const HISTORY_TIMEOUT_MS = 60_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 30_000;

/** Codes after which the zone has nothing more to say to this agent. */
const FINAL_CODES: ReadonlySet<number | string> = new Set([
  "not_member",
  "banned",
  "zone_not_found",
  "not_steward",
]);

/** Positions of a zone's log, both included, that were removed before the agent could read them. */
export interface SkippedEntries {
  readonly zone_id: string;
  readonly from_seq: number;
  readonly to_seq: number;
}

interface ZoneSyncDeps {
  readonly ask: Ask;
  /** Hands a delivery on; called once per `seq`, in order. */
  readonly deliver: (delivery: Delivery) => void;
  /** Tells of positions that the steward no longer keeps. */
  readonly skip: (skipped: SkippedEntries) => void;
  /** Tells of positions that are handed on again, because a later epoch began before them. */
  readonly rewind: (rewound: RewoundEntries) => void;
  readonly ownNodeId: string;
  readonly heads: PrimaryHeads;
  readonly stewards: {
    readonly isSteward: (zoneId: string, nodeId: string) => boolean;
    readonly findPrimaryOf: (zoneId: string, epoch: number) => string | undefined;
    readonly isReplicated: (zoneId: string) => boolean;
    /** Looks for a zone's newest envelope; never rejects. */
    readonly renew: (zoneId: string) => Promise<void>;
  };
  /** Tells of a zone that could not be kept in step. */
  readonly report: (error: AgentError) => void;
}

interface Room {
  readonly zoneId: string;
  readonly feed: ZoneFeed;
  /** Of what was handed on. */
  place: EpochPlace;
  /** Where a steward says that an epoch begins, below what was handed on. */
  suspect: number | undefined;
  /** The last such position that was looked at in this session. */
  lookedAt: number | undefined;
  /** Gives up what is being read of a log that is not the zone's any more. */
  readingStop: AbortController;
  reading: boolean;
  readAgain: boolean;
}

/** Keeps the joined zones in step: live deliveries in order, what is missing from history. */
export class ZoneSync {
  readonly #deps: ZoneSyncDeps;
  readonly #rooms = new Map<string, Room>();
  readonly #stop = new AbortController();

  constructor(deps: ZoneSyncDeps) {
    this.#deps = deps;
  }

  /** Whether deliveries of the zone are handed on, or held to be. */
  has(zoneId: string): boolean {
    return this.#rooms.has(zoneId);
  }

  /** Begins to hold the zone's deliveries; returns false where that was so already. */
  open(zoneId: string): boolean {
    if (this.#rooms.has(zoneId)) return false;
    this.#rooms.set(zoneId, {
      zoneId,
      feed: new ZoneFeed(this.#deps.ownNodeId),
      place: { epoch: 0, seq: undefined },
      suspect: undefined,
      lookedAt: undefined,
      readingStop: new AbortController(),
      reading: false,
      readAgain: false,
    });
    return true;
  }

  /**
   * Hands on everything after `lastSeq`; a zone that is handed on already goes on where it is.
   * @param from where it begins, and the epoch of that position where the user knows it
   * @param head the zone's end, and the place of its newest epoch
   */
  start(
    zoneId: string,
    from: { readonly lastSeq: number; readonly epoch: number | undefined },
    { headSeq, place }: { readonly headSeq: number; readonly place: EpochPlace },
  ): void {
    const { lastSeq, epoch } = from;
    const room = this.#rooms.get(zoneId);
    if (room === undefined) return;
    if (room.feed.lastSeq === undefined) {
      room.place = epoch === undefined ? place : { epoch, seq: undefined };
      const isShorter = headSeq < lastSeq && this.#deps.stewards.isReplicated(zoneId);
      this.#handOn(room, room.feed.start(lastSeq, headSeq));
      if (isShorter) this.#rewind(room, headSeq + 1);
      if (epoch !== undefined) this.noteEpochSeq(zoneId, place.seq);
    } else {
      room.feed.noteHead(headSeq);
      this.noteEpochSeq(zoneId, place.seq);
      this.#handOn(room, []);
    }
  }

  /** Hears where the newest epoch in a steward's log begins, which may be before what was handed on. */
  noteEpochSeq(zoneId: string, epochSeq: number | undefined): void {
    const room = this.#rooms.get(zoneId);
    if (room?.feed.lastSeq === undefined || epochSeq === undefined) return;
    if (epochSeq === room.place.seq || epochSeq === room.lookedAt) return;
    if (epochSeq > room.feed.lastSeq) return;
    room.suspect = epochSeq;
    this.#read(room);
  }

  /** The zones that are handed on. */
  listJoined(): string[] {
    return [...this.#rooms.values()].flatMap(({ zoneId, feed }) =>
      feed.lastSeq === undefined ? [] : [zoneId],
    );
  }

  /** Forgets a zone. */
  close(zoneId: string): void {
    this.#rooms.delete(zoneId);
  }

  /** The last position handed on. */
  findLastSeq(zoneId: string): number | undefined {
    return this.#rooms.get(zoneId)?.feed.lastSeq;
  }

  /** The epoch of the last position handed on, where it is known. */
  findLastEpoch(zoneId: string): number | undefined {
    const room = this.#rooms.get(zoneId);
    return room?.feed.lastSeq === undefined || room.place.epoch === 0
      ? undefined
      : room.place.epoch;
  }

  /** Takes a live delivery; those of zones not joined here are dropped. */
  take(delivery: Delivery): void {
    const room = this.#rooms.get(delivery.zone_id);
    if (room === undefined) return;
    // A replica that cut its copy back tells the new log from where it differs.
    if (this.#isNextEpoch(room, delivery)) this.#rewind(room, delivery.seq);
    else if (this.#isFromLaterEpoch(room, [delivery])) return void this.#read(room);
    this.#handOn(room, room.feed.offer(delivery));
  }

  /** Notes that a message of this agent leaves for the zone. */
  expectOwn(zoneId: string, id: string): void {
    this.#rooms.get(zoneId)?.feed.expectOwn(id);
  }

  /** Ends the wait for an own message's position; undefined where it is not known. */
  settleOwn(zoneId: string, id: string, seq: number | undefined): void {
    const room = this.#rooms.get(zoneId);
    if (room !== undefined) this.#handOn(room, room.feed.settleOwn(id, seq));
  }

  /** Reads in every zone what a new session may have missed. */
  resume(): void {
    for (const room of this.#rooms.values()) {
      if (room.feed.lastSeq === undefined) continue;
      room.lookedAt = undefined;
      if (!this.#deps.stewards.isReplicated(room.zoneId)) this.#read(room);
      else this.#deps.stewards.renew(room.zoneId).then(() => this.#read(room));
    }
  }

  /** Stops all reading. */
  stop(): void {
    this.#stop.abort();
    this.#rooms.clear();
  }

  #handOn(room: Room, deliveries: readonly Delivery[]): void {
    this.#deliver(room, deliveries);
    // A gap may be an own message whose position is still on its way.
    if (room.feed.hasGap && !room.feed.hasUnanswered && !room.reading) this.#read(room);
  }

  #deliver(room: Room, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      const begun = findEpochOf(delivery);
      if (begun !== undefined && begun.epoch >= room.place.epoch) room.place = begun;
      this.#deps.deliver(delivery);
    }
  }

  /** Goes back to a position that was handed on before; nothing where it was not. */
  #rewind(room: Room, seq: number): void {
    const { feed, zoneId } = room;
    const lastSeq = feed.lastSeq ?? 0;
    if (seq > lastSeq) return;
    feed.rewind(seq);
    room.readAgain = true;
    room.readingStop.abort(new AgentError("aborted"));
    room.readingStop = new AbortController();
    this.#deps.rewind({ zone_id: zoneId, from_seq: seq, to_seq: lastSeq });
  }

  async #read(room: Room): Promise<void> {
    room.readAgain = true;
    if (room.reading) return;
    room.reading = true;
    let retryMs = RETRY_MS_MIN;
    while (room.readAgain && this.#isWanted(room)) {
      room.readAgain = false;
      const { signal } = room.readingStop;
      try {
        await this.#followEpoch(room);
        await this.#readToHead(room);
        retryMs = RETRY_MS_MIN;
      } catch (thrown) {
        const error = asAgentError(thrown, "protocol_error");
        if (!this.#isWanted(room) || error.code === "closed") break;
        if (signal.aborted) continue;
        this.#deps.report(toSyncError(room.zoneId, error));
        if (this.#isFinal(room, error)) this.close(room.zoneId);
        room.readAgain = true;
        await sleep(Math.max(retryMs, error.retryAfterMs ?? 0), this.#stop.signal);
        retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
      }
    }
    room.reading = false;
  }

  /** Looks whether an epoch that a steward told of began before what was handed on. */
  async #followEpoch(room: Room): Promise<void> {
    const { suspect: epochSeq } = room;
    const { lastSeq } = room.feed;
    if (epochSeq === undefined || lastSeq === undefined) return;
    const seq = await findRewindSeq(room.place, { epochSeq, lastSeq }, async (after, limit) => {
      const { page } = await this.#readPage(room, { afterSeq: after, limit });
      return page.entries.map(({ entry }) => toDelivery(entry));
    });
    room.suspect = undefined;
    room.lookedAt = epochSeq;
    if (!this.#isWanted(room)) return;
    if (seq !== undefined) this.#rewind(room, seq);
    // Epochs of this log are not told apart by their events: what is above was handed on as it is.
    else if (epochSeq > lastSeq) room.place = { epoch: 0, seq: undefined };
  }

  async #readToHead(room: Room): Promise<void> {
    const { feed } = room;
    let known: LogPosition | undefined;
    for (;;) {
      const { signal } = room.readingStop;
      const afterSeq = feed.lastSeq ?? 0;
      const checked = await this.#readPage(room, { afterSeq, known, minSeq: afterSeq });
      if (!this.#isWanted(room)) return;
      const deliveries = checked.page.entries.map(({ entry }) => toDelivery(entry));
      if (signal.aborted || this.#isFromLaterEpoch(room, deliveries)) return;
      this.#skipTo(room, checked.afterSeq);
      this.#deliver(room, feed.takePage(deliveries, checked.page.head_seq));
      this.noteEpochSeq(room.zoneId, checked.page.epoch_seq);
      if (!feed.hasGap) return;
      if ((feed.lastSeq ?? 0) <= afterSeq) {
        throw new AgentError("protocol_error", {
          message: `The zone's history brings nothing after ${afterSeq}.`,
        });
      }
      known = checked.last;
    }
  }

  #isNextEpoch({ zoneId, place }: Room, delivery: Delivery): boolean {
    const isNext = place.epoch > 0 && findEpochOf(delivery)?.epoch === place.epoch + 1;
    return isNext && this.#deps.stewards.isReplicated(zoneId);
  }

  /** A page that begins after an epoch's event which was not handed on: the log is another one by now. */
  #isFromLaterEpoch(room: Room, deliveries: readonly Delivery[]): boolean {
    const skipping = this.#deps.stewards.isReplicated(room.zoneId)
      ? findSkippingEpoch(room.place, deliveries)
      : undefined;
    if (skipping?.seq === undefined || room.place.epoch === 0) return false;
    room.suspect = skipping.seq;
    room.readAgain = true;
    return true;
  }

  async #readPage(
    room: Room,
    from: { afterSeq: number; known?: LogPosition | undefined; limit?: number; minSeq?: number },
  ): Promise<CheckedPage> {
    const { zoneId } = room;
    const { stewards, heads } = this.#deps;
    const { afterSeq, known, limit = HISTORY_PAGE_ENTRIES, minSeq } = from;
    const fields = { type: "zone.history", zone_id: zoneId, after_seq: afterSeq, limit };
    const isReplicated = stewards.isReplicated(zoneId);
    const { body } = await this.#deps.ask(
      { ...fields, min_seq: isReplicated ? minSeq : undefined },
      { deadline: createDeadline({ signal: room.readingStop.signal }, HISTORY_TIMEOUT_MS) },
    );
    const checked = await parseLogPage(body, {
      zoneId,
      afterSeq,
      known,
      isSteward: (nodeId) => stewards.isSteward(zoneId, nodeId),
      findPrimary: (epoch) => stewards.findPrimaryOf(zoneId, epoch),
    });
    if (checked.primaryHead !== undefined) heads.take(checked.primaryHead, checked.page.entries);
    return checked;
  }

  #skipTo(room: Room, seq: number): void {
    const { feed, zoneId } = room;
    const lastSeq = feed.lastSeq ?? 0;
    if (seq <= lastSeq) return;
    this.#deps.skip({ zone_id: zoneId, from_seq: lastSeq + 1, to_seq: seq });
    this.#deliver(room, feed.skipTo(seq));
  }

  /** Whether the zone has nothing more to say; of a replicated one another steward may have. */
  #isFinal(room: Room, error: AgentError): boolean {
    const isElsewhere = error.code === "not_steward" || error.code === "zone_not_found";
    if (isElsewhere && this.#deps.stewards.isReplicated(room.zoneId)) return false;
    return FINAL_CODES.has(error.code);
  }

  #isWanted(room: Room): boolean {
    return !this.#stop.signal.aborted && this.#rooms.get(room.zoneId) === room;
  }
}

function toSyncError(zoneId: string, cause: AgentError): AgentError {
  return new AgentError(cause.code, {
    message: `Keeping up with ${zoneId}: ${cause.message}`,
    reason: cause.reason,
    recovery: cause.recovery,
    hint: cause.hint,
    retryAfterMs: cause.retryAfterMs,
    details: { ...cause.details, zone_id: zoneId },
    cause,
  });
}
