import type { Write } from "../store/database.ts";
import type { RequestRow } from "../store/zones/requests.ts";
import type { ZoneCall } from "../zones/call.ts";
import { findFinalAnswer, toPending } from "./answers.ts";
import type { RequestDeps } from "./deps.ts";

/** Answers a request that is final, under way, or failed after payment and thus run again. */
export function answerKnown(
  write: Write,
  deps: RequestDeps,
  call: ZoneCall,
  row: RequestRow,
): void {
  const touched = deps.requests.moveRequest(write, row, row.state, { messageId: call.messageId });
  if (row.state === "failed") {
    wait(deps, call, touched, deps.paymentWaitMs);
    deps.runner.startPaid(write, touched);
    return;
  }
  const answer = findFinalAnswer(deps.payments?.records, touched);
  if (answer !== undefined) call.reply(answer);
  else wait(deps, call, touched, 0);
}

/** Has a caller wait for the final answer, once the present write is durable. */
export function wait(deps: RequestDeps, call: ZoneCall, row: RequestRow, waitMs: number): void {
  deps.store.gate(() => {
    const pending = () => {
      const now = deps.requests.findRequest(row) ?? row;
      return toPending(deps.payments?.records, now);
    };
    deps.waiters.add(row, (body) => call.reply(body), waitMs, pending);
  });
}
