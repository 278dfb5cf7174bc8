import { StewardError } from "../../errors.ts";
import type { EscrowOrder, PaymentPort } from "../../payments/port.ts";
import { toReplyId, type ZoneCall, type ZoneHandler } from "../../zones/call.ts";
import { enterZone } from "../../zones/checks.ts";
import type { RequestDeps } from "../deps.ts";

type Id = { readonly request_id?: string | undefined };

/**
 * Shows, releases, refunds or disputes an escrow for whoever asked for the action it pays, whatever
 * became of zone or membership; `docs/protocol.md` §8.
 */
export function handleEscrow(deps: RequestDeps): ZoneHandler<"zone.escrow"> {
  return (call, body) => {
    const { payments } = deps;
    if (payments === undefined) {
      throw new StewardError("invalid_params", { message: "escrow_id: no such escrow of yours" });
    }
    const { escrow_id: escrowId, op, signature } = body;
    const zoneId = payments.findEscrowZone(call.sender.nodeId, escrowId);
    if (zoneId !== undefined) enterZone(deps, call, zoneId, "money", op === "show");
    if (op !== "show") return change(deps, call, payments, body, { escrowId, op, signature });
    const escrow = payments.getEscrowOf(call.sender.nodeId, escrowId);
    call.reply({ type: "zone.escrow_state", ...toReplyId(body), escrow });
  };
}

async function change(
  deps: RequestDeps,
  call: ZoneCall,
  payments: PaymentPort,
  id: Id,
  order: EscrowOrder,
): Promise<void> {
  const escrow = await payments.changeEscrow(call.sender.nodeId, order, deps.paymentWaitMs);
  await deps.store.committed();
  call.reply({ type: "zone.escrow_state", ...toReplyId(id), escrow });
}
