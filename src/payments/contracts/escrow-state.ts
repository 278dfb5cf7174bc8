import { decodeFunctionResult, encodeFunctionData, type Hex } from "viem";
import { zoneEscrowAbi } from "../../abi/zone-escrow.generated.ts";
import type { EscrowStatus } from "../../store/payments/escrow-schema.ts";
import type { EscrowKey } from "../../store/payments/escrows.ts";
import { type RpcCaller, readContract } from "../chain/reads.ts";

/** The contract's statuses by their number; undefined: there never was such an escrow. */
const STATUSES = [undefined, "deposited", "released", "refunded", "disputed"] as const;

/** An escrow as the contract has it. */
export interface ChainEscrow {
  readonly status: EscrowStatus | undefined;
  readonly deadline: number;
  /** The first 12 bytes of the nonce that opened it, 0x-hex. */
  readonly nonceTag: string;
}

/** Reads an escrow at a block. @throws RpcError where no node answers */
export function readEscrow(
  rpc: RpcCaller,
  { contract, escrowId }: Pick<EscrowKey, "contract" | "escrowId">,
  block: number | "latest",
): Promise<ChainEscrow> {
  const call = { abi: zoneEscrowAbi, functionName: "escrowOf" } as const;
  const data = encodeFunctionData({ ...call, args: [escrowId as Hex] });
  return readContract(rpc, { to: contract as Hex, data }, block, (answer) => {
    const { status, deadline, nonceTag } = decodeFunctionResult({ ...call, data: answer });
    return { status: STATUSES[status], deadline: Number(deadline), nonceTag };
  });
}

/** Whether an escrow was opened by the authorization with this nonce. */
export function isOpenedBy({ nonceTag }: ChainEscrow, nonce: string): boolean {
  return nonce.toLowerCase().startsWith(nonceTag.toLowerCase());
}
