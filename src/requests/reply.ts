import { type StewardError, toZoneError } from "../errors.ts";
import type { Write } from "../store/database.ts";
import type { RequestRow } from "../store/zones/requests.ts";
import type { ZoneCall } from "../zones/call.ts";
import { findFinalAnswer, toPending } from "./answers.ts";
import type { RequestDeps } from "./deps.ts";
import { toGateClass } from "./progress.ts";

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
  if (!answerFinal(deps, call, touched)) wait(deps, call, touched, 0);
}

/** Answers a request that is final; tells whether it is. */
export function answerFinal(deps: RequestDeps, call: ZoneCall, row: RequestRow): boolean {
  const answer = findFinalAnswer(deps.payments?.records, row);
  if (answer === undefined) return false;
  call.reply(answer);
  return true;
}

/** Has a caller wait for the final answer, once the present write is durable and acknowledged. */
export function wait(deps: RequestDeps, call: ZoneCall, row: RequestRow, waitMs: number): void {
  const run = () => {
    const pending = () => {
      const now = deps.requests.findRequest(row) ?? row;
      call.reply(toPending(deps.payments?.records, now));
    };
    // Whoever answers holds the gates already.
    deps.waiters.add(row, (body) => call.answer(body), waitMs, pending);
  };
  const refuse = (error: StewardError) => call.answer(toZoneError(error, row.requestId));
  deps.gate.hold(row.zoneId, toGateClass(row), run, { late: refuse, deposed: refuse });
}
