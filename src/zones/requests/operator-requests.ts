import { StewardError } from "../../errors.ts";
import type { RequestRow, RequestState } from "../../store/request-queries.ts";
import type { RequestKey } from "../payment-port.ts";
import { toFailureAnswer, toStoredFailure } from "./answers.ts";
import type { RequestDeps } from "./deps.ts";

/** States of a paid request that no run can be under way in. */
const AT_REST: readonly RequestState[] = ["undelivered", "failed"];

/**
 * Runs a paid request again whose run failed or whose outcome is unknown: the operator knows that
 * it had no effect, or that its handler notices a repetition. Call inside a write;
 * `docs/protocol.md` §8.
 * @throws StewardError `not_found`, `conflict` where nothing waits for a retry
 */
export function retryRequest(deps: RequestDeps, key: RequestKey): void {
  const row = getPaid(deps, key);
  if (!AT_REST.includes(row.state)) throw toConflict(row);
  deps.runner.startPaid(row);
}

/**
 * Ends a paid request that is about to be refunded, so that it cannot run meanwhile; one that is
 * answered keeps its answer. Call inside a write; `docs/protocol.md` §8.
 * @returns how to take the end back where the refund is refused; call it inside a write
 * @throws StewardError `not_found`, `conflict` while a run is under way
 */
export function endForRefund(deps: RequestDeps, key: RequestKey): () => void {
  const row = getPaid(deps, key);
  if (row.state === "answered" || row.state === "refunded") return () => {};
  if (!AT_REST.includes(row.state)) throw toConflict(row);
  const ended = endRefunded(deps, row);
  return () => {
    const { failure: before, updatedAt } = row;
    deps.requests.moveRequest(ended, row.state, { failure: before, updatedAt });
  };
}

/** Ends a request whose money goes back, and says so to its sender; call inside a write. */
export function endRefunded(deps: RequestDeps, row: RequestRow): RequestRow {
  const failure = toStoredFailure(new StewardError("internal", { reason: "REFUNDED" }));
  const change = { failure, paid: true, updatedAt: deps.now() };
  const ended = deps.requests.moveRequest(row, "refunded", change);
  deps.runner.settle(ended, toFailureAnswer(ended), ended.messageId);
  return ended;
}

function getPaid({ requests }: RequestDeps, { nodeId, requestId }: RequestKey): RequestRow {
  const row = requests.findRequest(nodeId, requestId);
  if (row === undefined || !row.paid) {
    throw new StewardError("not_found", { message: "The payment has no paid request." });
  }
  return row;
}

function toConflict({ state }: RequestRow): StewardError {
  return new StewardError("conflict", { message: `The request is ${state}.` });
}
