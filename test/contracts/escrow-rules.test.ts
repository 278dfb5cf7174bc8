import type { Hex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { random32, sharesOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";
import { deposited, escrowOf, reservedOf, ruleCall, STATUS, WEEK } from "./support/escrow.ts";

let world: World;
let snapshot: Hex;
beforeAll(async () => {
  world = await startWorld();
  await world.mint(people.payer.address, 1_000_000_000n);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

type Person = typeof people.payer;
const send = (rule: "release" | "refund" | "dispute", id: Hex, from: Person) =>
  world.send(ruleCall(world, rule, id, from));
const refusal = (rule: "release" | "refund" | "dispute", id: Hex, from: Person) =>
  world.refusalOf(ruleCall(world, rule, id, from));
const statusOf = async (id: Hex) => (await escrowOf(world, id)).status;
const withArbiter = () => deposited(world, { arbiter: people.arbiter.address });
const outsiders = [
  people.stranger,
  people.deployer,
  people.recoverer,
  people.treasury,
  people.creator,
];

describe("release", () => {
  it("by the depositor pays recipient, creator and treasury, and takes the fees then", async () => {
    const { escrowId } = await deposited(world);
    const receipt = await send("release", escrowId, people.payer);
    const { protocolFee, creatorFee, recipientAmount } = sharesOf(5_000_000n, 100);
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      {
        eventName: "Released",
        args: { escrowId, by: people.payer.address, recipientAmount, protocolFee, creatorFee },
      },
    ]);
    expect(await world.balanceOf(people.recipient.address)).toBe(recipientAmount);
    expect(await world.balanceOf(people.creator.address)).toBe(creatorFee);
    expect(await world.balanceOf(people.treasury.address)).toBe(protocolFee);
    expect(await world.balanceOf(world.escrow)).toBe(0n);
    expect(await reservedOf(world)).toBe(0n);
    expect(await statusOf(escrowId)).toBe(STATUS.released);
  });

  it("by nobody else, the recipient and the arbiter of an undisputed escrow included", async () => {
    const { escrowId } = await withArbiter();
    for (const from of [...outsiders, people.recipient, people.arbiter]) {
      expect(await refusal("release", escrowId, from)).toBe("NotAllowed");
    }
  });

  it("works for the depositor long after the deadline, as long as nobody refunded", async () => {
    const { escrowId, terms } = await deposited(world);
    await world.chain.setNextBlockTime(terms.escrowDeadline + 10n * WEEK);
    expect((await send("release", escrowId, people.payer)).status).toBe("success");
  });

  it("works for the depositor during a dispute", async () => {
    const { escrowId } = await deposited(world);
    await send("dispute", escrowId, people.recipient);
    expect((await send("release", escrowId, people.payer)).status).toBe("success");
  });
});

describe("refund", () => {
  it("by the recipient gives everything back without fees, at any time", async () => {
    const before = await world.balanceOf(people.payer.address);
    const { escrowId } = await deposited(world);
    const receipt = await send("refund", escrowId, people.recipient);
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      {
        eventName: "Refunded",
        args: { escrowId, by: people.recipient.address, amount: 5_000_000n },
      },
    ]);
    expect(await world.balanceOf(people.payer.address)).toBe(before);
    expect(await reservedOf(world)).toBe(0n);
    expect(await statusOf(escrowId)).toBe(STATUS.refunded);
  });

  it("by anyone else only from the second of the deadline on", async () => {
    const { escrowId, terms } = await withArbiter();
    for (const from of [...outsiders, people.payer, people.arbiter]) {
      expect(await refusal("refund", escrowId, from)).toBe("NotAllowed");
    }
    await world.chain.setNextBlockTime(terms.escrowDeadline - 1n);
    expect((await send("refund", escrowId, people.stranger)).status).toBe("reverted");
    await world.chain.setNextBlockTime(terms.escrowDeadline);
    expect((await send("refund", escrowId, people.stranger)).status).toBe("success");
  });
});

describe("dispute", () => {
  it.each([
    ["depositor", people.payer],
    ["recipient", people.recipient],
  ])("by the %s moves the deadline by seven days, once", async (_, party) => {
    const { escrowId, terms } = await deposited(world);
    const deadline = terms.escrowDeadline + WEEK;
    const receipt = await send("dispute", escrowId, party);
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      { eventName: "Disputed", args: { escrowId, by: party.address, deadline } },
    ]);
    expect(await escrowOf(world, escrowId)).toMatchObject({ status: STATUS.disputed, deadline });
    expect(await reservedOf(world)).toBe(5_000_000n);
    for (const from of [people.payer, people.recipient]) {
      expect(await refusal("dispute", escrowId, from)).toBe("AlreadyDisputed");
    }
  });

  it("by nobody else, the arbiter included", async () => {
    const { escrowId } = await withArbiter();
    for (const from of [...outsiders, people.arbiter]) {
      expect(await refusal("dispute", escrowId, from)).toBe("NotAllowed");
    }
  });

  it("strictly before the deadline", async () => {
    const first = await deposited(world);
    const second = await deposited(world, { escrowDeadline: first.terms.escrowDeadline });
    await world.chain.setNextBlockTime(first.terms.escrowDeadline - 1n);
    expect((await send("dispute", first.escrowId, people.payer)).status).toBe("success");
    await world.chain.setNextBlockTime(first.terms.escrowDeadline);
    expect(await refusal("dispute", second.escrowId, people.payer)).toBe("DeadlinePassed");
  });

  it("without a decision refunds: by anyone from the second of the later deadline on", async () => {
    const { escrowId, terms } = await withArbiter();
    await send("dispute", escrowId, people.payer);
    const deadline = terms.escrowDeadline + WEEK;
    await world.chain.setNextBlockTime(deadline - 1n);
    expect((await send("refund", escrowId, people.stranger)).status).toBe("reverted");
    await world.chain.setNextBlockTime(deadline);
    expect((await send("refund", escrowId, people.stranger)).status).toBe("success");
    expect(await statusOf(escrowId)).toBe(STATUS.refunded);
  });

  it("does not stop the recipient from refunding at once", async () => {
    const { escrowId } = await deposited(world);
    await send("dispute", escrowId, people.payer);
    expect((await send("refund", escrowId, people.recipient)).status).toBe("success");
  });
});

describe("the committed arbiter of a disputed escrow", () => {
  it("may release until the last second before the later deadline", async () => {
    const first = await withArbiter();
    const second = await deposited(world, {
      arbiter: people.arbiter.address,
      escrowDeadline: first.terms.escrowDeadline,
    });
    await send("dispute", first.escrowId, people.payer);
    await send("dispute", second.escrowId, people.payer);
    const deadline = first.terms.escrowDeadline + WEEK;
    await world.chain.setNextBlockTime(deadline - 1n);
    const receipt = await send("release", first.escrowId, people.arbiter);
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      { eventName: "Released", args: { by: people.arbiter.address } },
    ]);
    await world.chain.setNextBlockTime(deadline);
    expect(await refusal("release", second.escrowId, people.arbiter)).toBe("NotAllowed");
  });

  it("may refund at once", async () => {
    const { escrowId } = await withArbiter();
    await send("dispute", escrowId, people.recipient);
    expect((await send("refund", escrowId, people.arbiter)).status).toBe("success");
  });

  it("is nobody where none was committed", async () => {
    const { escrowId } = await deposited(world);
    await send("dispute", escrowId, people.payer);
    for (const from of [people.arbiter, ...outsiders]) {
      expect(await refusal("release", escrowId, from)).toBe("NotAllowed");
      expect(await refusal("refund", escrowId, from)).toBe("NotAllowed");
    }
  });
});

describe("an escrow that is not held", () => {
  const rules = ["release", "refund", "dispute"] as const;

  it("never existed", async () => {
    for (const rule of rules)
      expect(await refusal(rule, random32(), people.payer)).toBe("EscrowNotHeld");
  });

  it.each([
    ["released", "release", people.payer],
    ["refunded", "refund", people.recipient],
  ] as const)("was %s: nothing moves again", async (_, end, by) => {
    const other = await deposited(world);
    const { escrowId, terms } = await withArbiter();
    await send("dispute", escrowId, people.payer);
    await send(end, escrowId, by);
    for (const rule of rules) {
      for (const from of [people.payer, people.recipient, people.arbiter]) {
        expect(await refusal(rule, escrowId, from)).toBe("EscrowNotHeld");
      }
    }
    await world.chain.setNextBlockTime(terms.escrowDeadline + 10n * WEEK);
    expect(await refusal("refund", escrowId, people.stranger)).toBe("EscrowNotHeld");
    expect(await world.balanceOf(world.escrow)).toBe(5_000_000n);
    expect(await statusOf(other.escrowId)).toBe(STATUS.deposited);
  });
});
