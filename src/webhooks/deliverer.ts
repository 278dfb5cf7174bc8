import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "../base/log.ts";
import { Signal } from "../base/signal.ts";
import { toPauseMs } from "../outbound/backoff.ts";
import type { Breakers } from "../outbound/breakers.ts";
import type { BreakerPass } from "../outbound/circuit-breaker.ts";
import type { Store } from "../store/database.ts";
import type { DeliveryQueries, DeliveryRow } from "../store/webhooks/deliveries.ts";
import type { WebhookQueries, WebhookRow } from "../store/webhooks/webhooks.ts";
import type { WebhooksConfig } from "./config.ts";
import type { Sender, Sent } from "./sender.ts";

const IDLE_MS = 60_000;
const BLOCKED_MS_MIN = 500;
const AFTER_ERROR_MS = 1_000;
/** Deliveries given up at a time. */
const GIVEN_UP_ROWS = 100;
const STOP_MS = 2_000;

/** What deliveries came to since the start. */
export interface DeliveryStats {
  delivered: number;
  failed: number;
  dead: number;
}

/** What a deliverer works with. */
export interface DelivererDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly config: WebhooksConfig;
  readonly breakers: Breakers;
  readonly webhooks: WebhookQueries;
  readonly deliveries: DeliveryQueries;
  readonly sender: Sender;
  readonly nowMs: () => number;
  /** What every message's id begins with: two stewards' events have the same numbers. */
  readonly idPrefix: string;
  /** A delivery ended. */
  readonly onEnded: () => void;
}

/**
 * Sends deliveries, at least once each: of a webhook's events of one zone one after another, of several zones
 * at a time. What was under way when the process ended is sent again.
 */
export class Deliverer implements AsyncDisposable {
  readonly stats: DeliveryStats = { delivered: 0, failed: 0, dead: 0 };
  private readonly deps: DelivererDeps;
  private readonly signal = new Signal();
  private readonly stopping = new AbortController();
  /** Events under way, by webhook. */
  private readonly flights = new Map<string, Map<number, Promise<void>>>();
  private isStopped = false;

  constructor(deps: DelivererDeps) {
    this.deps = deps;
    deps.breakers.onClose(() => this.signal.raise());
  }

  /** Begins to send. */
  start(): void {
    void this.run();
  }

  /** Looks again: deliveries were added, or may be sent at once. */
  look(): void {
    this.signal.raise();
  }

  /** What a message is known by at its receiver. */
  toMessageId(eventId: number | string): string {
    return `${this.deps.idPrefix}_${eventId}`;
  }

  /** Lets what is under way end, for a moment. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isStopped = true;
    this.signal.raise();
    const flights = [...this.flights.values()].flatMap((some) => [...some.values()]);
    if (flights.length > 0) await Promise.race([Promise.all(flights), wait(STOP_MS)]);
    this.stopping.abort();
    await Promise.all(flights);
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      let waitMs = AFTER_ERROR_MS;
      try {
        waitMs = this.step();
      } catch (err) {
        this.deps.log.error({ err }, "webhooks could not be looked at");
      }
      await this.signal.wait(waitMs);
    }
  }

  /** Sends what may be sent; returns how long nothing more is to be done. */
  private step(): number {
    const { webhooks } = this.deps;
    const active = webhooks.listWebhooks().filter(({ state }) => state === "active");
    return Math.min(IDLE_MS, ...active.map((row) => this.serve(row)));
  }

  private serve(webhook: WebhookRow): number {
    const { deliveries, breakers, config, nowMs } = this.deps;
    const { webhookId } = webhook;
    const now = nowMs();
    const flights = this.flightsOf(webhookId);
    let free = config.parallel_max - flights.size;
    if (free <= 0) return IDLE_MS;
    const breaker = breakers.get(webhookId);
    for (const delivery of deliveries.listDue(webhookId, now, free + flights.size)) {
      if (flights.has(delivery.eventId)) continue;
      if (free-- <= 0) return IDLE_MS;
      const pass = breaker.tryEnter();
      if (pass === undefined) {
        this.giveUpOld(webhookId, now);
        return Math.max(BLOCKED_MS_MIN, breaker.read().retryAfterMs);
      }
      this.launch(webhook, delivery, pass);
    }
    const nextAt = deliveries.findNextAt(webhookId, now);
    return nextAt === undefined ? IDLE_MS : nextAt - now;
  }

  private flightsOf(webhookId: string): Map<number, Promise<void>> {
    const known = this.flights.get(webhookId);
    if (known !== undefined) return known;
    const flights = new Map<number, Promise<void>>();
    this.flights.set(webhookId, flights);
    return flights;
  }

  private launch(webhook: WebhookRow, { eventId }: DeliveryRow, pass: BreakerPass): void {
    const flights = this.flightsOf(webhook.webhookId);
    const flight = this.deliver(webhook, eventId, pass)
      .catch(async (err: unknown) => {
        const { log } = this.deps;
        log.error({ err, webhook: webhook.webhookId }, "a webhook's delivery could not be tried");
        // What could not be written is as it was: it would be tried again at once.
        await wait(AFTER_ERROR_MS, undefined, { signal: this.stopping.signal }).catch(() => {});
      })
      .finally(() => {
        flights.delete(eventId);
        if (flights.size === 0) this.flights.delete(webhook.webhookId);
        this.signal.raise();
      });
    flights.set(eventId, flight);
  }

  private async deliver(webhook: WebhookRow, eventId: number, pass: BreakerPass): Promise<void> {
    const { store, sender, deliveries } = this.deps;
    const { signal } = this.stopping;
    let verdict: Sent["host"] = "neither";
    try {
      // Nothing leaves before it is durable, and what was taken back not at all.
      await store.committed();
      const delivery = deliveries.findDelivery(webhook.webhookId, eventId);
      if (delivery === undefined || delivery.state !== "pending" || this.isStopped) return;
      const message = { id: this.toMessageId(eventId), body: delivery.body };
      const sent = await sender.send(webhook, message, signal);
      if (signal.aborted && sent.outcome !== "delivered") return;
      verdict = sent.host;
      this.note(webhook, delivery, sent);
    } finally {
      pass.end(verdict);
    }
  }

  private note(webhook: WebhookRow, delivery: DeliveryRow, sent: Sent): void {
    const { store, webhooks, deliveries, log, nowMs, onEnded } = this.deps;
    const { webhookId } = webhook;
    const now = nowMs();
    const attempts = delivery.attempts + 1;
    const state = this.toState(delivery, attempts, sent, now);
    const pauseMs = sent.outcome === "failed" ? this.toPauseMs(attempts, sent) : 0;
    store.write((write) => {
      deliveries.changeDelivery(write, delivery, {
        ...{ state, attempts, nextAt: now + pauseMs, changedAt: now },
        ...{ status: sent.status ?? null, error: sent.error ?? null },
      });
      if (sent.outcome === "gone") webhooks.setWebhookState(write, webhookId, "disabled");
    });
    this.count(state);
    const facts = { webhook: webhookId, event: delivery.eventId, attempts, problem: sent.error };
    if (sent.outcome === "gone") log.warn(facts, "a webhook's receiver is gone: it is disabled");
    if (state === "dead") log.warn(facts, "a webhook's delivery was given up");
    if (state !== "pending") onEnded();
  }

  private toState(
    { happenedAt }: DeliveryRow,
    attempts: number,
    { outcome }: Sent,
    now: number,
  ): DeliveryRow["state"] {
    const { attempts_max: attemptsMax, give_up_secs: giveUpSecs } = this.deps.config;
    if (outcome === "delivered") return "delivered";
    if (outcome === "gone") return "pending";
    const isOver = attempts >= attemptsMax || now - happenedAt > giveUpSecs * 1000;
    return isOver ? "dead" : "pending";
  }

  private toPauseMs(attempts: number, { retryAfterMs }: Sent): number {
    const { retry_ms_first: firstMs, retry_ms_max: maxMs } = this.deps.config;
    return toPauseMs({ firstMs, maxMs }, attempts, Math.random(), retryAfterMs);
  }

  private count(state: DeliveryRow["state"]): void {
    if (state === "delivered") this.stats.delivered++;
    else this.stats.failed++;
    if (state === "dead") this.stats.dead++;
  }

  /** While a receiver is known to be down its deliveries are not tried: what is too old does not wait on. */
  private giveUpOld(webhookId: string, now: number): void {
    const { store, deliveries, config, onEnded } = this.deps;
    const flights = this.flightsOf(webhookId);
    const old = deliveries
      .listOlder(webhookId, now - config.give_up_secs * 1000, GIVEN_UP_ROWS)
      .filter(({ eventId }) => !flights.has(eventId));
    if (old.length === 0) return;
    store.write((write) => {
      for (const delivery of old) {
        const { attempts, status, error } = delivery;
        const why = error ?? "its receiver was down for all of its time";
        const to = { state: "dead", attempts, status, error: why } as const;
        deliveries.changeDelivery(write, delivery, { ...to, nextAt: now, changedAt: now });
      }
    });
    this.stats.dead += old.length;
    onEnded();
    if (old.length === GIVEN_UP_ROWS) this.signal.raiseIn(BLOCKED_MS_MIN);
  }
}
