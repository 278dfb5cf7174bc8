import { type Hex, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signAuthorization } from "../support/contracts/authorization.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import {
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
import { toTokenCall } from "./support/stranger.ts";

let world: PayWorld;
let proxy: RpcProxy;
beforeEach(async () => {
  world = await startPayWorld();
  proxy = await startRpcProxy(world.chain.rpcUrl);
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const wallet = () => privateKeyToAccount(world.walletKey);
const requestedBy = "operator";

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await proxy.asked("eth_getBlockByNumber");
}

async function payOne(engine: Engine, payer: Payer): Promise<string> {
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
  const { items } = engine.payments.list({ limit: 50 });
  return String(items.find((item) => item.request_id === key.requestId)?.id);
}

/** The wallet's money goes away by a signed authorization that somebody else carries. */
async function emptyWallet(): Promise<void> {
  const value = await world.balanceOf(wallet().address);
  const to = world.treasury;
  const validBefore = BigInt(Math.floor(Date.now() / 1000) + 3_600);
  const nonce = toHex(7n, { size: 32 });
  const signed = await signAuthorization(wallet(), {
    ...{ chainId: world.chain.chainId, token: world.usdc, from: wallet().address },
    ...{ to, value, validBefore, nonce, kind: 0 },
  });
  const authorization = {
    ...{ from: wallet().address, to, value: value.toString(), valid_after: 0 },
    ...{ valid_before: Number(validBefore), nonce, v: signed.v, r: signed.r, s: signed.s },
  };
  await sendAs(
    world.chain,
    world.chain.accounts[8]?.address as Hex,
    toTokenCall(world, authorization),
  );
}

interface Refund {
  state: string;
  block_number: number;
}
const refundOf = (engine: Engine, id: string) =>
  engine.payments.get(id).refund as unknown as Refund;

const txOfRefund = (engine: Engine) =>
  engine.store.raw
    .prepare("select state, succeeded from settlement_txs where kind = 'refund' order by tx_id")
    .all() as { state: string; succeeded: number | null }[];

test("a refund that a reorg undid and that then reverts is not called confirmed", async () => {
  await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
  const payer = await fundPayer(world);
  const id = await payOne(engine, payer);
  await world.mint(wallet().address, 2_000_000n);
  await world.chain.mine(3);
  await engine.payments.refund({ paymentId: id, requestedBy });
  await until(() => engine.payments.get(id).state === "refunded");
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  proxy.fail("eth_sendRawTransaction", "lose-request");
  await world.chain.takeBack(refundOf(engine, id).block_number);
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  await emptyWallet();
  proxy.heal();
  await until(() => txOfRefund(engine)[0]?.succeeded === 0);
  expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  // The payer has nothing back, and nothing will bring it.
  expect(refundOf(engine, id).state).not.toBe("confirmed");
  expect(engine.payments.get(id).state).not.toBe("refunded");
});

test("a refund that reverted is asked for again only when no reorg can bring it back", async () => {
  await using engine = await startEngine(world, { rpcUrls: [proxy.url] });
  const payer = await fundPayer(world);
  const other = await fundPayer(world);
  const [id, second] = [await payOne(engine, payer), await payOne(engine, other)];
  await world.mint(wallet().address, 2_000_000n);
  await world.chain.mine(3);
  // The wallet has enough for either: both pass before one is mined, and one of them reverts.
  await world.chain.rpc("evm_setIntervalMining", [0]);
  await Promise.all([
    engine.payments.refund({ paymentId: second, requestedBy }),
    engine.payments.refund({ paymentId: id, requestedBy }),
  ]);
  while (txOfRefund(engine).length < 2) await proxy.asked("eth_sendRawTransaction");
  await world.chain.rpc("evm_setIntervalMining", [1]);
  await until(() => txOfRefund(engine).filter((tx) => tx.succeeded !== null).length === 2);
  const failed = refundOf(engine, id).state === "failed" ? id : second;
  const victim = failed === id ? payer : other;
  await until(() => refundOf(engine, failed).state === "failed");
  await world.mint(wallet().address, 20_000_000n);
  // A reorg could let the first transaction succeed beside a second one.
  const again = () => engine.payments.refund({ paymentId: failed, requestedBy });
  await expect(again()).rejects.toMatchObject({ code: "conflict", retryAfterMs: 60_000 });
  await world.chain.mine(70);
  await until(() => txOfRefund(engine).every((tx) => tx.state === "final"));
  await again();
  await until(() => refundOf(engine, failed).state === "confirmed");
  expect(await world.balanceOf(victim.address)).toBe(100_000_000n);
});
