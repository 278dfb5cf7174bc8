import type { Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRpcProxy } from "../../support/rpc-proxy.ts";
import type { Reply } from "../../support/wire-client.ts";
import {
  type EngineOptions,
  fundPayer,
  type PayWorld,
  pay,
  startPayWorld,
} from "../support/engine.ts";
import { toCancelCall, toTokenCall } from "../support/stranger.ts";
import {
  AMOUNT,
  askEscrow,
  ChainClock,
  depositEscrow,
  EscrowHooks,
  reserved,
  startEscrowEngine,
} from "./support/escrow-engine.ts";
import { actAs, assertAgrees, toDepositCall, toRuleCall } from "./support/outsider.ts";

const FUNDS = 100_000_000n;
const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER };
/** An escrow that can be over within a test. */
const SHORT = { escrow_secs: 1 };

const clock = new ChainClock();
let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const stranger = () => world.chain.accounts[7]?.address as Hex;

/** An engine on the chain's clock, whose recipient is not its wallet. */
function toTimed(more: EngineOptions = {}): EngineOptions {
  const { recipient } = world;
  const payments = { head_age_max_secs: 0, quote_ttl_secs: 30, recipient };
  return { now: clock.now, payments, ...more };
}

const CHANGES = [
  { op: "release", status: "released", who: "depositor", late: false },
  { op: "refund", status: "refunded", who: "recipient", late: false },
  { op: "refund", status: "refunded", who: "stranger", late: true },
  { op: "dispute", status: "disputed", who: "depositor", late: false },
  { op: "dispute", status: "disputed", who: "recipient", late: false },
] as const;

/** Does it on chain, after the escrow's deadline where it is late. */
async function change({ op, who, late }: (typeof CHANGES)[number], escrow: Reply): Promise<void> {
  if (late) await clock.pass(world, escrow.deadline);
  const from = who === "stranger" ? stranger() : (escrow[who] as Hex);
  await actAs(world, from, toRuleCall(world, op, escrow.escrow_id));
}

describe.each(CHANGES)("a $op by the $who, after the deadline: $late", (one) => {
  const { status } = one;
  const booked =
    status === "released"
      ? [expect.objectContaining({ gross: "5000000", net: "4945000", protocol_fee: "5000" })]
      : [];

  test("while the steward is down is known by its first look at the chain", async () => {
    const first = await startEscrowEngine(world, toTimed());
    const payer = await fundPayer(world);
    const { key, escrow } = await depositEscrow(first, world, payer, SHORT);
    await first.stop();
    await change(one, escrow);
    await world.chain.mine(20);
    const hooks = new EscrowHooks();
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const more = { dir: first.dir, hooks, rpcUrls: [proxy.url] };
    await using second = await startEscrowEngine(world, toTimed(more));
    await hooks.untilStatus(key.requestId, status);
    expect(proxy.calls.filter((method) => method === "eth_getLogs")).toHaveLength(1);
    expect(await second.payments.accounts(EVER)).toEqual(booked);
    await assertAgrees(world, second, escrow.escrow_id);
  });

  test("while it runs is seen and told", async () => {
    await using engine = await startEscrowEngine(world, toTimed());
    const payer = await fundPayer(world);
    const { key, escrow } = await depositEscrow(engine, world, payer, SHORT);
    await change(one, escrow);
    await engine.hooks.untilStatus(key.requestId, status);
    expect(await engine.payments.accounts(EVER)).toEqual(booked);
    await assertAgrees(world, engine, escrow.escrow_id);
  });
});

test("confirmations are waited for before a release counts", async () => {
  await using engine = await startEscrowEngine(world, { confirmations: 4 });
  const payer = await fundPayer(world);
  const { key, escrow } = await depositEscrow(engine, world, payer);
  const call = toRuleCall(world, "release", escrow.escrow_id);
  const released = await actAs(world, payer.address, call);
  await engine.hooks.untilStatus(key.requestId, "released");
  const now = await world.chain.client.getBlockNumber();
  expect(now - released).toBeGreaterThanOrEqual(3n);
});

test("a transfer authorization that somebody sent straight to the token becomes the escrow all the same", async () => {
  await using engine = await startEscrowEngine(world);
  const payer = await fundPayer(world);
  const held = await reserved(world);
  const { key, quote } = await askEscrow(engine, world);
  const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
  await actAs(world, stranger(), toTokenCall(world, authorization));
  expect(await reserved(world)).toBe(held);
  await engine.payments.accept(key, authorization);
  await engine.hooks.until("settled", key.requestId);
  expect(engine.payments.records.findEscrow(key)).toMatchObject({ status: "deposited" });
  expect((await reserved(world)) - held).toBe(AMOUNT);
  expect(await world.balanceOf(payer.address)).toBe(FUNDS - AMOUNT);
});

test("a deposit that a stranger carried before the steward is the payment, once", async () => {
  await using engine = await startEscrowEngine(world);
  const payer = await fundPayer(world);
  const { key, quote } = await askEscrow(engine, world);
  const authorization = await pay(payer, quote.payment_requirement);
  const call = toDepositCall(world, key, quote.payment_requirement, authorization);
  const block = await actAs(world, stranger(), call);
  await engine.payments.accept(key, authorization);
  await engine.hooks.until("settled", key.requestId);
  const escrow = engine.payments.records.findEscrow(key) as Reply;
  expect(escrow).toMatchObject({ status: "deposited" });
  const receipt = await world.chain.client.getTransactionReceipt({ hash: escrow.tx_hash });
  expect(receipt).toMatchObject({ blockNumber: block, from: stranger().toLowerCase() });
  expect(await world.balanceOf(payer.address)).toBe(FUNDS - AMOUNT);
  await assertAgrees(world, engine, escrow.escrow_id);
});

test("an authorization that its payer cancelled leaves a failed escrow", async () => {
  await using proxy = await startRpcProxy(world.chain.rpcUrl);
  await using engine = await startEscrowEngine(world, { rpcUrls: [proxy.url] });
  const payer = await fundPayer(world);
  const { key, quote } = await askEscrow(engine, world);
  const authorization = await pay(payer, quote.payment_requirement);
  proxy.fail("eth_sendRawTransaction", "lose-request");
  const sent = proxy.asked("eth_sendRawTransaction");
  await engine.payments.accept(key, authorization);
  await sent;
  expect(engine.payments.records.findEscrow(key)).toMatchObject({ status: "pending_deposit" });
  const call = await toCancelCall(world, payer, quote.payment_requirement.nonce);
  await actAs(world, stranger(), call);
  proxy.heal();
  await engine.hooks.untilStatus(key.requestId, "failed");
  const { error } = await engine.hooks.until("failed", key.requestId);
  expect(error).toMatchObject({ code: "payment_failed", reason: "AUTHORIZATION_USED" });
  expect(await engine.payments.audit()).toMatchObject([{ differences: [] }]);
});

test("from the deadline on anybody's wish is carried: the payer has his money back", async () => {
  await using proxy = await startRpcProxy(world.chain.rpcUrl);
  await using engine = await startEscrowEngine(world, toTimed({ rpcUrls: [proxy.url] }));
  const payer = await fundPayer(world);
  const { key, escrow } = await depositEscrow(engine, world, payer, SHORT);
  const order = { escrowId: escrow.escrow_id, op: "refund" } as const;
  const ask = () => engine.payments.changeEscrow(key.nodeId, order, 20_000);
  await expect(ask()).rejects.toMatchObject({ reason: "ESCROW_STATE" });
  await clock.pass(world, escrow.deadline);
  const passed = Number(await world.chain.client.getBlockNumber());
  while ((engine.payments.health()[0]?.block_number ?? 0) < passed) {
    await proxy.asked("eth_getBlockByNumber");
  }
  expect(await ask()).toMatchObject({ status: "refunded" });
  expect(await world.balanceOf(payer.address)).toBe(FUNDS);
  await assertAgrees(world, engine, escrow.escrow_id);
});
