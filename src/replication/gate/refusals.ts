import { StewardError } from "../../errors.ts";
import type { ChargeRefusal } from "../core/charge.ts";
import type { Epoch } from "../core/state.ts";
import { toNodes } from "../core/zone.ts";

const RETRY_MS = 1000;
/** A take-over, or a new epoch, does not come within a second. */
const LONG_RETRY_MS = 5000;

const LONG: ReadonlySet<ChargeRefusal> = new Set(["RECOVERING", "STATE_LOST", "HALTED"]);

/** An envelope's stewards, and where they say that they are reached. */
export interface Stewards {
  readonly epoch: Epoch;
  readonly entrypoints: ReadonlyMap<string, string>;
}

/** Where else a sender may go: E's stewards; `docs/protocol.md` §9.13. */
function toDetails({ epoch, entrypoints }: Stewards): Readonly<Record<string, unknown>> {
  return {
    entrypoints: toNodes(epoch).map((nodeId) => ({
      node_id: nodeId,
      ...(entrypoints.has(nodeId) && { entrypoint: entrypoints.get(nodeId) }),
      role: nodeId === epoch.primary ? "primary" : "replica",
    })),
  };
}

/** E does not name this steward. */
export function toNotSteward(stewards: Stewards): StewardError {
  const details = toDetails(stewards);
  return new StewardError("not_steward", { details, retryAfterMs: RETRY_MS });
}

/** This replica has no copy yet, or one that is not as far as was asked for. */
export function toNotReady(stewards: Stewards, reason?: "BEHIND"): StewardError {
  return new StewardError("replica_not_ready", {
    ...(reason !== undefined && { reason }),
    details: toDetails(stewards),
    retryAfterMs: RETRY_MS,
  });
}

/** What needs the primary cannot be done here, or by it, now. */
export function toUnavailable(
  stewards: Stewards,
  reason: ChargeRefusal | "NO_PRIMARY" | "FORWARD_LOST" | "OVERLOADED",
): StewardError {
  return new StewardError("steward_unavailable", {
    reason,
    details: { ...toDetails(stewards), primary: stewards.epoch.primary },
    retryAfterMs: LONG.has(reason as ChargeRefusal) ? LONG_RETRY_MS : RETRY_MS,
  });
}

/** The refusal of a code that says which other stewards there are; undefined for other codes. */
export function toSentOn(
  stewards: Stewards,
  code: StewardError["code"],
  reason: ChargeRefusal | undefined,
): StewardError | undefined {
  if (code === "not_steward") return toNotSteward(stewards);
  if (code === "replica_not_ready") return toNotReady(stewards);
  const isUnavailable = code === "steward_unavailable" && reason !== undefined;
  return isUnavailable ? toUnavailable(stewards, reason) : undefined;
}
