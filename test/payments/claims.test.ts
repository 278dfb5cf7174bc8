import { encodeFunctionData, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import type { JsonObject } from "../../src/protocol/json.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import { depositEscrow, startEscrowEngine, toOrder } from "./escrow/support/escrow-engine.ts";
import { deployEarlier } from "./support/earlier-contracts.ts";
import { askQuote, type Engine, fundPayer, type PayWorld, pay, sendAs } from "./support/engine.ts";
import { type RealUsdcWorld, startRealUsdcWorld } from "./support/real-usdc.ts";
import { toSettleCall } from "./support/stranger.ts";

const EVER = { from: 0, to: 9_999_999_999 };

let world: RealUsdcWorld;
let proxy: RpcProxy;
beforeEach(async () => {
  world = await startRealUsdcWorld();
  proxy = await startRpcProxy(world.chain.rpcUrl);
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const start = (own: PayWorld = world, more: { dir?: string } = {}) =>
  startEscrowEngine(own, { rpcUrls: [proxy.url], ...more });
const wallet = () => privateKeyToAccount(world.walletKey).address;
const stranger = () => world.chain.accounts[7]?.address as Hex;

/** Resolves when a condition holds after some call of the node. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await proxy.asked("eth_getBlockByNumber");
}

const claim = (engine: Engine, payee: string) => {
  const request = { chainId: world.chain.chainId, token: world.usdc, payee, requestedBy: "test" };
  return engine.payments.claim(request, () => {});
};

const heldOf = (engine: Engine, requestId: string) =>
  engine.payments.list({ limit: 50 }).items.find((item) => item.request_id === requestId)?.held;

const sumHeld = async (engine: Engine) => {
  const accounts = await engine.payments.accounts(EVER);
  return accounts.reduce((sum, row) => sum + BigInt(row.held as string), 0n);
};

/** Pays once; by a stranger's transaction where one is to carry it. */
async function payOnce(engine: Engine, own: PayWorld = world, carry = false): Promise<string> {
  const payer = await fundPayer(world);
  const { key, quote } = await askQuote(engine, own);
  const { payment_requirement } = quote;
  const authorization = await pay(payer, payment_requirement);
  if (carry)
    await sendAs(world.chain, stranger(), toSettleCall(own, payment_requirement, authorization));
  await engine.payments.accept(key, authorization);
  await engine.hooks.until("settled", key.requestId);
  return key.requestId;
}

interface Claim {
  state: string;
  amount: string | null;
  failure: string | null;
  block_number: number;
}
const listClaims = (engine: Engine) =>
  engine.store.raw
    .prepare("select state, amount, failure, block_number from claims order by claim_id")
    .all() as Claim[];

async function claimable(owner: Hex): Promise<bigint> {
  const call = { address: world.settlement, abi: zoneSettlementAbi } as const;
  return world.chain.client.readContract({ ...call, functionName: "claimable", args: [owner] });
}

test("a share refused within a stranger's settlement is known, and his claim for its owner, too", async () => {
  await using engine = await start();
  await world.operate("blacklist", [world.creator]);
  const id = await payOnce(engine, world, true);
  expect(heldOf(engine, id)).toMatchObject([{ share: "creator_fee", amount: "20000" }]);
  expect(await sumHeld(engine)).toBe(20_000n);
  await world.operate("unBlacklist", [world.creator]);
  const data = encodeFunctionData({
    ...{ abi: zoneSettlementAbi, functionName: "claimFor", args: [world.creator] },
  });
  await sendAs(world.chain, stranger(), { to: world.settlement, data });
  // It could be seen within a minute; a claim is refused at once, as the chain decides.
  await expect(claim(engine, world.creator)).rejects.toMatchObject({ reason: "NOTHING_TO_CLAIM" });
  const { items } = await engine.payments.listClaims({ limit: 50 });
  expect(items).toMatchObject([{ amount: "0", claimable: false, reason: "NOTHING_TO_CLAIM" }]);
  await engine.stop();
  await using again = await start(world, { dir: engine.dir });
  await until(async () => (await sumHeld(again)) === 0n);
});

test("what an escrow could not pay at its release, or give back to its payer, is known and claimable", async () => {
  await using engine = await start();
  const payer = await fundPayer(world);
  const released = await depositEscrow(engine, world, payer);
  await world.operate("blacklist", [world.creator]);
  const order = await toOrder("release", released.escrow, payer);
  await engine.payments.changeEscrow(released.key.nodeId, order, 0);
  await engine.hooks.untilStatus(released.key.requestId, "released");
  expect(heldOf(engine, released.key.requestId)).toMatchObject([
    { share: "creator_fee", owner: world.creator, amount: "50000", contract: world.escrow },
  ]);
  const refunded = await depositEscrow(engine, world, payer);
  await world.operate("blacklist", [payer.address]);
  const { escrowId, op } = await toOrder("refund", refunded.escrow, payer);
  await engine.payments.operateEscrow({ escrowId, op }, "test", 0);
  await engine.hooks.untilStatus(refunded.key.requestId, "refunded");
  expect(heldOf(engine, refunded.key.requestId)).toMatchObject([
    { share: "refund", owner: payer.address, amount: "5000000" },
  ]);
  // A refund is no income: the books' column counts shares of what was paid out only.
  expect(await sumHeld(engine)).toBe(50_000n);
  await world.operate("unBlacklist", [payer.address]);
  const before = await world.balanceOf(payer.address);
  await claim(engine, payer.address);
  await until(() => listClaims(engine)[0]?.state === "confirmed");
  expect((await world.balanceOf(payer.address)) - before).toBe(5_000_000n);
});

test("a claim that a reorg takes back is open again, and paid once", async () => {
  await using engine = await start();
  await world.operate("blacklist", [world.creator]);
  await payOnce(engine);
  await world.operate("unBlacklist", [world.creator]);
  await world.chain.mine(3);
  const before = await world.balanceOf(world.creator);
  await claim(engine, world.creator);
  await until(async () => (await sumHeld(engine)) === 0n);
  const [confirmed] = listClaims(engine);
  expect(confirmed).toMatchObject({ state: "confirmed", amount: "20000" });
  proxy.fail("eth_sendRawTransaction", "lose-request");
  await world.chain.takeBack((confirmed as Claim).block_number);
  await until(() => listClaims(engine)[0]?.state === "submitted");
  expect(listClaims(engine)).toMatchObject([{ amount: null, block_number: null }]);
  await until(async () => (await sumHeld(engine)) === 20_000n);
  expect(await claimable(world.creator)).toBe(20_000n);
  // Asked for meanwhile, it is that one.
  const [same] = (await claim(engine, world.creator)) as JsonObject[];
  expect(same).toMatchObject({ state: "submitted" });
  proxy.heal();
  await until(async () => (await sumHeld(engine)) === 0n);
  expect(listClaims(engine)).toMatchObject([{ state: "confirmed", amount: "20000" }]);
  expect((await world.balanceOf(world.creator)) - before).toBe(20_000n);
});

test("a claim asked for just before a crash is paid once, and one whose share is blocked again ends with the reason", async () => {
  const first = await start();
  await world.operate("blacklist", [world.creator]);
  await payOnce(first);
  await world.operate("unBlacklist", [world.creator]);
  const before = await world.balanceOf(world.creator);
  proxy.fail("eth_sendRawTransaction", "lose-reply");
  const sent = proxy.asked("eth_sendRawTransaction");
  await claim(first, world.creator);
  await sent;
  await first.stop();
  proxy.heal();
  await using second = await start(world, { dir: first.dir });
  await until(async () => (await sumHeld(second)) === 0n);
  expect((await world.balanceOf(world.creator)) - before).toBe(20_000n);

  await world.operate("blacklist", [world.creator]);
  await payOnce(second);
  await world.operate("unBlacklist", [world.creator]);
  // Without gas nothing is sent, though what waits is looked at with every block.
  await world.chain.rpc("anvil_setBalance", [wallet(), "0x0"]);
  await until(() => second.payments.health()[0]?.gas_ok === false);
  await claim(second, world.creator);
  await world.operate("blacklist", [world.creator]);
  await until(() => listClaims(second)[1]?.state === "failed");
  expect(listClaims(second)[1]?.failure).toContain("account is blacklisted");
  const alarms = () => second.payments.health().flatMap((chain) => chain.alarms);
  await until(() => alarms().some(({ id }) => id === "payout-refused"));
  expect(alarms().find(({ id }) => id === "payout-refused")?.node_says).toContain("blacklisted");
  expect(await claimable(world.creator)).toBe(20_000n);
});

test("a contract of an earlier version pays the wallet its own share, and says whose turn it is else", async () => {
  const earlier = await deployEarlier(world);
  await using engine = await start(earlier);
  await world.operate("blacklist", [world.creator]);
  await world.operate("blacklist", [wallet()]);
  const before = await world.balanceOf(wallet());
  await payOnce(engine, earlier);
  await world.operate("unBlacklist", [world.creator]);
  await world.operate("unBlacklist", [wallet()]);
  await expect(claim(engine, world.creator)).rejects.toMatchObject({ reason: "CLAIM_OWNER_ONLY" });
  await claim(engine, wallet());
  await until(() => listClaims(engine)[0]?.state === "confirmed");
  expect((await world.balanceOf(wallet())) - before).toBe(1_978_000n);
});
