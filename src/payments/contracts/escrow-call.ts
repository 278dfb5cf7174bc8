import { encodeFunctionData, type Hex, keccak256, stringToBytes } from "viem";
import { zoneEscrowAbi } from "../../abi/zone-escrow.generated.ts";
import { toTaskId } from "../../protocol/terms.ts";
import type { EscrowOpRow } from "../../store/payments/escrows.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { type SettleCall, toAuthorizationArg, toRecoverCall, toSingleCall } from "./settle-call.ts";
import { toTerms } from "./terms.ts";

const abi = zoneEscrowAbi;
// Upper bounds: each token call and wallet signature must be left its floor.
const CALL_GAS = 700_000n;
const WALLET_GAS = 1_100_000n;

function toDepositArgs(row: PaymentRow) {
  const { escrowDeadline, arbiter, contentKey } = row;
  if (escrowDeadline === null || arbiter === null || contentKey === null) {
    throw new Error(`payment ${row.paymentId} has no escrow terms`);
  }
  const terms = {
    base: toTerms(row),
    escrowDeadline: BigInt(escrowDeadline),
    arbiter: arbiter as Hex,
  };
  const request = {
    nodeKey: keccak256(stringToBytes(row.nodeId)),
    taskId: toTaskId(row.requestId),
    contentKey: contentKey as Hex,
  };
  return [terms, request, toAuthorizationArg(row)] as const;
}

function toDepositGas(row: PaymentRow): bigint {
  return CALL_GAS + (row.byContract ? WALLET_GAS : 0n);
}

/** The call that settles or deposits one payment, or reverts with the reason. */
export function toPayCall(row: PaymentRow): SettleCall {
  if (row.mode === "direct") return toSingleCall(row);
  const data = encodeFunctionData({ abi, functionName: "deposit", args: toDepositArgs(row) });
  return { data, gas: toDepositGas(row) };
}

/** The call that completes a payment whose money was sent past its contract. */
export function toCompleteCall(row: PaymentRow): SettleCall {
  if (row.mode === "direct") return toRecoverCall(row);
  const data = encodeFunctionData({ abi, functionName: "recover", args: toDepositArgs(row) });
  return { data, gas: toDepositGas(row) };
}

/** The call that releases, refunds or disputes an escrow, for its signer or for the wallet itself. */
export function toOpCall(
  row: Pick<EscrowOpRow, "escrowId" | "op" | "signature" | "party">,
): SettleCall {
  const id = row.escrowId as Hex;
  if (row.signature === null || row.op === "refund") {
    const data = encodeFunctionData({ abi, functionName: row.op, args: [id] });
    return { data, gas: CALL_GAS };
  }
  const signature = row.signature as Hex;
  const data =
    row.op === "release"
      ? encodeFunctionData({ abi, functionName: "releaseWithSignature", args: [id, signature] })
      : encodeFunctionData({
          abi,
          functionName: "disputeWithSignature",
          args: [id, row.party as Hex, signature],
        });
  return { data, gas: CALL_GAS + WALLET_GAS };
}
