import { StewardError, toZoneError } from "../errors.ts";
import type { RunOutcome } from "../store/replication/run-reports.ts";
import type { RunReport } from "../wire/run-report.ts";
import { toResultText } from "./result-text.ts";

/** Of a run that never began. */
export const UNSTARTED: RunOutcome = { result: null, failure: null };

/** What a run that failed for certain is reported as; one that its zone's gate kept back never began. */
export function toFailedOutcome(error: unknown): RunOutcome {
  if (error instanceof StewardError && error.code === "steward_unavailable") return UNSTARTED;
  return { result: null, failure: toZoneError(error).message };
}

/** What a report comes to here: a result that no answer could carry is a failure; `docs/protocol.md` §9.9. */
export function toReportedOutcome({ result, error, started }: RunReport): RunOutcome {
  if (!started) return UNSTARTED;
  if (error !== undefined) return { result: null, failure: error.message };
  if (result === undefined) return { result: "null", failure: null };
  try {
    return { result: toResultText(result), failure: null };
  } catch (cause) {
    return toFailedOutcome(cause);
  }
}
