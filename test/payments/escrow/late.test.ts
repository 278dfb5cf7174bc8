import type { Hex } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, fundPayer, type PayWorld, pay, startPayWorld } from "../support/engine.ts";
import {
  AMOUNT,
  askEscrow,
  depositEscrow,
  EscrowHooks,
  startEscrowEngine,
} from "./support/escrow-engine.ts";
import { actAs, assertAgrees, toDepositCall, toRuleCall } from "./support/outsider.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** An attempt that failed as its payer had no money; he has it now. */
async function failOne(engine: Engine & { hooks: EscrowHooks }) {
  const payer = await fundPayer(world, 0n);
  const { key, quote } = await askEscrow(engine, world);
  const requirement = quote.payment_requirement;
  const authorization = await pay(payer, requirement);
  await engine.payments.accept(key, authorization);
  const { error } = await engine.hooks.until("failed", key.requestId);
  expect(error).toMatchObject({ reason: "INSUFFICIENT_BALANCE" });
  const escrow = engine.payments.records.findEscrow(key);
  expect(escrow).toMatchObject({ status: "failed" });
  await world.mint(payer.address, AMOUNT);
  const id = escrow?.escrow_id ?? "";
  return { key, payer, id, deposit: toDepositCall(world, key, requirement, authorization) };
}

const stranger = () => world.chain.accounts[7]?.address as Hex;
const FATES = [
  { status: "deposited", op: undefined },
  { status: "released", op: "release" },
  { status: "refunded", op: "refund" },
  { status: "disputed", op: "dispute" },
] as const;

describe.each(FATES)("a failed attempt that a stranger deposited and that is $status", (fate) => {
  const { status, op } = fate;
  // Where it went back before it was known to have come, there is nothing to work for.
  const told = status === "refunded" ? "refunded" : "settled";
  const more = () => ({ payments: { recipient: world.recipient } });

  async function happen({ payer, id, deposit }: Awaited<ReturnType<typeof failOne>>) {
    await actAs(world, stranger(), deposit);
    const by = op === "refund" ? world.recipient : payer.address;
    if (op !== undefined) await actAs(world, by, toRuleCall(world, op, id));
  }

  test("while the steward runs is what the chain says", async () => {
    await using engine = await startEscrowEngine(world, more());
    const failed = await failOne(engine);
    await happen(failed);
    await engine.hooks.until(told, failed.key.requestId);
    await engine.hooks.untilStatus(failed.key.requestId, status);
    await assertAgrees(world, engine, failed.id);
  });

  test("while the steward is down is what the chain says", async () => {
    const first = await startEscrowEngine(world, more());
    const failed = await failOne(first);
    await first.stop();
    await happen(failed);
    const hooks = new EscrowHooks();
    await using second = await startEscrowEngine(world, { ...more(), dir: first.dir, hooks });
    await hooks.until(told, failed.key.requestId);
    await hooks.untilStatus(failed.key.requestId, status);
    await assertAgrees(world, second, failed.id);
  });
});

test("the audit names an escrow whose status is not the chain's", async () => {
  await using engine = await startEscrowEngine(world);
  const { escrow } = await depositEscrow(engine, world, await fundPayer(world));
  await world.chain.mine(2);
  const { raw } = engine.store;
  raw.prepare("UPDATE escrows SET status = 'disputed' WHERE escrow_id = ?").run(escrow.escrow_id);
  const [audit] = await engine.payments.audit();
  const problem = "the escrow is disputed here and deposited on chain";
  expect(audit).toMatchObject({ differences: [{ problem }] });
});
