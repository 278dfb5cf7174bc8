import { type Address, encodeFunctionData, type Hex, keccak256, stringToBytes } from "viem";
import { expect } from "vitest";
import { zoneEscrowAbi } from "../../../../src/abi/zone-escrow.generated.ts";
import type { RequestKey } from "../../../../src/payments/port.ts";
import type { PaymentRequirement } from "../../../../src/wire/zone-replies.ts";
import type { AuthorizationJson, Engine, PayWorld } from "../../support/engine.ts";
import { type PlainCall, toAuthorizationArg, toTermsArg } from "../../support/stranger.ts";

/** The statuses as the contract numbers them. */
const STATUSES = ["none", "deposited", "released", "refunded", "disputed"];
const GAS_WEI = "0x8ac7230489e80000";

type Call = PlainCall & { readonly gasPrice?: Hex };

/** Sends a transaction as anybody, past the steward; returns its hash, mined or not. */
export async function sendAsAnybody({ chain }: PayWorld, from: Address, call: Call): Promise<Hex> {
  await chain.rpc("anvil_impersonateAccount", [from]);
  if ((await chain.client.getBalance({ address: from })) === 0n) {
    await chain.rpc("anvil_setBalance", [from, GAS_WEI]);
  }
  return (await chain.rpc("eth_sendTransaction", [{ from, ...call }])) as Hex;
}

/** Does the same and waits for the block that has it. */
export async function actAs(world: PayWorld, from: Address, call: Call): Promise<bigint> {
  const hash = await sendAsAnybody(world, from, call);
  const wait = { hash, checkReplacement: false };
  const { status, blockNumber } = await world.chain.client.waitForTransactionReceipt(wait);
  if (status !== "success") throw new Error(`${hash} reverted`);
  return blockNumber;
}

/** The call of a party, the arbiter or anybody to the escrow contract. */
export function toRuleCall(
  world: PayWorld,
  functionName: "release" | "refund" | "dispute",
  escrowId: string,
): Call {
  const args = [escrowId as Hex] as const;
  return { to: world.escrow, data: encodeFunctionData({ abi: zoneEscrowAbi, functionName, args }) };
}

/** The deposit of `askEscrow`'s request, as anybody who saw the authorization can carry it. */
export function toDepositCall(
  world: PayWorld,
  { nodeId, requestId }: RequestKey,
  { terms }: PaymentRequirement,
  authorization: AuthorizationJson,
): Call {
  const hash = (text: string) => keccak256(stringToBytes(text));
  const args = [
    {
      base: toTermsArg(terms),
      escrowDeadline: BigInt(terms.escrow_deadline ?? 0),
      arbiter: terms.arbiter as Hex,
    },
    {
      nodeKey: hash(nodeId),
      taskId: hash(requestId),
      contentKey: hash('{"action":"audit","params":{"text":"hello"}}'),
    },
    toAuthorizationArg(authorization),
  ] as const;
  return {
    to: world.escrow,
    data: encodeFunctionData({ abi: zoneEscrowAbi, functionName: "deposit", args }),
  };
}

/** An escrow as the contract has it now. */
export async function readOnChain(
  world: PayWorld,
  escrowId: string,
): Promise<{ status: string | undefined; deadline: number }> {
  const { status, deadline } = await world.chain.client.readContract({
    address: world.escrow,
    abi: zoneEscrowAbi,
    functionName: "escrowOf",
    args: [escrowId as Hex],
  });
  return { status: STATUSES[status], deadline: Number(deadline) };
}

/** Asserts that the steward shows an escrow as the chain has it, and that its books agree. */
export async function assertAgrees(
  world: PayWorld,
  engine: Engine,
  escrowId: string,
): Promise<void> {
  const { status, deadline, payment_id } = engine.payments.getEscrow(escrowId);
  expect({ status, deadline }).toEqual(await readOnChain(world, escrowId));
  const isRefunded = engine.payments.get(String(payment_id)).state === "refunded";
  expect(isRefunded).toBe(status === "refunded");
  expect(await engine.payments.audit()).toMatchObject([{ differences: [] }]);
}
