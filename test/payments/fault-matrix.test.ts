import { afterAll, beforeAll, expect, test } from "vitest";
import type { ActionOutcome, Agent } from "../../src/client/agent.ts";
import { createId } from "../../src/protocol/ids.ts";
import { FaultCell, type RpcFault } from "./matrix/fault-cell.ts";
import { type FaultWorld, FUNDS, PRICE, startFaultWorld } from "./matrix/fault-world.ts";
import type { KillPoint } from "./matrix/killed-steward.ts";
import { chooseCells, FAULTS, persist, toKills } from "./matrix/plan.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Every state a paid request passes, in its own table: both change in one write where they meet. */
const STATES = [
  ["requests", "quoted"],
  ["payment_history", "authorized"],
  ["payment_history", "submitting"],
  ["payment_history", "submitted"],
  ["payment_history", "confirmed"],
  ["requests", "running"],
  ["payment_history", "delivered"],
] as const;
interface Cell {
  readonly fault: RpcFault;
  readonly kill: KillPoint;
}

const CELLS = FAULTS.flatMap((fault) => toKills(STATES).map((kill): Cell => ({ fault, kill })));

const name = ({ fault, kill }: Cell) =>
  `${fault.method} ${fault.kind}, killed ${kill.when} ${kill.value}`;

test.concurrent.each(chooseCells(CELLS, 15).map((cell) => [name(cell), cell] as const))(
  "%s: charged once and served at most once",
  async (_name, { fault, kill }) => {
    await using cell = await FaultCell.create(world);
    await cell.start(kill);
    const agent = await cell.connect();
    cell.fail(fault);
    const stop = new AbortController();
    const [keyed, other] = ["keyed", "once"].map((action) =>
      Promise.allSettled([buy(agent, action, stop.signal)]),
    );
    await cell.killed(Promise.all([keyed, other]));
    const unsure = cell.stateOf("once") === "running";
    await cell.start();
    expect(await cell.untilRequest("keyed", ["answered", "undelivered", "failed"])).toBe(
      "answered",
    );
    const once = await cell.untilRequest("once", ["answered", "undelivered", "failed"]);
    // A run whose outcome the crash hid may be repeated by nobody but the operator.
    expect(once).toBe(unsure ? "undelivered" : "answered");
    expect(await keyed).toMatchObject([{ value: { result: { served: "keyed" } } }]);
    stop.abort();
    await other;
    cell.proxy.heal();
    await assertBooks(cell);
    expect(world.callsOf("once").get(cell.keyOf("once")) ?? 0).toBeLessThanOrEqual(1);
    expect([1, 2]).toContain(world.callsOf("keyed").get(cell.keyOf("keyed")));
  },
  120_000,
);

function buy(agent: Agent, action: string, signal: AbortSignal): Promise<ActionOutcome> {
  const options = { pay: { maxAmount: PRICE }, signal, requestId: createId("req") };
  return persist(signal, () => agent.request(world.zoneId, action, {}, options));
}

/** Books, chain and the payer's purse agree to the last unit. */
async function assertBooks(cell: FaultCell): Promise<void> {
  const settled = (2n * PRICE).toString();
  expect(await cell.reconcile()).toMatchObject([{ differences: [], pending: 0, settled }]);
  const { balanceOf } = world.pay;
  expect(await balanceOf(cell.payer.address)).toBe(FUNDS - 2n * PRICE);
  const { body: list } = await cell.api("GET", "/v1/payments");
  let shares = 0n;
  for (const { settlement } of list.payments) shares += BigInt(settlement.recipient_amount);
  expect(list.payments).toHaveLength(2);
  expect(await balanceOf(cell.wallet)).toBe(shares);
}
