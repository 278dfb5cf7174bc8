import type { Route } from "./http/route.ts";
import type { MetricDeps } from "./metrics/readings.ts";
import { toOpenApi } from "./openapi.ts";
import { createAuditRoutes } from "./routes/audit.ts";
import { createBackupRoutes } from "./routes/backups.ts";
import { createBookRoutes } from "./routes/books.ts";
import { createBreakerRoutes } from "./routes/breakers.ts";
import { createClaimRoutes } from "./routes/claims.ts";
import { createConfigRoutes } from "./routes/config.ts";
import { createDocumentRoutes } from "./routes/document.ts";
import { createEscrowRoutes } from "./routes/escrows.ts";
import { createEventRoutes } from "./routes/events.ts";
import { createHealthRoutes } from "./routes/health.ts";
import { createInviteRoutes } from "./routes/invites.ts";
import { createMemberRoutes } from "./routes/members.ts";
import { createMetricRoutes } from "./routes/metrics.ts";
import { createPaymentRoutes } from "./routes/payments.ts";
import { createProviderRoutes } from "./routes/providers.ts";
import { createReplicaRoutes } from "./routes/replicas.ts";
import { createSessionRoutes } from "./routes/sessions.ts";
import { createStatRoutes } from "./routes/stats.ts";
import { createStewardRoutes } from "./routes/stewards.ts";
import { createTokenRoutes } from "./routes/tokens.ts";
import { createWalletRoutes } from "./routes/wallets.ts";
import { createDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { createWebhookRoutes } from "./routes/webhooks.ts";
import { createWireBanRoutes } from "./routes/wire-bans.ts";
import { createZoneBanRoutes } from "./routes/zone-bans.ts";
import { createZoneEpochRoutes } from "./routes/zone-epochs.ts";
import { createZoneLogRoutes } from "./routes/zone-log.ts";
import { createZoneRoutes } from "./routes/zones.ts";

/** Every route of the API: what runs, and what the document says. */
export function createRouteTable(deps: MetricDeps): readonly Route[] {
  const routes: Route[] = [
    ...createHealthRoutes(deps),
    ...createMetricRoutes(deps),
    ...createDocumentRoutes(() => toOpenApi(routes)),
    ...createEventRoutes(deps),
    ...createZoneRoutes(deps),
    ...createZoneEpochRoutes(deps),
    ...createZoneLogRoutes(deps),
    ...createMemberRoutes(deps),
    ...createZoneBanRoutes(deps),
    ...createInviteRoutes(deps),
    ...createProviderRoutes(deps),
    ...createPaymentRoutes(deps),
    ...createBookRoutes(deps),
    ...createClaimRoutes(deps),
    ...createEscrowRoutes(deps),
    ...createReplicaRoutes(deps),
    ...createStewardRoutes(deps),
    ...createSessionRoutes(deps),
    ...createWireBanRoutes(deps),
    ...createTokenRoutes(deps),
    ...createConfigRoutes(deps),
    ...createStatRoutes(deps),
    ...createBreakerRoutes(deps),
    ...createWebhookRoutes(deps),
    ...createDeliveryRoutes(deps),
    ...createBackupRoutes(deps),
    ...createWalletRoutes(deps),
    ...createAuditRoutes(deps),
  ];
  return routes;
}
