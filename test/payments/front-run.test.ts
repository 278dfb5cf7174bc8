import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PaymentRequirement } from "../../src/wire/zone-replies.ts";
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
import { toCancelCall, toSettleCall, toTokenCall } from "./support/stranger.ts";

let world: PayWorld;
let engine: Engine;
beforeAll(async () => {
  world = await startPayWorld();
  engine = await startEngine(world);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const stranger = () => world.chain.accounts[7]?.address as Hex;

/** Sends a transfer authorization straight to the token. */
async function sendToToken(authorization: AuthorizationJson): Promise<void> {
  await sendAs(world.chain, stranger(), toTokenCall(world, authorization));
}

/** Settles a payment through the contract with somebody else's transaction. */
async function settleAsStranger(
  requirement: PaymentRequirement,
  authorization: AuthorizationJson,
): Promise<string> {
  const call = toSettleCall(world, requirement, authorization);
  return (await sendAs(world.chain, stranger(), call)).transactionHash;
}

async function cancel(payer: Payer, nonce: Hex): Promise<void> {
  await sendAs(world.chain, stranger(), await toCancelCall(world, payer, nonce));
}

describe("an authorization that somebody else executed", () => {
  test("straight at the token is recovered by the steward, exactly by the terms", async () => {
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
    const before = await world.balanceOf(world.recipient);
    await sendToToken(authorization);
    expect(await engine.payments.accept(key, authorization)).toBe("accepted");
    await engine.hooks.until("settled", key.requestId);
    expect((await world.balanceOf(world.recipient)) - before).toBe(1_978_000n);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect(await world.balanceOf(world.settlement)).toBe(0n);
    expect(engine.payments.records.findReceipt(key)).toMatchObject({ recipient_amount: "1978000" });
  });

  test("through the contract counts as paid, with that transaction in the receipt", async () => {
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement);
    const txHash = await settleAsStranger(quote.payment_requirement, authorization);
    await engine.payments.accept(key, authorization);
    await engine.hooks.until("settled", key.requestId);
    expect(engine.payments.records.findReceipt(key)).toMatchObject({ tx_hash: txHash });
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });

  test("after the attempt had failed makes the request paid", async () => {
    const payer = await fundPayer(world, 1n);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement);
    await engine.payments.accept(key, authorization);
    await engine.hooks.until("failed", key.requestId);
    await world.mint(payer.address, 2_000_000n);
    await settleAsStranger(quote.payment_requirement, authorization);
    await engine.hooks.until("settled", key.requestId);
    expect(engine.hooks.of(key.requestId)).toEqual(["authorized", "failed", "settled"]);
    expect(await engine.payments.accept(key, authorization)).toBe("settled");
    expect(await world.balanceOf(payer.address)).toBe(1n);
  });

  test("straight at the token after the attempt had failed is recovered at the deadline", async () => {
    await using own = await startPayWorld();
    await using late = await startEngine(own, { payments: { quote_ttl_secs: 30 } });
    const payer = await fundPayer(own, 1n);
    const { key, quote } = await askQuote(late, own);
    const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
    await late.payments.accept(key, authorization);
    await late.hooks.until("failed", key.requestId);
    await own.mint(payer.address, 2_000_000n);
    const kept = world;
    world = own;
    await sendToToken(authorization).finally(() => {
      world = kept;
    });
    await own.chain.setNextBlockTime(BigInt(quote.payment_requirement.deadline + 1));
    await late.hooks.until("settled", key.requestId);
    expect(await own.balanceOf(payer.address)).toBe(1n);
    expect(await own.balanceOf(own.settlement)).toBe(0n);
  });
});

describe("money that lies in the contract is not paid out", () => {
  const strand = () => world.mint(world.settlement, 5_000_000n);

  test("for an authorization that its payer cancelled", async () => {
    await strand();
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
    await cancel(payer, quote.payment_requirement.nonce as Hex);
    const stranded = await world.balanceOf(world.settlement);
    await engine.payments.accept(key, authorization);
    const { error } = await engine.hooks.until("failed", key.requestId);
    expect(error).toMatchObject({ code: "payment_failed", reason: "AUTHORIZATION_USED" });
    expect(await world.balanceOf(world.settlement)).toBe(stranded);
    const fresh = await askQuote(engine, world, key);
    expect(fresh.quote.payment_requirement.nonce).not.toBe(quote.payment_requirement.nonce);
    await engine.payments.accept(key, await pay(payer, fresh.quote.payment_requirement));
    await engine.hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });

  test("for a nonce that its payer burnt with a transfer of nothing", async () => {
    await strand();
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const requirement = quote.payment_requirement;
    const authorization = await pay(payer, requirement, { kind: "transfer" });
    const burn = await signAuthorization(privateKeyToAccount(payer.key), {
      chainId: world.chain.chainId,
      token: world.usdc,
      from: payer.address,
      to: world.settlement,
      value: 0n,
      validBefore: BigInt(requirement.deadline),
      nonce: requirement.nonce as Hex,
      kind: 0,
    });
    await sendToToken({ ...authorization, value: "0", v: burn.v, r: burn.r, s: burn.s });
    const stranded = await world.balanceOf(world.settlement);
    await engine.payments.accept(key, authorization);
    const { error } = await engine.hooks.until("failed", key.requestId);
    expect(error).toMatchObject({ code: "payment_failed", reason: "AUTHORIZATION_USED" });
    expect(await world.balanceOf(world.settlement)).toBe(stranded);
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  });
});
