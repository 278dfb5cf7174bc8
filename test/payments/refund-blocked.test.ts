import { parseEther, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  type Engine,
  fundPayer,
  type Payer,
  pay,
  startEngine,
} from "./support/engine.ts";
import { type RealUsdcWorld, startRealUsdcWorld } from "./support/real-usdc.ts";

let world: RealUsdcWorld;
let proxy: RpcProxy;
let engine: Engine;
beforeAll(async () => {
  world = await startRealUsdcWorld();
  proxy = await startRpcProxy(world.chain.rpcUrl);
  engine = await startEngine(world, { rpcUrls: [proxy.url] });
  await world.mint(privateKeyToAccount(world.walletKey).address, 10_000_000n);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

async function payOne(payer: Payer): Promise<string> {
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
  const { items } = engine.payments.list({ limit: 50 });
  return String(items.find((item) => item.request_id === key.requestId)?.id);
}

/** Without gas nothing is sent, though what waits is looked at with every block. */
async function setGas(wei: bigint): Promise<void> {
  const { address } = privateKeyToAccount(world.walletKey);
  await world.chain.rpc("anvil_setBalance", [address, toHex(wei)]);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await proxy.asked("eth_getBlockByNumber");
}

const alarms = () => engine.payments.health().flatMap((chain) => chain.alarms);

const countRefundTxs = () =>
  engine.store.raw
    .prepare("select count(*) from settlement_txs where kind = 'refund'")
    .pluck()
    .get();

test("a refund to a payer whom the token blocks is refused before anything is sent, and paid once he is not", async () => {
  const payer = await fundPayer(world);
  const request = { paymentId: await payOne(payer), requestedBy: "operator" };
  await world.operate("blacklist", [payer.address]);
  await expect(engine.payments.refund(request)).rejects.toMatchObject({
    code: "conflict",
    reason: "PAYEE_BLOCKED",
    message: expect.stringContaining("account is blacklisted"),
  });
  expect(engine.payments.get(request.paymentId)).toMatchObject({
    state: "confirmed",
    refund: null,
  });
  await world.operate("unBlacklist", [payer.address]);
  await engine.payments.refund(request);
  await until(() => engine.payments.get(request.paymentId).state === "refunded");
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
});

test("a refund whose payer is blocked before it is sent ends with the reason, sends nothing, and may be asked for again", async () => {
  const payer = await fundPayer(world);
  const request = { paymentId: await payOne(payer), requestedBy: "operator" };
  const sent = countRefundTxs();
  await setGas(0n);
  await until(() => engine.payments.health()[0]?.gas_ok === false);
  await engine.payments.refund(request);
  await world.operate("blacklist", [payer.address]);
  const refund = () => engine.payments.get(request.paymentId).refund as { state: string };
  await until(() => refund().state === "failed");
  expect(refund()).toMatchObject({ failure: expect.stringContaining("account is blacklisted") });
  expect(countRefundTxs()).toBe(sent);
  await until(() => alarms().some(({ id }) => id === "payout-refused"));
  expect(alarms().find(({ id }) => id === "payout-refused")).toMatchObject({
    node_says: expect.stringContaining("account is blacklisted"),
    remedy: expect.stringContaining("ask for it again"),
  });
  await setGas(parseEther("100"));
  await world.operate("unBlacklist", [payer.address]);
  expect(await engine.payments.refund(request)).toMatchObject({
    state: "requested",
    failure: null,
  });
  await until(() => refund().state === "confirmed");
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
});
