import { type Address, encodeFunctionData, type Hex, keccak256, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
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

const OTHER = `atlas_${"a".repeat(64)}`;

let world: PayWorld;
let proxy: RpcProxy;
let engine: Engine;
/** Who pays for the other steward. */
let other: Address;
beforeAll(async () => {
  world = await startPayWorld();
  proxy = await startRpcProxy(world.chain.rpcUrl);
  engine = await startEngine(world, { rpcUrls: [world.chain.rpcUrl, proxy.url] });
  other = world.chain.accounts[8]?.address as Address;
  await world.mint(other, 100_000_000n);
  await world.mint(privateKeyToAccount(world.walletKey).address, 100_000_000n);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

interface Paid {
  readonly paymentId: string;
  readonly amount: bigint;
}

async function payOne(payer: Payer): Promise<Paid> {
  const { key, quote } = await askQuote(engine, world);
  await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
  await engine.hooks.until("settled", key.requestId);
  const { items } = engine.payments.list({ limit: 50 });
  const item = items.find(({ request_id }) => request_id === key.requestId);
  return { paymentId: String(item?.id), amount: BigInt(String(item?.amount)) };
}

/** The payment's refund is another steward's, as its record says that came over. */
function receiveRefund({ paymentId, amount }: Paid, payer: Payer, txHash: Hex | null): void {
  engine.store.raw
    .prepare(
      `INSERT INTO refunds (payment_id, chain_id, token, "to", amount, state, requested_by, tx_hash, steward,
         created_at, updated_at) VALUES (?, ?, ?, ?, ?, 'submitted', 'operator', ?, ?, 1, 1)`,
    )
    .run(
      ...[paymentId, world.chain.chainId, world.usdc, payer.address, amount.toString()],
      ...[txHash, OTHER],
    );
}

async function transfer(to: Address, amount: bigint): Promise<Hex> {
  const args = [to, amount] as const;
  const data = encodeFunctionData({ abi: testUsdcAbi, functionName: "transfer", args });
  return (await sendAs(world.chain, other, { to: world.usdc, data })).transactionHash;
}

async function untilRefunded({ paymentId }: Paid): Promise<unknown> {
  const shown = () => engine.payments.get(paymentId);
  await expect.poll(() => shown()?.state, { timeout: 15_000 }).toBe("refunded");
  return shown()?.refund;
}

const takeOver = ({ paymentId }: Paid, said: { paidBy?: string; notPaidBy?: string[] } = {}) =>
  engine.payments.refund({ paymentId, requestedBy: "operator", takesOver: true, ...said });

const refused = (details: object) => ({ code: "conflict", details });

test("a refund that its steward sent under another hash is noted where the operator names it, and nothing is paid", async () => {
  const payer = await fundPayer(world);
  const paid = await payOne(payer);
  receiveRefund(paid, payer, keccak256(toHex("replaced by one with a higher fee")));
  const funds = await world.balanceOf(payer.address);
  const hash = await transfer(payer.address, paid.amount);
  await expect(takeOver(paid)).rejects.toMatchObject(refused({ tx_hashes: [hash] }));
  const unknown = keccak256(toHex("nobody sent this"));
  const wrong = refused({ paid_by: unknown, tx_hashes: [hash] });
  await expect(takeOver(paid, { paidBy: unknown })).rejects.toMatchObject(wrong);
  await takeOver(paid, { paidBy: hash });
  expect(await untilRefunded(paid)).toMatchObject({ state: "confirmed", tx_hash: hash });
  expect(await world.balanceOf(payer.address)).toBe(funds + paid.amount);
});

test("transfers that the operator knows as something else keep nobody from being paid, and others' refunds none", async () => {
  const payer = await fundPayer(world);
  const [first, second] = [await payOne(payer), await payOne(payer)];
  await engine.payments.refund({ paymentId: first.paymentId, requestedBy: "operator" });
  await untilRefunded(first);
  receiveRefund(second, payer, null);
  const funds = await world.balanceOf(payer.address);
  const hashes = [
    await transfer(payer.address, second.amount),
    await transfer(payer.address, second.amount),
  ];
  await transfer(payer.address, second.amount - 1n);
  await expect(takeOver(second)).rejects.toMatchObject(refused({ tx_hashes: hashes }));
  const rest = refused({ tx_hashes: [hashes[1]] });
  await expect(takeOver(second, { notPaidBy: hashes.slice(0, 1) })).rejects.toMatchObject(rest);
  await takeOver(second, { notPaidBy: hashes });
  await untilRefunded(second);
  expect(await world.balanceOf(payer.address)).toBe(funds + second.amount * 4n - 1n);
});

test("one transfer gives back one payment, and a transaction that a record names and that paid nobody counts for nothing", async () => {
  const payer = await fundPayer(world);
  const [first, second] = [await payOne(payer), await payOne(payer)];
  const elsewhere = await transfer(world.creator, first.amount);
  for (const paid of [first, second]) receiveRefund(paid, payer, elsewhere);
  const funds = await world.balanceOf(payer.address);
  const hash = await transfer(payer.address, first.amount);
  const named = await Promise.allSettled(
    [first, second].map((one) => takeOver(one, { paidBy: hash })),
  );
  expect(named.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const states = [first, second].map(({ paymentId }) => engine.payments.get(paymentId)?.state);
  const rest = states[0] === "refunded" ? second : first;
  await takeOver(rest);
  await untilRefunded(rest);
  expect(await world.balanceOf(payer.address)).toBe(funds + first.amount * 2n);
});

test("while a URL does not answer nothing is paid that may have been paid", async () => {
  const payer = await fundPayer(world);
  const paid = await payOne(payer);
  receiveRefund(paid, payer, null);
  proxy.fail("eth_getLogs", "http-500");
  const away = { code: "internal", reason: "CHAIN_UNAVAILABLE" };
  await expect(takeOver(paid)).rejects.toMatchObject(away);
  proxy.heal();
  await takeOver(paid);
  await untilRefunded(paid);
});

test("a refund that nobody asked for before has no transaction that paid it", async () => {
  const paid = await payOne(await fundPayer(world));
  const request = { paymentId: paid.paymentId, requestedBy: "operator" };
  const named = { ...request, paidBy: keccak256(toHex("x")) };
  await expect(engine.payments.refund(named)).rejects.toMatchObject({ code: "conflict" });
  expect(engine.payments.get(paid.paymentId)?.refund).toBeNull();
});
