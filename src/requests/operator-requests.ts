import { StewardError } from "../errors.ts";
import type { RequestKey } from "../payments/port.ts";
import type { Write } from "../store/database.ts";
import type { RequestRow } from "../store/zones/requests.ts";
import type { RequestDeps } from "./deps.ts";
import { toProgress } from "./progress.ts";

/**
 * Runs a paid request again whose run failed or whose outcome is unknown: the operator knows that
 * it had no effect, or that its handler notices a repetition;
 * `docs/protocol.md` §8.
 * @throws StewardError `not_found`, `conflict` where nothing waits for a retry, or for a refund only
 */
export function retryRequest(write: Write, deps: RequestDeps, key: RequestKey): void {
  const row = getPaid(deps, key);
  if (toProgress(row) !== "at_rest") throw toConflict(row);
  if (deps.runner.refunds.isUnderWay(row)) {
    throw new StewardError("conflict", { message: "Its refund is on its way." });
  }
  deps.runner.startPaid(write, row);
}

/**
 * Keeps a paid request that is about to be refunded from running; `docs/protocol.md` §8.
 * @returns how to let it run again
 * @throws StewardError `not_found`, `conflict` while a run is under way
 */
export function holdForRefund(deps: RequestDeps, key: RequestKey): () => void {
  const row = getPaid(deps, key);
  const progress = toProgress(row);
  if (progress !== "at_rest" && progress !== "final") throw toConflict(row);
  return deps.runner.refunds.hold(key);
}

/**
 * Ends a paid request whose refund is recorded; one that is answered keeps its answer. It is called
 * in the turn of that record.
 */
export function endForRefund(write: Write, deps: RequestDeps, key: RequestKey): void {
  const row = getPaid(deps, key);
  if (toProgress(row) !== "final") deps.runner.endRefunded(write, row);
}

function getPaid({ requests }: RequestDeps, key: RequestKey): RequestRow {
  const row = requests.findRequest(key);
  if (row === undefined || !row.paid) {
    throw new StewardError("not_found", { message: "The payment has no paid request." });
  }
  return row;
}

function toConflict({ state }: RequestRow): StewardError {
  return new StewardError("conflict", { message: `The request is ${state}.` });
}
