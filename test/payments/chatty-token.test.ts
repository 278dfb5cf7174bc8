import { encodeDeployData, encodeFunctionData, getAddress, type Hex, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PaymentRequirement } from "../../src/wire/zone-replies.ts";
import { helper } from "../contracts/support/helpers.ts";
import type { TestChain } from "../support/anvil.ts";
import { signAuthorization } from "../support/contracts/authorization.ts";
import {
  type AuthorizationJson,
  askQuote,
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  pay,
  sendAs,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import { type PlainCall, toTokenCall } from "./support/stranger.ts";

let world: PayWorld;
let engine: Engine;
beforeAll(async () => {
  world = await startPayWorld((chain) => create(chain, "ChattyToken"));
  engine = await startEngine(world);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function create(
  chain: TestChain,
  name: "ChattyToken" | "SmartWallet",
  args: readonly unknown[] = [],
): Promise<Hex> {
  const data = encodeDeployData({ ...helper(name), args });
  const from = chain.accounts[8]?.address as Hex;
  return getAddress((await sendAs(chain, from, { data })).contractAddress as Hex);
}

/** Signs another transfer of the payer's money than the quoted one. */
async function signOther(
  payer: Payer,
  requirement: PaymentRequirement,
  { to, value, nonce }: { to: Hex; value: bigint; nonce: Hex },
): Promise<AuthorizationJson> {
  const validBefore = BigInt(requirement.deadline);
  const signed = await signAuthorization(privateKeyToAccount(payer.key), {
    ...{ chainId: world.chain.chainId, token: world.usdc, from: payer.address },
    ...{ to, value, validBefore, nonce, kind: 0 },
  });
  return {
    ...{ from: payer.address, to, value: value.toString(), valid_after: 0 },
    ...{ valid_before: requirement.deadline, nonce, v: signed.v, r: signed.r, s: signed.s },
  };
}

/** Does several calls in one transaction. */
async function sendTogether(calls: readonly PlainCall[]): Promise<void> {
  const carrier = world.chain.accounts[7]?.address as Hex;
  const to = await create(world.chain, "SmartWallet", [carrier]);
  const args = [calls.map((call) => call.to), calls.map(({ data }) => data)];
  const data = encodeFunctionData({
    abi: helper("SmartWallet").abi,
    functionName: "execute",
    args,
  });
  await sendAs(world.chain, carrier, { to, data });
}

test("money sent past the contract is recovered where the token logs something before its transfer", async () => {
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(engine, world);
  const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
  await sendTogether([toTokenCall(world, authorization)]);
  await engine.payments.accept(key, authorization);
  await engine.hooks.until("settled", key.requestId);
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  expect(await world.balanceOf(world.settlement)).toBe(0n);
});

test.each([
  ["nothing", 0n, () => world.settlement],
  ["one unit to somebody else", 1n, () => world.treasury],
] as const)(
  "a nonce burnt with a transfer of %s frees no money, though the amount follows in the same transaction",
  async (_name, value, payee) => {
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const requirement = quote.payment_requirement;
    const authorization = await pay(payer, requirement, { kind: "transfer" });
    const nonce = requirement.nonce as Hex;
    const burn = await signOther(payer, requirement, { to: payee(), value, nonce });
    // As it would follow for another payment of the same payer.
    const amount = BigInt(requirement.amount);
    const other = { to: world.settlement, value: amount, nonce: toHex(value + 1n, { size: 32 }) };
    const follow = await signOther(payer, requirement, other);
    const before = await world.balanceOf(world.settlement);
    await sendTogether([toTokenCall(world, burn), toTokenCall(world, follow)]);
    await engine.payments.accept(key, authorization);
    const { error } = await engine.hooks.until("failed", key.requestId);
    expect(error).toMatchObject({ code: "payment_failed", reason: "AUTHORIZATION_USED" });
    expect((await world.balanceOf(world.settlement)) - before).toBe(amount);
  },
);

test("two payments of one payer, sent past the contract together, are both recovered", async () => {
  const payer = await fundPayer(world);
  const before = await world.balanceOf(world.settlement);
  const quotes = [await askQuote(engine, world), await askQuote(engine, world)];
  const paid = await Promise.all(
    quotes.map(async ({ key, quote }) => ({
      key,
      authorization: await pay(payer, quote.payment_requirement, { kind: "transfer" }),
    })),
  );
  await sendTogether(paid.map(({ authorization }) => toTokenCall(world, authorization)));
  for (const { key, authorization } of paid) await engine.payments.accept(key, authorization);
  for (const { key } of paid) await engine.hooks.until("settled", key.requestId);
  expect(await world.balanceOf(world.settlement)).toBe(before);
  expect(await world.balanceOf(payer.address)).toBe(96_000_000n);
});
