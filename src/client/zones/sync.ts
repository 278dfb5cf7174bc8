import type { LogPosition } from "../../protocol/log-chain.ts";
import { AgentError, asAgentError } from "../agent-error.ts";
import type { Ask } from "../calls/ask.ts";
import { type Delivery, toDelivery } from "../calls/replies.ts";
import { createDeadline, sleep } from "../deadline.ts";
import { ZoneFeed } from "./feed.ts";
import { parseLogPage } from "./log-page.ts";

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
  readonly isSteward: (zoneId: string, nodeId: string) => boolean;
  /** Tells of a zone that could not be kept in step. */
  readonly report: (error: AgentError) => void;
}

interface Room {
  readonly zoneId: string;
  readonly feed: ZoneFeed;
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
    const room = { zoneId, feed: new ZoneFeed(), reading: false, readAgain: false };
    this.#rooms.set(zoneId, room);
    return true;
  }

  /** Hands on everything after `lastSeq`; a zone that is handed on already goes on where it is. */
  start(zoneId: string, lastSeq: number, headSeq: number): void {
    const room = this.#rooms.get(zoneId);
    if (room === undefined) return;
    if (room.feed.lastSeq === undefined) this.#handOn(room, room.feed.start(lastSeq, headSeq));
    else {
      room.feed.noteHead(headSeq);
      this.#handOn(room, []);
    }
  }

  /** Forgets a zone. */
  close(zoneId: string): void {
    this.#rooms.delete(zoneId);
  }

  /** The last position handed on. */
  findLastSeq(zoneId: string): number | undefined {
    return this.#rooms.get(zoneId)?.feed.lastSeq;
  }

  /** Takes a live delivery; those of zones not joined here are dropped. */
  take(delivery: Delivery): void {
    const room = this.#rooms.get(delivery.zone_id);
    if (room !== undefined) this.#handOn(room, room.feed.offer(delivery));
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
      if (room.feed.lastSeq !== undefined) this.#read(room);
    }
  }

  /** Stops all reading. */
  stop(): void {
    this.#stop.abort();
    this.#rooms.clear();
  }

  #handOn(room: Room, deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#deps.deliver(delivery);
    // A gap may be an own message whose position is still on its way.
    if (room.feed.hasGap && !room.feed.hasUnanswered && !room.reading) this.#read(room);
  }

  async #read(room: Room): Promise<void> {
    room.readAgain = true;
    if (room.reading) return;
    room.reading = true;
    let retryMs = RETRY_MS_MIN;
    while (room.readAgain && this.#isWanted(room)) {
      room.readAgain = false;
      try {
        await this.#readToHead(room);
        retryMs = RETRY_MS_MIN;
      } catch (thrown) {
        const error = asAgentError(thrown, "protocol_error");
        if (!this.#isWanted(room) || error.code === "closed") break;
        this.#deps.report(toSyncError(room.zoneId, error));
        if (FINAL_CODES.has(error.code)) this.close(room.zoneId);
        room.readAgain = true;
        await sleep(Math.max(retryMs, error.retryAfterMs ?? 0), this.#stop.signal);
        retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
      }
    }
    room.reading = false;
  }

  async #readToHead(room: Room): Promise<void> {
    const { feed, zoneId } = room;
    let known: LogPosition | undefined;
    for (;;) {
      const afterSeq = feed.lastSeq ?? 0;
      const { body } = await this.#deps.ask(
        { type: "zone.history", zone_id: zoneId, after_seq: afterSeq, limit: HISTORY_PAGE_ENTRIES },
        { deadline: createDeadline({}, HISTORY_TIMEOUT_MS) },
      );
      const isSteward = (nodeId: string) => this.#deps.isSteward(zoneId, nodeId);
      const checked = await parseLogPage(body, { zoneId, afterSeq, known, isSteward });
      if (!this.#isWanted(room)) return;
      this.#skipTo(room, checked.afterSeq);
      const deliveries = checked.page.entries.map(({ entry }) => toDelivery(entry));
      for (const next of feed.takePage(deliveries, checked.page.head_seq)) this.#deps.deliver(next);
      if (!feed.hasGap) return;
      if ((feed.lastSeq ?? 0) <= afterSeq) {
        throw new AgentError("protocol_error", {
          message: `The zone's history brings nothing after ${afterSeq}.`,
        });
      }
      known = checked.last;
    }
  }

  #skipTo(room: Room, seq: number): void {
    const { feed, zoneId } = room;
    const lastSeq = feed.lastSeq ?? 0;
    if (seq <= lastSeq) return;
    this.#deps.skip({ zone_id: zoneId, from_seq: lastSeq + 1, to_seq: seq });
    for (const delivery of feed.skipTo(seq)) this.#deps.deliver(delivery);
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
    details: { zone_id: zoneId },
    cause,
  });
}
