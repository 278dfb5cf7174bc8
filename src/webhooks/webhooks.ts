import { v7 as uuidv7 } from "uuid";
import type { Logger } from "../base/log.ts";
import { StewardError } from "../errors.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Breakers } from "../outbound/breakers.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { Store, Write } from "../store/database.ts";
import { type DeliveryQueries, prepareDeliveryQueries } from "../store/webhooks/deliveries.ts";
import {
  prepareWebhookQueries,
  type WebhookChange,
  type WebhookQueries,
  type WebhookRow,
} from "../store/webhooks/webhooks.ts";
import type { WebhooksConfig } from "./config.ts";
import { Deliverer, type DeliveryStats } from "./deliverer.ts";
import {
  findWebhookWarnings,
  measureWebhooks,
  type WebhookLevels,
  type WebhookWarning,
} from "./health.ts";
import { pruneEnded } from "./pruning.ts";
import { hasSecret, WebhookSecrets } from "./secrets.ts";
import { Sender, type Sent } from "./sender.ts";
import { Taker, toWebhookBody } from "./taker.ts";
import { TargetGuard } from "./target.ts";

/** Dead deliveries that one call has sent anew. */
const REPLAYED_MAX = 1_000;
const TEST_TYPE = "webhook.test";

/** What webhooks work with. */
export interface WebhooksDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly config: WebhooksConfig;
  readonly events: EventLog;
  readonly breakers: Breakers;
  readonly secretBox: SecretBox;
  readonly nowMs: () => number;
  readonly nodeId: string;
  readonly version: string;
}

/** A webhook that is to be made. */
export interface NewWebhook {
  readonly url: string;
  readonly events: readonly string[];
  readonly allowPrivate: boolean;
  /** Its written form; made where it is left out. */
  readonly secret?: string | undefined;
  /** A token's id. */
  readonly createdBy: string;
}

/** The operator's webhooks: what happens is sent to them, in order and at least once; `docs/webhooks.md`. */
export class Webhooks implements AsyncDisposable {
  readonly guard: TargetGuard;
  readonly queries: WebhookQueries;
  readonly deliveries: DeliveryQueries;
  private readonly deps: WebhooksDeps;
  private readonly secrets: WebhookSecrets;
  private readonly sender: Sender;
  private readonly taker: Taker;
  private readonly deliverer: Deliverer;
  private readonly stopping = new AbortController();

  constructor(deps: WebhooksDeps) {
    const { store, config, nodeId, version } = deps;
    this.deps = deps;
    this.guard = new TargetGuard(config.allow_private);
    this.queries = prepareWebhookQueries(store);
    this.deliveries = prepareDeliveryQueries(store);
    this.secrets = new WebhookSecrets(deps.secretBox);
    const { guard, secrets, queries: webhooks, deliveries } = this;
    const parts = { ...deps, webhooks, deliveries };
    this.sender = new Sender({ ...deps, guard, secrets, userAgent: `zone-steward/${version}` });
    this.deliverer = new Deliverer({
      ...parts,
      sender: this.sender,
      idPrefix: `evt_${nodeId.slice("atlas_".length).slice(0, 12)}`,
      onEnded: () => this.taker.noteRoom(),
    });
    this.taker = new Taker({ ...parts, onTaken: () => this.deliverer.look() });
    deps.events.setFloor(() => this.taker.findFloor());
  }

  /** What deliveries came to since the start. */
  get stats(): Readonly<DeliveryStats> {
    return this.deliverer.stats;
  }

  /** How all webhooks stand together. */
  measure(): WebhookLevels {
    return measureWebhooks(this.toParts());
  }

  /** What an operator would want to know of them. */
  findWarnings(): WebhookWarning[] {
    return findWebhookWarnings(this.toParts());
  }

  /** Begins with what was left, and what happened meanwhile. */
  start(): void {
    this.taker.start();
    this.deliverer.start();
  }

  /**
   * Makes a webhook, which is sent what happens from now on; `guard.assertTarget` comes before.
   * @returns its row, and the secret in its written form, this once
   * @throws StewardError `conflict` where there are as many as there may be; `invalid_request`
   */
  create(write: Write, input: NewWebhook): { readonly row: WebhookRow; readonly secret: string } {
    const { config, events, nowMs } = this.deps;
    if (this.queries.listWebhooks().length >= config.webhooks_max) {
      const message = `There are ${config.webhooks_max} webhooks already (webhooks.webhooks_max): remove some first.`;
      throw new StewardError("conflict", { message });
    }
    const webhookId = `hook_${uuidv7()}`;
    const { text, sealed } = this.secrets.take(webhookId, input.secret);
    const { url, events: patterns, allowPrivate, createdBy } = input;
    const row: WebhookRow = {
      ...{ webhookId, url, events: patterns, allowPrivate, createdBy },
      secretSealed: sealed,
      formerSecretSealed: null,
      formerSecretUntil: null,
      state: "active",
      createdAt: Math.floor(nowMs() / 1000),
      position: events.newest(),
    };
    this.queries.insertWebhook(write, row);
    this.lookAfterCommit();
    return { row, secret: text };
  }

  /** Gets a webhook. @throws StewardError `not_found` */
  get(webhookId: string): WebhookRow {
    const row = this.queries.findWebhook(webhookId);
    if (row === undefined) throw new StewardError("not_found");
    return row;
  }

  /**
   * Changes where, what or whether is sent; what waits is sent to where it leads then.
   * @throws StewardError `not_found`; `conflict` where it is to be sent to and has no secret
   */
  change(write: Write, webhookId: string, change: Partial<WebhookChange>): WebhookRow {
    const row = this.get(webhookId);
    if (change.state === "active") assertSecret(row);
    const { url, events, allowPrivate, state } = row;
    const to = { url, events, allowPrivate, state, ...change };
    this.queries.changeWebhook(write, webhookId, to);
    // A receiver elsewhere, or one that is said to be back.
    this.deps.store.gate(() => this.deps.breakers.close(webhookId));
    this.lookAfterCommit();
    return this.get(webhookId);
  }

  /**
   * Puts another secret in the place of a webhook's own, which signs, too, for so long where it opens.
   * @returns the new one in its written form, this once
   * @throws StewardError `not_found`, `invalid_request`
   */
  rotateSecret(
    write: Write,
    webhookId: string,
    { secret, overlapSecs }: { secret?: string | undefined; overlapSecs: number },
  ): string {
    const row = this.get(webhookId);
    const { text, sealed } = this.secrets.take(webhookId, secret);
    const now = Math.floor(this.deps.nowMs() / 1000);
    const former = overlapSecs === 0 ? undefined : this.secrets.toFormer(row);
    this.queries.setWebhookSecrets(write, webhookId, {
      secretSealed: sealed,
      formerSecretSealed: former ?? null,
      formerSecretUntil: former === undefined ? null : now + overlapSecs,
    });
    return text;
  }

  /** Deletes a webhook and its deliveries. @throws StewardError `not_found` */
  remove(write: Write, webhookId: string): void {
    if (!this.queries.deleteWebhook(write, webhookId)) throw new StewardError("not_found");
    this.deps.store.gate(() => {
      this.deps.breakers.forget(webhookId);
      this.taker.forget(webhookId);
    });
  }

  /**
   * Has a delivery sent again that was delivered or given up.
   * @throws StewardError `not_found`; `conflict` while it waits to be sent, or too many others do anew
   */
  replay(write: Write, webhookId: string, eventId: number): void {
    const row = this.deliveries.findDelivery(webhookId, eventId);
    if (row === undefined) throw new StewardError("not_found");
    if (row.state !== "pending" && this.findReplayRoom(webhookId) <= 0) {
      const message = `${this.deps.config.dead_max} deliveries wait to be sent again already (webhooks.dead_max): replay it once some of them are sent.`;
      throw new StewardError("conflict", { message });
    }
    if (!this.deliveries.reviveDelivery(write, webhookId, eventId, this.deps.nowMs())) {
      throw new StewardError("conflict", { message: "It is pending: it is sent anyway." });
    }
    this.lookAfterCommit();
  }

  /**
   * Has those sent again that were given up, no more than a thousand, and while fewer than `dead_max` wait for
   * that; returns how many.
   */
  replayDead(write: Write, webhookId: string): number {
    const { webhookId: id } = this.get(webhookId);
    const limit = Math.max(0, Math.min(REPLAYED_MAX, this.findReplayRoom(id)));
    const dead = this.deliveries.listDeliveries(id, { after: 0, limit, state: "dead" });
    const now = this.deps.nowMs();
    for (const { eventId } of dead) this.deliveries.reviveDelivery(write, id, eventId, now);
    this.lookAfterCommit();
    return dead.length;
  }

  /**
   * Sends a message of the type `webhook.test` once, at once, whatever waits.
   * @throws StewardError `not_found`; `conflict` where it has no secret
   */
  async test(webhookId: string): Promise<Sent> {
    const row = this.get(webhookId);
    assertSecret(row);
    const event = { id: 0, at: this.deps.nowMs(), type: TEST_TYPE, zoneId: null, data: {} };
    const message = { id: this.deliverer.toMessageId(uuidv7()), body: toWebhookBody(event) };
    return await this.sender.send(row, message, this.stopping.signal);
  }

  /** Forgets some of what ended long ago; tells whether more is left. */
  prune(write: Write): boolean {
    return pruneEnded(write, this.toParts());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.taker[Symbol.dispose]();
    this.stopping.abort();
    await this.deliverer[Symbol.asyncDispose]();
    this.sender[Symbol.dispose]();
  }

  /** How many more may wait to be sent again: they are no part of `pending_max`. */
  private findReplayRoom(webhookId: string): number {
    return this.deps.config.dead_max - this.deliveries.countRevived(webhookId);
  }

  private toParts() {
    return { ...this.deps, webhooks: this.queries, deliveries: this.deliveries };
  }

  private lookAfterCommit(): void {
    this.deps.store.gate(() => {
      this.taker.look();
      this.deliverer.look();
    });
  }
}

function assertSecret(row: WebhookRow): void {
  if (hasSecret(row)) return;
  const message = `It has no secret, as the master key was lost: steward webhook secret ${row.webhookId} gives it another one.`;
  throw new StewardError("conflict", { message });
}
