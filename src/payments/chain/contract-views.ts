import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
} from "viem";
import { type BlockRef, callContract, type RpcCaller, readCode } from "./reads.ts";
import { RpcError } from "./rpc-endpoint.ts";

/** Is thrown where a chain holds something else than the configuration says. */
export class ContractMismatch extends Error {
  override readonly name = "ContractMismatch";
}

/** A view function of a contract. */
interface View<
  A extends Abi,
  F extends ContractFunctionName<A, "pure" | "view">,
  P extends ContractFunctionArgs<A, "pure" | "view", F>,
> {
  readonly address: Hex;
  readonly abi: A;
  readonly functionName: F;
  readonly args?: P;
}

/**
 * Reads a view function, at the newest block unless another is named.
 * @throws ContractMismatch where it is missing or answers another type; RpcError where the chain
 *   does not answer
 */
export async function readView<
  const A extends Abi,
  F extends ContractFunctionName<A, "pure" | "view">,
  P extends ContractFunctionArgs<A, "pure" | "view", F>,
>(
  rpc: RpcCaller,
  view: View<A, F, P>,
  block: BlockRef = "latest",
): Promise<ContractFunctionReturnType<A, "pure" | "view", F, P>> {
  const { address, abi, functionName, args } = view;
  const call = { abi, functionName, args } as Parameters<typeof encodeFunctionData>[0];
  try {
    const data = await callContract(rpc, { to: address, data: encodeFunctionData(call) }, block);
    return decodeFunctionResult({ ...call, data }) as never;
  } catch (cause) {
    if (cause instanceof RpcError && cause.fault !== "reverted") throw cause;
    throw new ContractMismatch(`${functionName}() is missing or answers something else`, { cause });
  }
}

/**
 * Returns a contract's code.
 * @throws ContractMismatch where there is none; RpcError where the chain does not answer
 */
export async function readContractCode(rpc: RpcCaller, address: Hex): Promise<Hex> {
  const code = await readCode(rpc, address);
  if (code === "0x") throw new ContractMismatch(`no contract at ${address}`);
  return code;
}
