import type { DeliveryCounts, DeliveryQueries } from "../store/webhooks/deliveries.ts";
import type { WebhookQueries, WebhookRow } from "../store/webhooks/webhooks.ts";
import type { WebhooksConfig } from "./config.ts";
import { hasSecret } from "./secrets.ts";

/** What the state of webhooks is read from. */
export interface HealthDeps {
  readonly config: WebhooksConfig;
  readonly webhooks: WebhookQueries;
  readonly deliveries: DeliveryQueries;
  readonly nowMs: () => number;
}

/** How all webhooks stand together. */
export interface WebhookLevels {
  readonly webhooks: number;
  readonly pending: number;
  readonly dead: number;
  /** How long the event that waits for longest has waited, for active ones; seconds. */
  readonly lagSecs: number;
}

/** Something that an operator would want to know. */
export interface WebhookWarning {
  readonly key: string;
  readonly what: string;
  readonly remedy: string;
}

/** Measures how many deliveries wait, were given up, and for how long the oldest waits. */
export function measureWebhooks(deps: HealthDeps): WebhookLevels {
  const all = listCounts(deps);
  return {
    webhooks: all.length,
    pending: all.reduce((sum, { counts }) => sum + counts.pending, 0),
    dead: all.reduce((sum, { counts }) => sum + counts.dead, 0),
    lagSecs: Math.max(0, ...all.map((one) => toLagSecs(one, deps.nowMs()))),
  };
}

/** Finds webhooks that lose, or hold back, what happened. */
export function findWebhookWarnings(deps: HealthDeps): WebhookWarning[] {
  return listCounts(deps).flatMap((one) => {
    const { row, counts } = one;
    const { webhookId, state } = row;
    const key = `webhooks.${webhookId}`;
    const lagSecs = toLagSecs(one, deps.nowMs());
    return [
      ...(hasSecret(row)
        ? []
        : [
            {
              key: `${key}.secret`,
              what: `webhook ${webhookId} has no secret and is sent nothing: the master key was lost`,
              remedy: `Give it another one, and its receiver, too: steward webhook secret ${webhookId}`,
            },
          ]),
      ...(state === "disabled" && hasSecret(row)
        ? [
            {
              key: `${key}.disabled`,
              what: `webhook ${webhookId} is disabled: its receiver answered 410, that it is gone`,
              remedy: `Remove it (steward webhook remove), or bring the receiver back: steward webhook resume ${webhookId}`,
            },
          ]
        : []),
      ...(counts.dead > 0
        ? [
            {
              key: `${key}.dead`,
              what: `deliveries to webhook ${webhookId} were given up`,
              remedy: `See why: steward webhook deliveries ${webhookId} --state dead; once it works: steward webhook replay ${webhookId} --dead`,
            },
          ]
        : []),
      ...(lagSecs > deps.config.lag_warn_secs
        ? [
            {
              key: `${key}.lag`,
              what: `webhook ${webhookId} is behind: events have waited for longer than ${deps.config.lag_warn_secs} s`,
              remedy: `See why: steward webhook deliveries ${webhookId} --state pending; steward webhook test ${webhookId} sends at once`,
            },
          ]
        : []),
    ];
  });
}

interface Counted {
  readonly row: WebhookRow;
  readonly counts: DeliveryCounts;
}

function listCounts({ webhooks, deliveries }: HealthDeps): Counted[] {
  return webhooks
    .listWebhooks()
    .map((row) => ({ row, counts: deliveries.countDeliveries(row.webhookId) }));
}

function toLagSecs({ row, counts }: Counted, nowMs: number): number {
  if (row.state !== "active" || counts.oldestAt === null) return 0;
  return Math.max(0, (nowMs - counts.oldestAt) / 1000);
}
