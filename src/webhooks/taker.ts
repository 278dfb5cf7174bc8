import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "../base/log.ts";
import { Signal } from "../base/signal.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store, Write } from "../store/database.ts";
import type { EventPage, EventRow } from "../store/events/events.ts";
import type { DeliveryQueries } from "../store/webhooks/deliveries.ts";
import type { WebhookQueries, WebhookRow } from "../store/webhooks/webhooks.ts";
import type { WebhooksConfig } from "./config.ts";
import { isWanted, joinPatterns } from "./patterns.ts";

/** Events read at a time. */
const PAGE_EVENTS = 200;
/** Where nothing was wanted, positions are written no oftener than this: what is looked at again costs little. */
const UNWRITTEN_EVENTS_MAX = 1_000;
const AFTER_ERROR_MS = 1_000;

/** What a taker works with. */
export interface TakerDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly config: WebhooksConfig;
  readonly events: EventLog;
  readonly webhooks: WebhookQueries;
  readonly deliveries: DeliveryQueries;
  readonly nowMs: () => number;
  /** Deliveries were added. */
  readonly onTaken: () => void;
}

/** Turns events of the log into deliveries, each webhook's in the order of the log and none twice. */
export class Taker implements Disposable {
  private readonly deps: TakerDeps;
  private readonly signal = new Signal();
  /** Beyond what the rows say, of commits only: what was looked at and not wanted. */
  private readonly positions = new Map<string, number>();
  private readonly endListening: () => void;
  private isStopped = false;
  private isFull = false;

  constructor(deps: TakerDeps) {
    this.deps = deps;
    this.endListening = deps.events.onCommitted(() => this.signal.raise());
  }

  /** Takes what happened while the steward was not there, and goes on. */
  start(): void {
    void this.run();
  }

  /** Looks again: a webhook is new, or active again. */
  look(): void {
    this.signal.raise();
  }

  /** A delivery ended: there may be room for what waits in the log. */
  noteRoom(): void {
    if (this.isFull) this.signal.raise();
  }

  /** The last event that every active webhook was given; undefined without one. */
  findFloor(): number | undefined {
    const positions = this.listActive().map((row) => this.positionOf(row));
    return positions.length === 0 ? undefined : Math.min(...positions);
  }

  /** Forgets what it knows of a webhook. */
  forget(webhookId: string): void {
    this.positions.delete(webhookId);
  }

  [Symbol.dispose](): void {
    this.isStopped = true;
    this.endListening();
    this.signal.raise();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        while (!this.isStopped && this.takeSome()) await nextTurn();
        await this.signal.wait();
      } catch (err) {
        this.deps.log.error({ err }, "events could not be put on their way to webhooks");
        await this.signal.wait(AFTER_ERROR_MS);
      }
    }
  }

  private listActive(): WebhookRow[] {
    return this.deps.webhooks.listWebhooks().filter(({ state }) => state === "active");
  }

  private positionOf({ webhookId, position }: WebhookRow): number {
    return Math.max(position, this.positions.get(webhookId) ?? 0);
  }

  /** Takes a page of the log for those who have room; tells whether there may be more. */
  private takeSome(): boolean {
    const { store, config, events, deliveries } = this.deps;
    const active = this.listActive();
    const takers = active
      .map((row) => ({ row, room: config.pending_max - deliveries.countPending(row.webhookId) }))
      .filter(({ room }) => room > 0);
    this.isFull = takers.length < active.length;
    if (takers.length === 0) return false;
    const from = Math.min(...takers.map(({ row }) => this.positionOf(row)));
    const types = joinPatterns(takers.map(({ row }) => row.events));
    const page = events.readAfter(from, PAGE_EVENTS, { types });
    const isLate = takers.some(({ row }) => page.upTo - row.position >= UNWRITTEN_EVENTS_MAX);
    if (page.events.length > 0 || isLate) {
      store.write((write) => {
        for (const taker of takers) this.give(write, taker, page);
      });
    } else {
      // Most of what happens is wanted by nobody: that costs no write.
      store.gate(() => {
        for (const { row } of takers) this.pass(row, page.upTo);
      });
    }
    return page.upTo > from;
  }

  private pass(row: WebhookRow, upTo: number): void {
    this.positions.set(row.webhookId, Math.max(upTo, this.positionOf(row)));
  }

  private give(
    write: Write,
    { row, room }: { readonly row: WebhookRow; readonly room: number },
    { events, upTo }: EventPage,
  ): void {
    const { store, webhooks } = this.deps;
    const { webhookId } = row;
    const position = this.positionOf(row);
    if (position >= upTo) return;
    const wanted = events.filter(({ id, type }) => id > position && isWanted(row.events, type));
    const taken = wanted.slice(0, room);
    for (const event of taken) this.add(write, webhookId, event);
    const to = taken.length < wanted.length ? (taken.at(-1)?.id ?? position) : upTo;
    const isWritten = taken.length > 0 || to - row.position >= UNWRITTEN_EVENTS_MAX;
    if (isWritten) webhooks.moveWebhook(write, webhookId, to);
    store.gate(() => {
      this.positions.set(webhookId, to);
      if (taken.length > 0) this.deps.onTaken();
    });
  }

  private add(write: Write, webhookId: string, { id, at, type, zoneId, data }: EventRow): void {
    const { deliveries, nowMs } = this.deps;
    const now = nowMs();
    deliveries.insertDelivery(write, {
      webhookId,
      eventId: id,
      type,
      zoneId,
      lane: zoneId ?? "",
      body: toWebhookBody({ id, at, type, zoneId, data }),
      happenedAt: at,
      nextAt: now,
      changedAt: now,
    });
  }
}

/** What a receiver gets; `docs/webhooks.md`. */
export function toWebhookBody({ id, at, type, zoneId, data }: Omit<EventRow, "subject">): string {
  const created_at = Math.floor(at / 1000);
  return JSON.stringify({ id, type, created_at, zone_id: zoneId, data });
}
