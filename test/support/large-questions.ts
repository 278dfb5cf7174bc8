import type { LargeDatabase } from "./large-database.ts";

/** Something an operator asks, by its path. */
export interface Question {
  readonly name: string;
  readonly path: string;
  /** It adds everything up, and may take longer than a page. */
  readonly isReport: boolean;
}

const LAST_ZONE = "zone_ffffffff-ffff-7fff-bfff-ffffffffffff";

/** Every list of the admin API, with its filters, and pages at the beginning, in the middle and at the end. */
export function listQuestions({ zoneId, paymentId, escrowId }: LargeDatabase): Question[] {
  const zone = `/v1/zones/${zoneId}`;
  const paths: Record<string, string> = {
    zones: "/v1/zones?limit=500",
    "zones, last page": `/v1/zones?limit=500&after=${LAST_ZONE.replace("ffff", "0190")}`,
    "zones of a rare type": "/v1/zones?type=market",
    "zones of no type": "/v1/zones?type=workspace",
    "zones of a topic": "/v1/zones?topic=topic%20999",
    "zones of no topic": "/v1/zones?topic=none",
    "zones by a word that none has": "/v1/zones?keyword=nowhere",
    zone,
    members: `${zone}/members?limit=500`,
    "members, middle": `${zone}/members?limit=500&after=atlas_8`,
    bans: `${zone}/bans?limit=500`,
    invites: `${zone}/invites?limit=500`,
    providers: `${zone}/providers`,
    log: `${zone}/log?limit=500`,
    "log, near its end": `${zone}/log?limit=500&after=900000`,
    payments: "/v1/payments?limit=500",
    "payments, middle": `/v1/payments?limit=500&after=${paymentId}`,
    "payments of a zone": `/v1/payments?zone_id=${zoneId}&limit=500`,
    "payments of a zone and a state": `/v1/payments?zone_id=${zoneId}&state=failed`,
    "payments delivered": "/v1/payments?state=delivered&limit=500",
    "payments failed": "/v1/payments?state=failed&limit=500",
    "payments in no such state": "/v1/payments?state=submitting",
    "payments of no zone": `/v1/payments?zone_id=${LAST_ZONE}`,
    "payments that wait": "/v1/payments?waiting=operator&limit=500",
    payment: `/v1/payments/${paymentId}`,
    escrows: "/v1/escrows?limit=500",
    "escrows, middle": `/v1/escrows?limit=500&after=${escrowId}`,
    "escrows of a zone": `/v1/escrows?zone_id=${zoneId}&limit=500`,
    "escrows of no zone": `/v1/escrows?zone_id=${LAST_ZONE}`,
    "escrows disputed": "/v1/escrows?status=disputed",
    "escrows failed": "/v1/escrows?status=failed",
    escrow: `/v1/escrows/${escrowId}`,
    claims: "/v1/claims",
    "accounts of a day": `/v1/accounts?from=${Math.floor(Date.now() / 1000) - 86_400}`,
    accounts: "/v1/accounts",
    audit: "/v1/audit?limit=500",
    "audit, newest first": "/v1/audit?limit=500&order=desc",
    sessions: "/v1/sessions",
    "wire bans": "/v1/bans",
    tokens: "/v1/tokens",
    replicas: "/v1/replicas",
    backups: "/v1/backups",
    breakers: "/v1/breakers",
    stats: "/v1/stats",
    metrics: "/metrics",
    configuration: "/v1/config",
    ready: "/readyz?verbose",
    "well-known": "/.well-known/atlas.json",
  };
  return Object.entries(paths).map(([name, path]) => ({
    name,
    path,
    isReport: path === "/v1/accounts",
  }));
}
