import { createPlayPages, type PlayDeps } from "../play/page.ts";
import type { Action } from "./frame/action.ts";
import type { Page } from "./frame/page.ts";
import type { PageDeps } from "./frame/page-deps.ts";
import { createAccessPages } from "./pages/access.ts";
import { createClaimPages } from "./pages/claims.ts";
import { createEscrowPages } from "./pages/escrows.ts";
import { MONEY_ACTIONS } from "./pages/money-actions.ts";
import { createOverviewPages } from "./pages/overview.ts";
import { createPaymentPages } from "./pages/payments.ts";
import { createPeerPages } from "./pages/peers.ts";
import { createReplicationPages } from "./pages/replication.ts";
import { REPLICATION_ACTIONS } from "./pages/replication-actions.ts";
import { createServicePages } from "./pages/service.ts";
import { SERVICE_ACTIONS } from "./pages/service-actions.ts";
import { WEBHOOK_ACTIONS } from "./pages/webhook-actions.ts";
import { createWebhookPages } from "./pages/webhooks.ts";
import { createZonePages } from "./pages/zone.ts";
import { createZoneAccessPages } from "./pages/zone-access.ts";
import { ZONE_ACTIONS } from "./pages/zone-actions.ts";
import { createZoneEpochPages } from "./pages/zone-epochs.ts";
import { createZoneLogPages } from "./pages/zone-log.ts";
import { createZoneMemberPages } from "./pages/zone-members.ts";
import { createZoneListPages } from "./pages/zones.ts";

/** Every page, in the order of the navigation. */
export function createPageTable(deps: PageDeps & PlayDeps): readonly Page[] {
  return [
    ...createOverviewPages(deps),
    ...createZoneListPages(),
    ...createZonePages(deps),
    ...createZoneMemberPages(),
    ...createZoneAccessPages(),
    ...createZoneEpochPages(),
    ...createZoneLogPages(),
    ...createPaymentPages(deps),
    ...createEscrowPages(deps),
    ...createClaimPages(deps),
    ...createReplicationPages(),
    ...createPeerPages(),
    ...createWebhookPages(),
    ...createAccessPages(),
    ...createServicePages(),
    ...createPlayPages(deps),
  ];
}

/** Everything that pages offer to do. */
export const ACTIONS: readonly Action[] = [
  ...ZONE_ACTIONS,
  ...MONEY_ACTIONS,
  ...REPLICATION_ACTIONS,
  ...SERVICE_ACTIONS,
  ...WEBHOOK_ACTIONS,
];
