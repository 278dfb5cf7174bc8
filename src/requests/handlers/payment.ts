import { StewardError } from "../../errors.ts";
import type { RequestRow } from "../../store/zones/requests.ts";
import type { ZoneCall, ZoneHandler } from "../../zones/call.ts";
import { checkZone, enterZone } from "../../zones/checks.ts";
import { findFinalAnswer, toFailureAnswer } from "../answers.ts";
import { findAsked } from "../asked.ts";
import type { RequestDeps } from "../deps.ts";
import { hasRun, isPaying } from "../progress.ts";
import { answerKnown, wait } from "../reply.ts";

/** Takes a payer's authorization; equal ones join one outcome; `docs/protocol.md` §8. */
export function handlePayment(deps: RequestDeps): ZoneHandler<"zone.payment"> {
  return (call, body, write) => {
    const row = findAsked(deps, call.sender.nodeId, body);
    const { payments } = deps;
    if (row === undefined || payments === undefined) throw new StewardError("payment_required");
    const isNew = !isPaying(row);
    if (isNew) checkZone(deps, call, { zone_id: row.zoneId }, { member: true, gateClass: "money" });
    else enterZone(deps, call, row.zoneId, "money");
    if (body.authorization == null) throw new StewardError("payment_required");
    if (isNew) {
      // The action became free since the quote: what has run is not charged for.
      if (hasRun(row)) return answerKnown(write, deps, call, row);
      // What cannot be delivered now is not charged for now.
      const handler = deps.actions.find(row.zoneId, row.action);
      if (handler === undefined) throw new StewardError("internal", { reason: "NO_HANDLER" });
      handler.assertAvailable({ zoneId: row.zoneId, action: row.action });
    }
    return accept(deps, call, row, body.authorization);
  };
}

async function accept(
  deps: RequestDeps,
  call: ZoneCall,
  row: RequestRow,
  authorization: unknown,
): Promise<void> {
  await deps.payments?.accept(row, authorization);
  deps.store.write((write) => {
    const now = deps.requests.findRequest(row);
    if (now === undefined) throw new StewardError("payment_required");
    const touched = deps.requests.moveRequest(write, now, now.state, { messageId: call.messageId });
    // The attempt may have failed while the authorization was checked: then its failure is the
    // answer.
    if (touched.state === "quoted") return call.reply(toFailureAnswer(touched));
    const answer =
      touched.state === "failed" ? undefined : findFinalAnswer(deps.payments?.records, touched);
    if (answer !== undefined) return call.reply(answer);
    wait(deps, call, touched, deps.paymentWaitMs);
    if (touched.state === "failed" && touched.paid) deps.runner.startPaid(write, touched);
  });
}
