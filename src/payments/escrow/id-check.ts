import { StewardError } from "../../errors.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { askingChain } from "../chain/unavailable.ts";
import { toEscrowIdOf } from "../contracts/escrow-events.ts";
import { isOpenedBy, readEscrow } from "../contracts/escrow-state.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import { isTakenByOther } from "./ledger.ts";

/**
 * Refuses a deposit whose escrow id is used by another payment here; `docs/protocol.md` §8.
 * @throws StewardError `payment_invalid` ESCROW_IN_USE
 */
export function assertIdFree(
  deps: Pick<PaymentContext, "escrows" | "queries">,
  row: PaymentRow,
  payer: string,
): void {
  if (row.mode === "escrow" && isTakenByOther(deps, row, payer)) throw inUse();
}

/**
 * Refuses a deposit whose escrow id was used on chain by another authorization.
 * @throws StewardError `payment_invalid` ESCROW_IN_USE; `internal` CHAIN_UNAVAILABLE
 */
export async function assertIdFreeOnChain(
  chain: Chain | undefined,
  row: PaymentRow,
  payer: string,
): Promise<void> {
  if (row.mode !== "escrow" || !chain) return;
  const key = { contract: row.contract, escrowId: toEscrowIdOf({ ...row, payer }) };
  const escrow = await askingChain(() => readEscrow(chain.rpc, key, "latest"));
  if (escrow.status !== undefined && !isOpenedBy(escrow, row.nonce)) throw inUse();
}

function inUse(): StewardError {
  return new StewardError("payment_invalid", {
    reason: "ESCROW_IN_USE",
    message: "The payer's escrow of this request_id is used already.",
  });
}
