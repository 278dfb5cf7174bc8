import type { Logger } from "../base/log.ts";
import type { Write } from "../store/database.ts";
import type { DeliveryQueries } from "../store/webhooks/deliveries.ts";
import type { WebhookQueries } from "../store/webhooks/webhooks.ts";
import type { WebhooksConfig } from "./config.ts";

/** What forgetting deliveries works with. */
export interface PruningDeps {
  readonly config: WebhooksConfig;
  readonly log: Logger;
  readonly webhooks: WebhookQueries;
  readonly deliveries: DeliveryQueries;
  readonly nowMs: () => number;
}

/** Forgets some ended deliveries that are too many or too old; tells whether more are left. */
export function pruneEnded(write: Write, deps: PruningDeps): boolean {
  const { config, log, webhooks, deliveries, nowMs } = deps;
  const from = nowMs() - config.kept_secs * 1000;
  const kinds = [
    { state: "delivered", kept: config.delivered_max, from },
    { state: "dead", kept: config.dead_max, from },
  ] as const;
  let hasMore = false;
  for (const { webhookId } of webhooks.listWebhooks()) {
    for (const kind of kinds) {
      const count = deliveries.pruneDeliveries(write, webhookId, kind);
      hasMore ||= count === deliveries.prunedRowsMax;
      if (count > 0 && kind.state === "dead") {
        log.warn({ webhook: webhookId, count }, "deliveries that were given up are forgotten");
      }
    }
  }
  return hasMore;
}
