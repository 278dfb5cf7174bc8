import { encodeFunctionData, getAddress, type Hex, toFunctionSelector } from "viem";
import { zoneSettlementAbi } from "../../abi/zone-settlement.generated.ts";
import { readView } from "./contract-views.ts";
import { type RpcCaller, readCode } from "./reads.ts";

const abi = zoneSettlementAbi;
const CLAIM_FOR = toFunctionSelector("function claimFor(address owner)").slice(2);
/** A transfer to an account that never held any, two cleared slots and two events, with room. */
const CLAIM_GAS = 200_000n;

/** What never changes at a contract that pays out shares. */
export interface Till {
  /** EIP-55. */
  readonly treasury: Hex;
  /** Whether anybody may carry a kept share to its owner; earlier contracts know the owner only. */
  readonly claimsFor: boolean;
}

/** Remembers each contract's unchanging facts: its code cannot be replaced. */
export class Tills {
  private readonly known = new Map<string, Till>();

  /** @throws RpcError where no node answers; ContractMismatch where there is no such contract */
  async read(rpc: RpcCaller, contract: Hex): Promise<Till> {
    const known = this.known.get(contract);
    if (known) return known;
    const [treasury, code] = await Promise.all([
      readView(rpc, { address: contract, abi, functionName: "treasury" }),
      readCode(rpc, contract),
    ]);
    const till = { treasury: getAddress(treasury), claimsFor: code.includes(CLAIM_FOR) };
    this.known.set(contract, till);
    return till;
  }
}

/**
 * Reads what a contract keeps for an owner, in the token's smallest unit.
 * @param block default: the newest
 * @throws RpcError where no node answers; ContractMismatch where there is no such contract
 */
export function readClaimable(
  rpc: RpcCaller,
  { contract, owner }: { readonly contract: string; readonly owner: string },
  block?: number,
): Promise<bigint> {
  const view = { address: contract as Hex, abi, functionName: "claimable" } as const;
  return readView(rpc, { ...view, args: [owner as Hex] }, block);
}

/** What has a contract pay an owner: the wallet claims its own, and carries what is another's. */
export function toClaimCall(owner: string, wallet: Hex): { data: Hex; gas: bigint } {
  const data =
    owner === wallet
      ? encodeFunctionData({ abi, functionName: "claim" })
      : encodeFunctionData({ abi, functionName: "claimFor", args: [owner as Hex] });
  return { data, gas: CLAIM_GAS };
}
