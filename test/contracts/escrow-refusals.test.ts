import type { Hex } from "viem";
import { zeroAddress } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelCall } from "../support/contracts/settlement.ts";
import { escrowTermsNonce, random32, requestKeyOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { people, startWorld } from "../support/contracts/world.ts";
import type { Deposit, DepositInput } from "./support/escrow.ts";
import { buildDeposit, depositCall, reservedOf } from "./support/escrow.ts";

let world: World;
let snapshot: Hex;
beforeAll(async () => {
  world = await startWorld();
  await world.mint(people.payer.address, 1_000_000_000n);
  await world.mint(people.stranger.address, 1_000_000_000n);
  snapshot = await world.chain.snapshot();
});
beforeEach(async () => {
  await world.chain.revert(snapshot);
  snapshot = await world.chain.snapshot();
});
afterAll(() => world[Symbol.asyncDispose]());

const refusal = (deposit: Deposit) => world.refusalOf(depositCall(world, deposit));

describe("a deposit is refused", () => {
  const maxDeadline = 2n ** 64n - 1n - 7n * 86_400n;
  const cases: [string, () => DepositInput, string][] = [
    ["on another chain", () => ({ base: { chainId: 1n } }), "WrongChain"],
    [
      "at another contract",
      () => ({ base: { verifyingContract: world.settlement } }),
      "WrongContract",
    ],
    ["of another token", () => ({ base: { token: world.settlement } }), "WrongToken"],
    ["in direct mode", () => ({ base: { mode: 0 } }), "WrongMode"],
    ["of nothing", () => ({ base: { amount: 0n } }), "InvalidAmount"],
    [
      "with a creator fee of 301 bps",
      () => ({ base: { creatorFeeBps: 301 } }),
      "CreatorFeeTooHigh",
    ],
    ["without a recipient", () => ({ base: { recipient: zeroAddress } }), "InvalidPayee"],
    ["with itself as recipient", () => ({ base: { recipient: world.escrow } }), "InvalidPayee"],
    ["with a fee for nobody", () => ({ base: { creator: zeroAddress } }), "InvalidPayee"],
    ["for another request", () => ({ base: { requestKey: random32() } }), "WrongRequest"],
    [
      "with the recipient as arbiter",
      () => ({ arbiter: people.recipient.address }),
      "InvalidArbiter",
    ],
    ["with the payer as arbiter", () => ({ arbiter: people.payer.address }), "InvalidArbiter"],
    ["with a deadline that has passed", () => ({ escrowDeadline: 1n }), "InvalidEscrowDeadline"],
    [
      "with a deadline past all time",
      () => ({ escrowDeadline: maxDeadline + 1n }),
      "InvalidEscrowDeadline",
    ],
  ];
  it.each(cases)("%s", async (_, input, error) => {
    expect(await refusal(await buildDeposit(world, input()))).toBe(error);
  });

  it("with an authorization of no known kind", async () => {
    const deposit = await buildDeposit(world);
    expect(
      await refusal({ ...deposit, authorization: { ...deposit.authorization, kind: 2 } }),
    ).toBe("WrongKind");
  });

  it("under another task id than the one the payer committed to, whoever carries it", async () => {
    const deposit = await buildDeposit(world);
    const moved = { ...deposit.request, taskId: random32() };
    expect(await refusal({ ...deposit, request: moved })).toBe("WrongRequest");
    const terms = {
      ...deposit.terms,
      base: { ...deposit.terms.base, requestKey: requestKeyOf(moved) },
    };
    expect(await refusal({ ...deposit, request: moved, terms })).toBe("ERC3009InvalidSignature");
  });

  it.each([
    ["arbiter", { arbiter: people.stranger.address }],
    ["escrow deadline", { escrowDeadline: 4_000_000_000n }],
  ])("with another %s than the payer committed to", async (_, change) => {
    const deposit = await buildDeposit(world);
    expect(await refusal({ ...deposit, terms: { ...deposit.terms, ...change } })).toBe(
      "ERC3009InvalidSignature",
    );
  });

  it.each([
    ["recipient", { recipient: people.stranger.address }],
    ["creator", { creator: people.stranger.address }],
    ["fee", { creatorFeeBps: 300 }],
    ["amount", { amount: 1n }],
    ["zone", { zoneKey: random32() }],
    ["salt", { salt: random32() }],
  ])("with another %s than the payer committed to", async (_, change) => {
    const deposit = await buildDeposit(world);
    const terms = { ...deposit.terms, base: { ...deposit.terms.base, ...change } };
    expect(await refusal({ ...deposit, terms })).toBe("ERC3009InvalidSignature");
  });

  it("in the second of its payment deadline, not in the one before", async () => {
    const late = await buildDeposit(world);
    const early = await buildDeposit(world, { base: { deadline: late.terms.base.deadline } });
    await world.chain.setNextBlockTime(late.terms.base.deadline - 1n);
    expect((await world.send(depositCall(world, early))).status).toBe("success");
    await world.chain.setNextBlockTime(late.terms.base.deadline);
    expect(await refusal(late)).toBe("DeadlinePassed");
  });

  it("once cancelled, or without the money", async () => {
    const cancelled = await buildDeposit(world);
    const data = await cancelCall(world, people.payer, escrowTermsNonce(cancelled.terms));
    await world.send({ from: people.payer, to: world.usdc, data });
    expect(await refusal(cancelled)).toBe("ERC3009UsedAuthorization");
    const poor = await buildDeposit(world, { signer: people.other });
    expect(await refusal(poor)).toBe("ERC20InsufficientBalance");
    expect(await reservedOf(world)).toBe(0n);
  });
});
