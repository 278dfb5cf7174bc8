import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  askEscrow,
  depositEscrow,
  startEscrowEngine,
  toOrder,
} from "./escrow/support/escrow-engine.ts";
import { deployEarlier } from "./support/earlier-contracts.ts";
import {
  askQuote,
  fundPayer,
  type PayWorld,
  pay,
  sendAs,
  startPayWorld,
} from "./support/engine.ts";
import { toTokenCall } from "./support/stranger.ts";

let world: PayWorld;
/** The same chain and token, with contracts as an earlier version deployed them. */
let earlier: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
  earlier = await deployEarlier(world);
});
afterAll(() => world[Symbol.asyncDispose]());

test("what is owed at contracts of an earlier version is served after a steward moved to this one's", async () => {
  const before = await startEscrowEngine(earlier);
  const payer = await fundPayer(world);
  const settled = await askQuote(before, earlier);
  await before.payments.accept(settled.key, await pay(payer, settled.quote.payment_requirement));
  await before.hooks.until("settled", settled.key.requestId);
  const quoted = await askQuote(before, earlier);
  const frontRun = await askQuote(before, earlier);
  const openDeposit = await askEscrow(before, earlier);
  const held = await depositEscrow(before, earlier, payer);
  const refundable = await depositEscrow(before, earlier, payer);
  await before.stop();

  await using after = await startEscrowEngine(world, { dir: before.dir });
  expect(after.payments.health()).toMatchObject([{ ok: true }]);
  // An open quote, together with one for the new contract.
  const fresh = await askQuote(after, world);
  expect(fresh.quote.payment_requirement.to).toBe(world.settlement);
  await Promise.all(
    [quoted, fresh].map(async ({ key, quote }) =>
      after.payments.accept(key, await pay(payer, quote.payment_requirement)),
    ),
  );
  for (const { key } of [quoted, fresh]) await after.hooks.until("settled", key.requestId);
  // A transfer authorization that a stranger sent to the token: its money lies in the old contract.
  const stolen = await pay(payer, frontRun.quote.payment_requirement, { kind: "transfer" });
  const stranger = world.chain.accounts[7]?.address as Hex;
  await sendAs(world.chain, stranger, toTokenCall(earlier, stolen));
  await after.payments.accept(frontRun.key, stolen);
  await after.hooks.until("settled", frontRun.key.requestId);
  // A deposit quoted before, and escrows held before.
  await after.payments.accept(
    openDeposit.key,
    await pay(payer, openDeposit.quote.payment_requirement),
  );
  await after.hooks.until("settled", openDeposit.key.requestId);
  expect(openDeposit.quote.payment_requirement.to).toBe(earlier.escrow);
  await after.payments.changeEscrow(
    held.key.nodeId,
    await toOrder("release", held.escrow, payer),
    0,
  );
  await after.hooks.untilStatus(held.key.requestId, "released");
  const { escrowId, op } = await toOrder("refund", refundable.escrow, payer);
  await after.payments.operateEscrow({ escrowId, op }, "test", 0);
  await after.hooks.untilStatus(refundable.key.requestId, "refunded");

  expect(await world.balanceOf(earlier.settlement)).toBe(0n);
  expect(await world.balanceOf(world.settlement)).toBe(0n);
  // Four direct payments of 2, two escrows of 5 not given back.
  expect(await world.balanceOf(payer.address)).toBe(100_000_000n - 4n * 2_000_000n - 10_000_000n);
  for (const chain of await after.payments.audit()) {
    expect(chain).toMatchObject({ differences: [] });
  }
});
