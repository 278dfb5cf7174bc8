import { StewardError } from "../../errors.ts";
import type { ZoneHandler } from "../../zones/call.ts";
import { enterZone } from "../../zones/checks.ts";
import { findFinalAnswer, toFailureAnswer } from "../answers.ts";
import { findAsked } from "../asked.ts";
import type { RequestDeps } from "../deps.ts";
import { wait } from "../reply.ts";

/**
 * Answers `zone.receipt` with the stored final answer or `zone.pending`, whatever became of zone
 * or membership; `docs/protocol.md` §6 and §7.
 */
export function handleReceipt(deps: RequestDeps): ZoneHandler<"zone.receipt"> {
  return (call, body) => {
    const row = findAsked(deps, call.sender.nodeId, body);
    if (row === undefined) {
      throw new StewardError("invalid_params", { message: "request_id: no such request of yours" });
    }
    const answer = findFinalAnswer(deps.payments?.records, row);
    // What is final stays so, whoever is in charge.
    enterZone(deps, call, row.zoneId, "money", answer !== undefined);
    if (answer !== undefined) return call.reply(answer);
    if (row.state === "quoted" && row.failure !== null) return call.reply(toFailureAnswer(row));
    if (row.state === "quoted") throw new StewardError("payment_required");
    wait(deps, call, row, 0);
  };
}
