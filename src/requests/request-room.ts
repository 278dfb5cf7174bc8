import type { CountedLimit, Counters } from "../base/counters.ts";
import { StewardError } from "../errors.ts";
import { toShare } from "../store/usage.ts";
import type { RequestQueries } from "../store/zones/requests.ts";
import type { ZonesConfig } from "../zones/config.ts";

/** Room comes as kept answers and unpaid requirements run out. */
const FULL_RETRY_MS = 60_000;

/** How many requests that nobody pays or paid for are kept; keys of the configuration's `zones`. */
export type RequestLimits = Pick<
  ZonesConfig,
  | "unpaid_requests_max"
  | "unpaid_requests_per_node"
  | "unpaid_request_bytes_max"
  | "unpaid_request_bytes_per_node"
>;

export interface RequestRoomDeps {
  readonly requests: RequestQueries;
  readonly requestLimits: RequestLimits;
  readonly counters: Counters;
}

/**
 * Refuses another request of a node where as much as may be is kept already; the one that reaches a
 * bound passes. `docs/protocol.md` §7.
 * @throws StewardError `rate_limited` OVERLOADED
 */
export function assertRequestRoom(deps: RequestRoomDeps, nodeId: string): void {
  const limit = findReached(deps, nodeId);
  if (limit === undefined) return;
  deps.counters.add(limit);
  throw new StewardError("rate_limited", {
    reason: "OVERLOADED",
    message: "Too many requests and answers are kept; wait until some have run out.",
    retryAfterMs: FULL_RETRY_MS,
  });
}

function findReached(
  { requests, requestLimits: limits }: RequestRoomDeps,
  nodeId: string,
): CountedLimit | undefined {
  const own = requests.unpaidOf(nodeId);
  const all = requests.unpaidInAll();
  const { unpaid_requests_per_node: rowsEach, unpaid_request_bytes_per_node: bytesEach } = limits;
  if (own.rows >= rowsEach) return "zones.unpaid_requests_per_node";
  if (own.bytes >= bytesEach) return "zones.unpaid_request_bytes_per_node";
  if (own.rows >= toShare(all.rows, limits.unpaid_requests_max, rowsEach)) {
    return "zones.unpaid_requests_max";
  }
  const bytesShare = toShare(all.bytes, limits.unpaid_request_bytes_max, bytesEach);
  return own.bytes >= bytesShare ? "zones.unpaid_request_bytes_max" : undefined;
}
