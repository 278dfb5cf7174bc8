import { afterAll, beforeAll, expect, test } from "vitest";
import type { Agent } from "../../src/client/agent.ts";
import { createId } from "../../src/protocol/ids.ts";
import { FaultCell, type RpcFault } from "./matrix/fault-cell.ts";
import { type FaultWorld, FUNDS, PRICE, startFaultWorld } from "./matrix/fault-world.ts";
import type { KillPoint } from "./matrix/killed-steward.ts";
import { chooseCells, FAULTS, persist, toKills } from "./matrix/plan.ts";

const RECIPIENT_SHARE = 1_998_000n;

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

interface Cell {
  readonly fault: RpcFault;
  readonly kill: KillPoint;
}

function toCells(
  states: Parameters<typeof toKills>[0],
  few: number,
  faults = FAULTS,
): (readonly [string, Cell])[] {
  const all = faults.flatMap((fault) => toKills(states).map((kill): Cell => ({ fault, kill })));
  return chooseCells(all, few).map((cell) => [toName(cell), cell]);
}

function toName({ fault, kill }: Cell): string {
  return `${fault.method} ${fault.kind}, killed ${kill.when} ${kill.value}`;
}

function buy(agent: Agent, requestId = createId("req")) {
  const signal = AbortSignal.timeout(100_000);
  const options = { pay: { maxAmount: PRICE }, signal, requestId };
  return persist(signal, () => agent.request(world.zoneId, "keyed", {}, options));
}

async function assertBooks(cell: FaultCell, settled: bigint): Promise<void> {
  const expected = { differences: [], pending: 0, settled: settled.toString() };
  expect(await cell.reconcile()).toMatchObject([expected]);
}

/** Asks for a refund, again and again, until it is done. */
async function refund(cell: FaultCell, path: string): Promise<void> {
  for (let state = ""; state !== "refunded"; ) {
    await cell.api("POST", `${path}/refund`).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answer = await cell.api("GET", path).catch(() => undefined);
    state = answer?.body.state;
  }
}

const REFUND_STATES = [
  ["refunds", "requested"],
  ["refunds", "submitted"],
  ["refunds", "confirmed"],
] as const;

/** Signed with another chain's count, a refund waits, with an alarm: two of them would both be paid. */
const REFUND_FAULTS = FAULTS.filter(
  ({ method, kind }) => method !== "eth_getTransactionCount" || kind !== "wrong-chain",
);

test.concurrent.each(toCells(REFUND_STATES, 5, REFUND_FAULTS))(
  "a refund under %s: the payer gets his money back once",
  async (_name, { fault, kill }) => {
    await using cell = await FaultCell.create(world);
    await world.pay.mint(cell.wallet, PRICE);
    await cell.start(kill);
    await buy(await cell.connect());
    const { body } = await cell.api("GET", "/v1/payments");
    const path = `/v1/payments/${body.payments[0].id}`;
    cell.fail(fault);
    const refunded = refund(cell, path);
    await cell.killed(refunded);
    await cell.start();
    await refunded;
    cell.proxy.heal();
    expect(await world.pay.balanceOf(cell.payer.address)).toBe(FUNDS);
    expect(await world.pay.balanceOf(cell.wallet)).toBe(RECIPIENT_SHARE);
    await assertBooks(cell, PRICE);
    expect(world.callsOf("keyed").get(cell.keyOf("keyed"))).toBe(1);
  },
  120_000,
);

test.concurrent.each(toCells([["payment_history", "rejected"]], 4))(
  "a payment without money under %s: nothing is charged or done until there is some",
  async (_name, { fault, kill }) => {
    await using cell = await FaultCell.create(world, 0n);
    await cell.start(kill);
    const agent = await cell.connect();
    cell.fail(fault);
    const requestId = createId("req");
    const poor = Promise.allSettled([buy(agent, requestId)]);
    await cell.killed(poor);
    await cell.start();
    const failed = { code: "payment_failed", reason: "INSUFFICIENT_BALANCE" };
    expect(await poor).toMatchObject([{ reason: failed }]);
    expect(world.callsOf("keyed").get(cell.keyOf("keyed"))).toBeUndefined();
    await world.pay.mint(cell.payer.address, PRICE);
    expect(await buy(agent, requestId)).toMatchObject({ result: { served: "keyed" } });
    cell.proxy.heal();
    expect(await world.pay.balanceOf(cell.payer.address)).toBe(0n);
    await assertBooks(cell, PRICE);
    expect(world.callsOf("keyed").get(cell.keyOf("keyed"))).toBe(1);
  },
  120_000,
);
