import fc from "fast-check";
import type { Address, Hex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { BATCH_FORMS } from "../support/contracts/packed.ts";
import type { Item } from "../support/contracts/settlement.ts";
import { authorize, buildTerms } from "../support/contracts/settlement.ts";
import { sharesOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";
import { readCount } from "../support/counts.ts";
import { deposited, escrowOf, reservedOf, ruleCall, STATUS, WEEK } from "./support/escrow.ts";

const RUNS = readCount("CONTRACT_FUZZ_RUNS");
const MAX_UINT = 2n ** 256n - 1n;
const FUNDS = 2n ** 140n;

let world: World;
let snapshot: Hex;
beforeAll(async () => {
  world = await startWorld();
  await world.mint(people.payer.address, FUNDS);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

const anyAmount = fc.oneof(
  fc.bigInt({ min: 1n, max: 20_000n }),
  fc.bigInt({ min: 1n, max: 10n ** 12n }),
  fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }),
);
const anyFee = fc.integer({ min: 0, max: 300 });
const payees = [people.recipient, people.creator, people.treasury, people.other].map(
  (person) => person.address,
);
const anyPayee = fc.constantFrom(...payees);
const anyPayment = fc.record({
  amount: anyAmount,
  creatorFeeBps: anyFee,
  recipient: anyPayee,
  creator: anyPayee,
});

const balances = () =>
  Promise.all([...payees, people.payer.address].map((owner) => world.balanceOf(owner)));

describe("the split", () => {
  it("rounds both fees down and adds up, for every amount up to the largest number", async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 0n, max: MAX_UINT }), anyFee, async (amount, fee) => {
        const shares = await world.chain.client.readContract({
          address: world.settlement,
          abi: zoneSettlementAbi,
          functionName: "split",
          args: [amount, fee],
        });
        const { protocolFee, creatorFee, recipientAmount } = sharesOf(amount, fee);
        expect(shares).toEqual([protocolFee, creatorFee, recipientAmount]);
        expect(protocolFee + creatorFee + recipientAmount).toBe(amount);
      }),
      {
        numRuns: RUNS * 8,
        examples: [
          [MAX_UINT, 300],
          [0n, 300],
          [1n, 300],
          [9_999n, 1],
          [10_000n, 1],
        ],
      },
    );
  });
});

describe.each(BATCH_FORMS)("%s", (_, encode) => {
  it("gives every payee the sum of its shares and keeps nothing, whatever the payments", async () => {
    const anyBatch = fc.array(fc.tuple(anyPayment, fc.boolean()), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(anyBatch, async (payments) => {
        const before = await balances();
        const expected = before.slice();
        const add = (owner: string, amount: bigint) => {
          const index = payees.indexOf(owner as Address);
          expected[index] = (expected[index] ?? 0n) + amount;
        };
        const items: Item[] = [];
        for (const [payment, good] of payments) {
          const terms = await buildTerms(world, payment);
          const authorization = await authorize(world, terms);
          items.push({
            terms,
            authorization: good ? authorization : { ...authorization, validAfter: 1n },
          });
          if (!good) continue;
          const shares = sharesOf(payment.amount, payment.creatorFeeBps);
          add(payment.recipient, shares.recipientAmount);
          add(payment.creator, shares.creatorFee);
          add(people.treasury.address, shares.protocolFee);
          expected[payees.length] = (expected[payees.length] ?? 0n) - payment.amount;
        }
        const data = encode(items);
        const receipt = await world.send({ from: people.carrier, to: world.settlement, data });
        const names = eventsOf(receipt, world.settlement).map((event) => event.eventName);
        expect(names).toEqual(payments.map(([, good]) => (good ? "Settled" : "SettleFailed")));
        expect(await balances()).toEqual(expected);
        expect(await world.balanceOf(world.settlement)).toBe(0n);
      }),
      { numRuns: RUNS },
    );
  });
});

type Step = { rule: "release" | "refund" | "dispute"; by: keyof typeof people; wait: bigint };
const anyStep: fc.Arbitrary<Step> = fc.record({
  rule: fc.constantFrom("release" as const, "refund" as const, "dispute" as const),
  by: fc.constantFrom(
    "payer" as const,
    "recipient" as const,
    "arbiter" as const,
    "stranger" as const,
  ),
  wait: fc.constantFrom(1n, 3_600n, 3n * 86_400n, WEEK - 1n, WEEK),
});

/** Is protocol.md §8's escrow in a few lines: what the contract must do at a step. */
function expectedStatus(
  state: { status: number; deadline: bigint },
  { rule, by }: Step,
  now: bigint,
  hasArbiter: boolean,
): number {
  const held = state.status === STATUS.deposited || state.status === STATUS.disputed;
  if (!held) return state.status;
  const open = now < state.deadline;
  const arbiter = by === "arbiter" && hasArbiter && state.status === STATUS.disputed;
  if (rule === "release")
    return by === "payer" || (arbiter && open) ? STATUS.released : state.status;
  if (rule === "refund")
    return by === "recipient" || arbiter || !open ? STATUS.refunded : state.status;
  const party = by === "payer" || by === "recipient";
  return party && open && state.status === STATUS.deposited ? STATUS.disputed : state.status;
}

describe("an escrow", () => {
  it("follows the rules through any sequence of calls and times, and loses no unit", async () => {
    const steps = fc.array(anyStep, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(anyPayment, steps, fc.boolean(), async (payment, walk, hasArbiter) => {
        await world.chain.revert(snapshot);
        snapshot = await world.chain.snapshot();
        const { recipient: _, ...base } = payment;
        const { escrowId, terms } = await deposited(world, {
          base,
          ...(hasArbiter ? { arbiter: people.arbiter.address } : {}),
        });
        const state = { status: STATUS.deposited, deadline: terms.escrowDeadline };
        for (const step of walk) {
          const now = (await world.chain.now()) + step.wait;
          await world.chain.setNextBlockTime(now);
          const next = expectedStatus(state, step, now, hasArbiter);
          const receipt = await world.send(ruleCall(world, step.rule, escrowId, people[step.by]));
          expect(receipt.status).toBe(next === state.status ? "reverted" : "success");
          if (next === STATUS.disputed && state.status !== next) state.deadline += WEEK;
          state.status = next;
          expect(await escrowOf(world, escrowId)).toMatchObject(state);
        }
        const held =
          state.status === STATUS.deposited || state.status === STATUS.disputed ? base.amount : 0n;
        expect(await reservedOf(world)).toBe(held);
        expect(await world.balanceOf(world.escrow)).toBe(held);
        const total = (await balances()).reduce((sum, value) => sum + value, 0n);
        expect(total).toBe(FUNDS - held);
      }),
      { numRuns: RUNS },
    );
  });
});
