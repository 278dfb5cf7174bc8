import type { AgentError } from "../agent-error.ts";

/**
 * What to do after a refusal: nothing (`none`), the same `later`, the same later and perhaps at another
 * steward (`elsewhere`), `repeat` what may have had its effect, or look who the stewards are (`renew`).
 */
type Remedy = "none" | "later" | "elsewhere" | "repeat" | "renew";

/** Codes after which the same message may succeed without anybody changing anything. */
const LATER: ReadonlySet<number | string> = new Set([4001, "rate_limited"]);

/** The first three codes of `docs/protocol.md` §9.13: this steward cannot answer, another one may. */
const UNAVAILABLE: ReadonlySet<number | string> = new Set([
  "not_steward",
  "replica_not_ready",
  "steward_unavailable",
]);

/** Reasons that leave the effect unknown: never a failure, and safe to repeat; §9.13. */
const UNKNOWN_EFFECT: ReadonlySet<string | undefined> = new Set([
  "REPLICATION_TIMEOUT",
  "FORWARD_LOST",
  "DEPOSED",
]);

/** Longest wait before the same message leaves again where the steward names none. */
const RETRY_MS_MAX = 5000;
const RETRY_MS = 1000;

/** Tells what a refusal asks for; `docs/protocol.md` §7, §9.13. */
export function findRemedy(error: AgentError): Remedy {
  if (error.reason === "SIGNATURE_REQUIRED") return "renew";
  if (UNKNOWN_EFFECT.has(error.reason)) return "repeat";
  if (isUnavailable(error)) return "elsewhere";
  return LATER.has(error.code) ? "later" : "none";
}

/** Tells whether another steward of the zone may answer what this one cannot; `docs/protocol.md` §9.13. */
export function isUnavailable(error: AgentError): boolean {
  return UNAVAILABLE.has(error.code);
}

/** Milliseconds before the message leaves again. */
export function toRetryMs(error: AgentError, retries: number): number {
  return error.retryAfterMs ?? Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** retries);
}
