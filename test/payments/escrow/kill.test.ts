import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseRows } from "../../support/counts.ts";
import { startRpcProxy } from "../../support/rpc-proxy.ts";
import {
  type Engine,
  fundPayer,
  type Payer,
  type PayWorld,
  pay,
  startPayWorld,
} from "../support/engine.ts";
import { startEscrowChild } from "./support/escrow-child.ts";
import {
  AMOUNT,
  askEscrow,
  depositEscrow,
  EscrowHooks,
  reserved,
  startEscrowEngine,
  toOptions,
  toOrder,
} from "./support/escrow-engine.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

type Point = readonly [method: string, when: "before" | "after"];
const METHODS = [
  "eth_chainId",
  "eth_getTransactionCount",
  "eth_call",
  "eth_sendRawTransaction",
  "eth_getBlockByNumber",
  "eth_getTransactionReceipt",
  "eth_getLogs",
];
const ALL = METHODS.flatMap((method): Point[] => [
  [method, "before"],
  [method, "after"],
]);
const FEW: Point[] = [
  ["eth_sendRawTransaction", "before"],
  ["eth_sendRawTransaction", "after"],
  ["eth_getTransactionReceipt", "after"],
];
const POINTS = chooseRows(ALL, FEW);
const FUNDS = 100_000_000n;

async function assertAgrees(engine: Engine): Promise<void> {
  const [{ differences } = {}] = (await engine.payments.audit()) as { differences?: unknown[] }[];
  expect(differences).toEqual([]);
}

describe("killed around a deposit", () => {
  test.each(POINTS)("at %s, %s the node did it: one deposit, one escrow", async (method, when) => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const more = { rpcUrls: [proxy.url], payments: { rpc_timeout_ms: 500 } };
    const first = await startEscrowEngine(world, more);
    const payer = await fundPayer(world);
    const held = await reserved(world);
    const { key, quote } = await askEscrow(first, world);
    const authorization = await pay(payer, quote.payment_requirement);
    await first.stop();
    const options = { ...toOptions(world, more), dir: first.dir };
    const child = await startEscrowChild(world, options, { key, authorization });
    proxy.on(method, when, () => child.kill());
    child.go();
    expect(await child.exited).toBe("SIGKILL");

    const hooks = new EscrowHooks();
    await using second = await startEscrowEngine(world, { ...more, dir: first.dir, hooks });
    const answer = await second.payments.accept(key, authorization);
    if (answer !== "settled") await hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(FUNDS - AMOUNT);
    expect((await reserved(world)) - held).toBe(AMOUNT);
    expect(second.payments.records.findEscrow(key)).toMatchObject({ status: "deposited" });
    expect(second.payments.listEscrows({ limit: 5 }).items).toHaveLength(1);
    await assertAgrees(second);
  });
});

const OUTCOMES = [
  ["release", "released", -AMOUNT],
  ["refund", "refunded", 0n],
  ["dispute", "disputed", -AMOUNT],
] as const;

describe.each(OUTCOMES)("killed around a %s", (op, status, change) => {
  test.each(POINTS)("at %s, %s the node did it: it happens once", async (method, when) => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const more = { rpcUrls: [proxy.url], payments: { rpc_timeout_ms: 500 } };
    const first = await startEscrowEngine(world, more);
    const payer: Payer = await fundPayer(world);
    const held = await reserved(world);
    const { key, escrow } = await depositEscrow(first, world, payer);
    const before = await world.balanceOf(escrow.recipient);
    const order = await toOrder(op, escrow, payer);
    await first.stop();
    const options = { ...toOptions(world, more), dir: first.dir };
    const child = await startEscrowChild(world, options, { key, change: order });
    proxy.on(method, when, () => child.kill());
    child.go();
    expect(await child.exited).toBe("SIGKILL");

    await using second = await startEscrowEngine(world, { ...more, dir: first.dir });
    await second.payments.operateEscrow(order, "test", 20_000);
    expect(second.payments.records.findEscrow(key)).toMatchObject({ status });
    expect(await world.balanceOf(payer.address)).toBe(FUNDS + change);
    const paid = (await world.balanceOf(escrow.recipient)) - before;
    expect(paid).toBe(op === "release" ? 4_945_000n : 0n);
    expect((await reserved(world)) - held).toBe(op === "dispute" ? AMOUNT : 0n);
    await assertAgrees(second);
  });
});
