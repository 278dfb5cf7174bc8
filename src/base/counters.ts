/**
 * Limits whose use is counted, named by their key in the configuration; each is a row of the table in
 * `docs/operations.md`, Limits.
 */
export const COUNTED_LIMITS = [
  "admin.token_failures_per_minute",
  "tracing.queue_max",
  "payments.quotes_max",
  "payments.quotes_per_node",
  "wire.backlog_bytes_max",
  "wire.bound_nodes_max",
  "zones.bans_per_zone",
  "zones.invites_per_zone",
  "zones.members_max",
  "zones.memberships_per_node",
  "zones.hosted_max",
  "zones.hosted_per_creator",
  "zones.unpaid_requests_max",
  "zones.unpaid_requests_per_node",
  "zones.unpaid_request_bytes_max",
  "zones.unpaid_request_bytes_per_node",

  "zones.direct_bytes_max",
  "zones.direct_bytes_per_receiver",
  "zones.direct_bytes_per_sender",
  "wire.max_connections",
  "wire.max_unauthenticated",
  "wire.max_unauthenticated_per_address",
  "wire.handshake_failures_per_minute",
  "wire.sessions_per_address",
  "wire.new_nodes_per_address_per_hour",
  "wire.message_bytes_per_address_per_hour",
  "limits.violations",
  "zones.log_bytes_max",
  "zones.log_total_bytes_max",
  "limits.banned_refusals",
  "limits.stall_allowance_secs",
  "zones.direct_messages_per_receiver",
  "zones.direct_messages_per_sender",
] as const;

/** The key of a limit whose use is counted. */
export type CountedLimit = (typeof COUNTED_LIMITS)[number];

/** Counts how often each limit was reached since the start. */
export class Counters {
  private readonly counts = new Map<CountedLimit, number>();

  /** Notes that a limit refused or dropped something. */
  add(limit: CountedLimit, by = 1): void {
    this.counts.set(limit, (this.counts.get(limit) ?? 0) + by);
  }

  /** The limits reached so far, in their own order; undefined where none was. */
  read(): Readonly<Record<string, number>> | undefined {
    if (this.counts.size === 0) return undefined;
    const reached = COUNTED_LIMITS.filter((limit) => this.counts.has(limit));
    return Object.fromEntries(reached.map((limit) => [limit, this.counts.get(limit) ?? 0]));
  }
}
