import type { Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StewardError } from "../../src/errors.ts";
import { MOOD } from "../contracts/support/helpers.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import { fundAccount, setMood } from "./support/smart-account.ts";

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

describe("a smart account", () => {
  test.each(["receive", "transfer"] as const)("pays with a %s authorization", async (kind) => {
    const account = await fundAccount(world);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(account, quote.payment_requirement, { kind });
    expect(await engine.payments.accept(key, authorization)).toBe("accepted");
    await engine.hooks.until("settled", key.requestId);
    expect(await world.balanceOf(account.contract as Hex)).toBe(98_000_000n);
    expect(await engine.payments.accept(key, authorization)).toBe("settled");
  });

  test("pays with v, r, s alone, which its code is asked about", async () => {
    const account = await fundAccount(world);
    const { key, quote } = await askQuote(engine, world);
    const { signature: _, ...plain } = await pay(account, quote.payment_requirement);
    await engine.payments.accept(key, plain);
    await engine.hooks.until("settled", key.requestId);
    expect(await world.balanceOf(account.contract as Hex)).toBe(98_000_000n);
  });

  test.each([
    ["another key's signature", MOOD.honest, true],
    ["code that refuses", MOOD.refuse, false],
    ["code that reverts", MOOD.revert, false],
    ["code that burns all gas", MOOD.burnGas, false],
    ["code that answers nonsense", MOOD.garbage, false],
  ])("with %s is payment_invalid", async (_, mood, wrongKey) => {
    const account = await fundAccount(world);
    const stranger = await fundPayer(world, 0n);
    await setMood(world, account, mood);
    const { key, quote } = await askQuote(engine, world);
    const signer = wrongKey ? { ...account, key: stranger.key } : account;
    const authorization = await pay(signer, quote.payment_requirement);
    await expect(engine.payments.accept(key, authorization)).rejects.toMatchObject({
      code: "payment_invalid",
      reason: "SIGNATURE_INVALID",
    });
  });

  test("whose code turns bad after its payment was sent fails alone", async () => {
    const account = await fundAccount(world);
    const payer = await fundPayer(world);
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using own = await startEngine(world, { rpcUrls: [proxy.url] });
    const [bad, good] = [await askQuote(own, world), await askQuote(own, world)];
    // Nothing can be simulated until the account has changed its mind.
    proxy.fail("eth_getTransactionCount", "http-500");
    await own.payments.accept(bad.key, await pay(account, bad.quote.payment_requirement));
    await own.payments.accept(good.key, await pay(payer, good.quote.payment_requirement));
    await setMood(world, account, MOOD.burnGas);
    proxy.heal();
    await own.hooks.until("settled", good.key.requestId);
    const { error } = await own.hooks.until("failed", bad.key.requestId);
    expect(error).toMatchObject({ code: "payment_failed", reason: "SETTLEMENT_REVERTED" });
    expect(await world.balanceOf(account.contract as Hex)).toBe(100_000_000n);
  });
});

test("many signatures that only the chain can judge keep nobody else waiting", async () => {
  await using proxy = await startRpcProxy(world.chain.rpcUrl);
  const payments = { signature_checks_max: 1, rpc_timeout_ms: 300 };
  await using small = await startEngine(world, { rpcUrls: [proxy.url], payments });
  const [payer, other] = [await fundPayer(world), await fundPayer(world, 0n)];
  proxy.fail("eth_getCode", "hang");
  const forged = Array.from({ length: 40 }, async () => {
    const { key, quote } = await askQuote(small, world);
    const authorization = await pay(other, quote.payment_requirement);
    const sent = { ...authorization, from: payer.address };
    return small.payments.accept(key, sent).catch((error: StewardError) => error);
  });
  const first = (await Promise.race(forged)) as StewardError;
  expect(first).toMatchObject({ reason: "CHAIN_UNAVAILABLE", retryAfterMs: 2_000 });
  const { key, quote } = await askQuote(small, world);
  expect(await small.payments.accept(key, await pay(payer, quote.payment_requirement))).toBe(
    "accepted",
  );
  proxy.heal();
  await small.hooks.until("settled", key.requestId);
  const errors = await Promise.all(forged);
  const of = (reason: string) =>
    errors.filter((error) => (error as StewardError).reason === reason);
  expect(of("CHAIN_UNAVAILABLE").length).toBeGreaterThanOrEqual(7);
  expect(of("SIGNATURE_INVALID").length).toBeGreaterThanOrEqual(30);
});
