import { afterAll, beforeAll, expect, test } from "vitest";
import type { Agent } from "../../../src/client/agent.ts";
import { createId } from "../../../src/protocol/ids.ts";
import { FaultCell, type RpcFault } from "../matrix/fault-cell.ts";
import { type FaultWorld, FUNDS, PRICE, startFaultWorld } from "../matrix/fault-world.ts";
import type { KillPoint } from "../matrix/killed-steward.ts";
import { chooseCells, FAULTS, persist, toKills } from "../matrix/plan.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await startFaultWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What is done with the escrow, and what its payer is left with and its recipient gets. */
const OPS = {
  release: { status: "released", payer: FUNDS - PRICE, recipient: 1_998_000n },
  refund: { status: "refunded", payer: FUNDS, recipient: 0n },
  dispute: { status: "disputed", payer: FUNDS - PRICE, recipient: 0n },
} as const;
type Op = keyof typeof OPS;

const DEPOSIT_KILLS = toKills(
  ["authorized", "submitting", "submitted", "confirmed"].map(
    (state) => ["payment_history", state] as const,
  ),
);
const OP_KILLS = (op: Op) =>
  toKills([
    ["escrow_ops", "requested"],
    ["escrow_ops", "submitted"],
    ["escrow_ops", "confirmed"],
    ["escrows", OPS[op].status],
  ]);

interface Cell {
  readonly fault: RpcFault;
  readonly op: Op;
  /** The first steward dies while it deposits, the second one with the operation. */
  readonly deposit: KillPoint;
  readonly kill: KillPoint;
}

const CELLS = FAULTS.flatMap((fault, i) =>
  (Object.keys(OPS) as Op[]).flatMap((op, j) =>
    OP_KILLS(op).map((kill, k): Cell => {
      const deposit = DEPOSIT_KILLS[(i + j + k) % DEPOSIT_KILLS.length] as KillPoint;
      return { fault, op, deposit, kill };
    }),
  ),
);

const name = ({ fault, op, deposit, kill }: Cell) =>
  `${fault.method} ${fault.kind}, killed ${deposit.when} the deposit is ${deposit.value} and ` +
  `${kill.when} the ${op} is ${kill.value}`;

test.concurrent.each(chooseCells(CELLS, 12).map((cell) => [name(cell), cell] as const))(
  "%s: nothing is lost or paid twice",
  async (_name, { fault, op, deposit, kill }) => {
    await using cell = await FaultCell.create(world);
    const signal = AbortSignal.timeout(100_000);
    await cell.start(deposit);
    const agent = await cell.connect();
    cell.fail(fault);
    const bought = Promise.all([buy(agent, signal)]);
    await cell.killed(bought);
    await cell.start(kill);
    const [{ result, escrow }] = await bought;
    expect(result).toEqual({ served: "held" });
    expect(escrow).toMatchObject({ status: "deposited", amount: PRICE.toString() });

    cell.fail(fault);
    const changed = Promise.all([
      change(cell, agent, { op, escrowId: escrow?.escrow_id ?? "", signal }),
    ]);
    await cell.killed(changed);
    await cell.start();
    await changed;
    cell.proxy.heal();
    const { status, payer, recipient } = OPS[op];
    expect(await agent.escrows.get(escrow?.escrow_id ?? "")).toMatchObject({ status });
    expect(await world.pay.balanceOf(cell.payer.address)).toBe(payer);
    expect(await world.pay.balanceOf(cell.wallet)).toBe(recipient);
    expect(await cell.reconcile()).toMatchObject([{ differences: [], pending: 0 }]);
    expect([1, 2]).toContain(world.callsOf("held").get(cell.keyOf("held")));
  },
  120_000,
);

function buy(agent: Agent, signal: AbortSignal) {
  const options = { pay: { maxAmount: PRICE }, signal, requestId: createId("req") };
  return persist(signal, () => agent.request(world.zoneId, "held", {}, options));
}

interface Change {
  readonly op: Op;
  readonly escrowId: string;
  readonly signal: AbortSignal;
}

/** The payer releases and disputes; the steward, who is the recipient, refunds. */
async function change(cell: FaultCell, agent: Agent, { op, escrowId, signal }: Change) {
  if (op !== "refund") return persist(signal, () => agent.escrows[op](escrowId, { signal }));
  for (;;) {
    const answer = await cell.api("POST", `/v1/escrows/${escrowId}/refund`).catch(() => undefined);
    if (answer?.body?.status === "refunded") return answer.body;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
