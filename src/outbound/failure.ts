import type { ErrorReason } from "../error-catalogue.ts";
import { StewardError } from "../errors.ts";

/** What a failed call tells. */
export interface Failure {
  readonly reason: ErrorReason;
  /** Reaches the peer, sanitised. */
  readonly message: string;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The error of a run that certainly had no result: it may be run again. */
export function toFailure(failure: Failure): StewardError {
  return new StewardError("internal", failure);
}
