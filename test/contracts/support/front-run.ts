import { encodeFunctionData } from "viem";
import { testUsdcAbi } from "../../../src/abi/test-usdc.generated.ts";
import { KIND_TRANSFER } from "../../support/contracts/authorization.ts";
import type { Item } from "../../support/contracts/settlement.ts";
import {
  authorize,
  buildTerms,
  frontRunCall,
  recoverCall,
} from "../../support/contracts/settlement.ts";
import type { Terms } from "../../support/contracts/terms.ts";
import type { Call, World } from "../../support/contracts/world.ts";
import { people } from "../../support/contracts/world.ts";

/** Builds a payment whose authorization anyone could send straight to the token. */
export async function transferItem(world: World, change: Partial<Terms> = {}): Promise<Item> {
  const terms = await buildTerms(world, change);
  return { terms, authorization: await authorize(world, terms, { kind: KIND_TRANSFER }) };
}

/** Has a stranger send the authorization straight to the token: the money is stuck in the contract. */
export async function frontRun(world: World, { terms, authorization }: Item): Promise<void> {
  const data = frontRunCall(terms, authorization);
  const receipt = await world.send({ from: people.stranger, to: world.usdc, data });
  if (receipt.status !== "success") throw new Error("front run reverted");
}

export const recoverItem = (
  world: World,
  { terms, authorization }: Item,
  from = people.recoverer,
): Call => ({ from, to: world.settlement, data: recoverCall(terms, authorization) });

/** Leaves somebody else's money in the contract without an owner: the prize of every theft. */
export async function strandMoney(world: World, amount: bigint): Promise<void> {
  const args = [world.settlement, amount] as const;
  const data = encodeFunctionData({ abi: testUsdcAbi, functionName: "transfer", args });
  await world.send({ from: people.stranger, to: world.usdc, data });
}
