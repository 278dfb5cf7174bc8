import { encodeFunctionData, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { StewardError } from "../../src/errors.ts";
import { ContractMismatch } from "../../src/payments/chain/contract-views.ts";
import type { ActionPrice } from "../../src/protocol/manifest.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const price = (change: Partial<ActionPrice> = {}): ActionPrice =>
  ({
    amount: "2000000",
    asset: "USDC",
    network: "local",
    settlement_mode: "direct",
    ...change,
  }) as ActionPrice;

function refusal(run: () => unknown): { code: unknown; reason: unknown } {
  try {
    run();
  } catch (error) {
    if (error instanceof StewardError) return { code: error.code, reason: error.reason };
    throw error;
  }
  throw new Error("no refusal");
}

describe("a priced action is refused before any quote", () => {
  test("with another asset, network, chain or mode than the steward's", async () => {
    await using engine = await startEngine(world);
    const unsupported = { code: "payment_failed", reason: "UNSUPPORTED_ASSET" };
    const { payments } = engine;
    const id = world.chain.chainId;
    expect(refusal(() => payments.assertPayable(price({ asset: "EURC" }), id))).toEqual(
      unsupported,
    );
    expect(refusal(() => payments.assertPayable(price({ network: "base" }), id))).toEqual(
      unsupported,
    );
    expect(refusal(() => payments.assertPayable(price(), 1))).toEqual(unsupported);
    expect(refusal(() => payments.assertPayable(price({ settlement_mode: "escrow" }), id))).toEqual(
      unsupported,
    );
    payments.assertPayable(price(), id);
  });

  test("while the chain does not answer, and not after it does again", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
    proxy.fail("*", "http-500");
    while (engine.payments.health()[0]?.ok) await proxy.asked("eth_getBlockByNumber");
    expect(refusal(() => engine.payments.assertPayable(price(), world.chain.chainId))).toEqual({
      code: "internal",
      reason: "CHAIN_UNAVAILABLE",
    });
    proxy.heal();
    while (!engine.payments.health()[0]?.ok) await proxy.asked("eth_getBlockByNumber");
    engine.payments.assertPayable(price(), world.chain.chainId);
  });

  test("while the steward has too little gas", async () => {
    await using engine = await startEngine(world, {
      payments: { gas_low_wei: "20000000000000000000000" },
    });
    expect(refusal(() => engine.payments.assertPayable(price(), world.chain.chainId))).toEqual({
      code: "internal",
      reason: "GAS_LOW",
    });
  });
});

describe("the start", () => {
  test("is refused where the settlement contract is another one", async () => {
    const wrong = { ...world, settlement: world.escrow };
    await expect(startEngine(wrong)).rejects.toThrow(ContractMismatch);
    const none = { ...world, settlement: world.recipient };
    await expect(startEngine(none)).rejects.toThrow(ContractMismatch);
  });

  test("is refused where the token is another one, or the chain", async () => {
    await expect(startEngine({ ...world, usdc: world.settlement })).rejects.toThrow(
      ContractMismatch,
    );
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    proxy.fail("eth_chainId", "wrong-chain");
    await expect(startEngine(world, { rpcUrls: [proxy.url] })).rejects.toThrow(ContractMismatch);
  });

  test("succeeds while the chain is down, and payments work when it is up", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    proxy.fail("*", "lose-request");
    await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
    expect(engine.payments.health()[0]).toMatchObject({ ok: false, reachable: false });
    proxy.heal();
    while (!engine.payments.health()[0]?.ok) await proxy.asked("eth_getBlockByNumber");
    const payer = await fundPayer(world);
    await payOne(engine, payer);
  });
});

test("a second RPC URL serves while the first one is down", async () => {
  await using dead = await startRpcProxy(world.chain.rpcUrl);
  await using engine = await startEngine(world, { rpcUrls: [dead.url, world.chain.rpcUrl] });
  dead.fail("*", "http-500");
  const payer = await fundPayer(world);
  await payOne(engine, payer);
  expect(engine.payments.health()[0]).toMatchObject({ ok: true });
});

test("a second RPC URL of another chain is not used", async () => {
  await using wrong = await startRpcProxy(world.chain.rpcUrl);
  wrong.fail("eth_chainId", "wrong-chain");
  await using engine = await startEngine(world, { rpcUrls: [wrong.url, world.chain.rpcUrl] });
  const payer = await fundPayer(world);
  await payOne(engine, payer);
  expect(new Set(wrong.calls)).toEqual(new Set(["eth_chainId"]));
});

test("a payer whose authorizations fail on chain three times within an hour waits", async () => {
  await using own = await startPayWorld();
  let ahead = 0;
  await using engine = await startEngine(own, {
    now: () => Math.floor(Date.now() / 1000) + ahead,
  });
  const payer = await fundPayer(own, 2_000_000n);
  await own.chain.rpc("anvil_setBalance", [payer.address, "0xde0b6b3a7640000"]);
  for (let round = 0; round < 3; round++) await failOnChain(own, engine, payer, round);
  const { key, quote } = await askQuote(engine, own);
  const refused = engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await expect(refused).rejects.toMatchObject({
    code: "payment_invalid",
    reason: "PAYER_COOLDOWN",
  });
  const other = await fundPayer(own);
  await payOne(engine, other, own);
  ahead = 3_601;
  const later = await askQuote(engine, own, key);
  const again = await pay(payer, later.quote.payment_requirement);
  expect(await engine.payments.accept(key, again)).toBe("accepted");
});

/** Lets a payment pass its simulation and takes its money away before it is mined. */
async function failOnChain(own: PayWorld, engine: Engine, payer: Payer, round: number) {
  const { chain } = own;
  await chain.rpc("evm_setIntervalMining", [0]);
  const { key, quote } = await askQuote(engine, own);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  while (engine.payments.records.findPending(key)?.state !== "submitted") {
    await new Promise((done) => setImmediate(done));
  }
  const move = encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "transfer",
    args: [own.recipient, 2_000_000n],
  });
  const raw = await privateKeyToAccount(payer.key).signTransaction({
    type: "eip1559",
    chainId: chain.chainId,
    nonce: round,
    to: own.usdc,
    data: move,
    gas: 100_000n,
    maxFeePerGas: 900_000_000_000n,
    maxPriorityFeePerGas: 800_000_000_000n,
  });
  await chain.rpc("eth_sendRawTransaction", [raw as Hex]);
  await chain.mine(1);
  const { error } = await engine.hooks.until("failed", key.requestId);
  expect(error).toMatchObject({ reason: "INSUFFICIENT_BALANCE" });
  await chain.rpc("evm_setIntervalMining", [1]);
  await own.mint(payer.address, 2_000_000n);
}

async function payOne(engine: Engine, payer: Payer, on = world): Promise<void> {
  const { key, quote } = await askQuote(engine, on);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
}
