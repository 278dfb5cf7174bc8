import { afterAll, beforeAll, expect, test } from "vitest";
import { persist, spread } from "../../payments/matrix/plan.ts";
import { readCount } from "../../support/counts.ts";
import type { Reply } from "../../support/wire-client.ts";
import { ROWS, type Row, toRowName } from "./rows.ts";
import { TakeoverCell } from "./takeover-cell.ts";
import { FUNDS, PRICE, SHARE, startTakeoverWorld, type TakeoverWorld } from "./takeover-world.ts";

const WAIT_MS = 60_000;

let world: TakeoverWorld;
beforeAll(async () => {
  world = await startTakeoverWorld();
}, 60_000);
afterAll(() => world[Symbol.asyncDispose]());

/** Rows where the second steward knows that a run may have begun, and nobody that it ended. */
const isUnknown = ({ scene, kill: { value, when } }: Row) =>
  scene === "once" &&
  ((value === "running" && when === "held") || (value === "delivered" && when !== "held"));
/** Rows where the first steward has the answer, and only it. */
const isReported = ({ kill: { value, when } }: Row) => value === "delivered" && when === "after";

async function playPaid(cell: TakeoverCell, row: Row): Promise<void> {
  const buying = cell.buy(row.scene);
  await cell.takeOver(buying);
  const outcome = await buying;
  const answer = { result: { served: cell.row } };
  expect(outcome).toMatchObject(isUnknown(row) ? { undelivered: true } : answer);
  const runs = world.runsOf(cell.row);
  expect(runs).toBeLessThanOrEqual(row.scene === "once" ? 1 : 2);
  await assertCharged(cell);
  await cell.comeBack();
  if (isUnknown(row) && isReported(row)) await cell.untilRequest(["answered"]);
  else if (isUnknown(row)) await retry(cell);
  expect(world.runsOf(cell.row)).toBe(isUnknown(row) && !isReported(row) ? runs + 1 : runs);
  const receipt = await cell.agent.receipt(cell.requestId, { zoneId: cell.zoneId });
  expect(receipt).toMatchObject(answer);
  if (row.scene === "held") expect(receipt?.escrow).toMatchObject({ status: "deposited" });
  await assertCharged(cell);
}

/** The operator has it run again: he knows that it may. */
async function retry(cell: TakeoverCell): Promise<void> {
  expect(await cell.untilRequest(["undelivered"])).toBe("undelivered");
  const { id } = await cell.payment();
  expect((await cell.b.api("POST", `/v1/payments/${id}/retry`, {})).status).toBe(202);
  await cell.untilRequest(["answered"]);
}

/** Charged once, to the last unit, and the books of who is in charge say so. */
async function assertCharged(cell: TakeoverCell): Promise<void> {
  const { balanceOf } = world.pay;
  expect(await balanceOf(cell.payer.address)).toBe(FUNDS - PRICE);
  expect(await world.usesOf(cell.payer.address)).toBe(1);
  const { body } = await cell.b.api("GET", "/v1/reconciliation");
  expect(body.chains).toMatchObject([{ differences: [], pending: 0, settled: PRICE.toString() }]);
}

async function playRefund(cell: TakeoverCell, { kill }: Row): Promise<void> {
  expect(await cell.buy("keyed")).toMatchObject({ result: { served: cell.row } });
  const { id } = (await cell.a.api("GET", "/v1/payments")).body.payments[0];
  const path = `/v1/payments/${id}/refund`;
  await cell.takeOver(cell.a.api("POST", path, {}).then(() => cell.untilPayerHas(FUNDS)));
  const refund = async (body: Reply = {}) => await cell.b.api("POST", path, body);
  const known = (await cell.payment()) && (await cell.b.api("GET", `/v1/payments/${id}`)).body;
  const isSigned =
    kill.value !== "requested" && !(kill.value === "submitted" && kill.when === "before");
  // What the first steward signed it sends when it is back: whoever pays before that pays twice.
  if (isSigned) {
    await cell.comeBack();
    await cell.untilPayerHas(FUNDS);
  }
  if (known.refund !== null) {
    expect(known.refund.steward).toBe(cell.a.nodeId);
    const details = { steward: cell.a.nodeId };
    expect(await refund()).toMatchObject({ status: 409, body: { error: { details } } });
  }
  const isHashKnown = known.refund?.tx_hash != null;
  if (!isSigned || isHashKnown) {
    await takeRefundOver(refund);
    await cell.until(async () => (await cell.payment()).state === "refunded");
  }
  await cell.untilPayerHas(FUNDS);
  if (!isSigned) await cell.comeBack();
  expect(await world.pay.balanceOf(cell.payer.address)).toBe(FUNDS);
  expect(await world.usesOf(cell.payer.address)).toBe(1);
  const { body } = await cell.b.api("GET", "/v1/reconciliation");
  expect(body.chains).toMatchObject([{ differences: [] }]);
}

/** Where it was sent again under a hash that nobody was told of, the operator names the one that he is shown. */
async function takeRefundOver(refund: (body: Reply) => Promise<Reply>): Promise<void> {
  const { status, body } = await refund({ take_over: true });
  if (status === 202) return;
  const [paid_by, ...more] = body.error.details.tx_hashes;
  expect(more).toEqual([]);
  expect(await refund({ take_over: true, paid_by })).toMatchObject({ status: 202 });
}

/** What is done with the escrow, what its payer is left with and its recipient gets. */
const OPS = {
  release: { status: "released", payer: FUNDS - PRICE, recipient: SHARE },
  dispute: { status: "disputed", payer: FUNDS - PRICE, recipient: 0n },
} as const;

async function playOp(cell: TakeoverCell, op: keyof typeof OPS): Promise<void> {
  const { escrow } = await cell.buy("held");
  const signal = AbortSignal.timeout(WAIT_MS);
  const changing = persist(signal, () => cell.agent.escrows[op](escrow.escrow_id, { signal }));
  await cell.takeOver(changing);
  const { status, payer, recipient } = OPS[op];
  const shows = async () => {
    expect(await cell.agent.escrows.get(escrow.escrow_id)).toMatchObject({ status });
    expect(await world.pay.balanceOf(cell.payer.address)).toBe(payer);
    expect(await world.pay.balanceOf(cell.a.wallet)).toBe(PRICE + recipient);
  };
  expect(await changing).toMatchObject({ status });
  await shows();
  await cell.comeBack();
  await shows();
}

/** Before its deadline only its recipient refunds an escrow, and that is the wallet that is away. */
async function playEscrowRefund(cell: TakeoverCell, { kill }: Row): Promise<void> {
  const { escrow } = await cell.buy("held");
  const path = `/v1/escrows/${escrow.escrow_id}/refund`;
  await cell.takeOver(cell.a.api("POST", path, {}).then(() => cell.untilPayerHas(FUNDS)));
  await cell.comeBack();
  const isSigned =
    kill.value !== "requested" && !(kill.value === "submitted" && kill.when === "before");
  const status = isSigned ? "refunded" : "deposited";
  await cell.until(async () => {
    const shown = await cell.agent.escrows.get(escrow.escrow_id);
    return shown.status === status && shown.pending === undefined;
  });
  expect(await world.pay.balanceOf(cell.payer.address)).toBe(isSigned ? FUNDS : FUNDS - PRICE);
  if (!isSigned) {
    const refused = await cell.b.api("POST", path, {});
    expect(refused.body.error).toMatchObject({ details: { reason: "ESCROW_STATE" } });
  }
}

function play(cell: TakeoverCell, row: Row): Promise<void> {
  const { scene } = row;
  if (scene === "refund") return playRefund(cell, row);
  if (scene === "escrow refund") return playEscrowRefund(cell, row);
  return scene === "release" || scene === "dispute" ? playOp(cell, scene) : playPaid(cell, row);
}

const rows = spread(ROWS, Math.min(readCount("TAKEOVER_ROWS"), ROWS.length));

test.concurrent.each(rows.map((row) => [toRowName(row), row] as const))(
  "%s: charged once, run once, given back once, by whoever takes over",
  async (name, row) => {
    await using cell = await TakeoverCell.create(world, name, row);
    await play(cell, row);
  },
  180_000,
);
