import type { Hex } from "viem";
import { zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signAuthorization } from "../support/contracts/authorization.ts";
import { authorize, buildTerms, cancelCall } from "../support/contracts/settlement.ts";
import type { Terms } from "../support/contracts/terms.ts";
import { random32, termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { people, startWorld } from "../support/contracts/world.ts";
import { expectRefused, settleItem } from "./support/refusals.ts";

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

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

describe("terms that are refused, alone and inside a batch", () => {
  const self = () => world.settlement;
  const cases: [string, () => Partial<Terms>, string][] = [
    ["another chain", () => ({ chainId: 1n }), "WrongChain"],
    ["another contract", () => ({ verifyingContract: world.escrow }), "WrongContract"],
    ["another token", () => ({ token: world.escrow }), "WrongToken"],
    ["escrow mode", () => ({ mode: 1 }), "WrongMode"],
    ["a mode that does not exist", () => ({ mode: 2 }), "WrongMode"],
    ["amount 0", () => ({ amount: 0n }), "InvalidAmount"],
    ["a creator fee of 301 bps", () => ({ creatorFeeBps: 301 }), "CreatorFeeTooHigh"],
    ["no recipient", () => ({ recipient: zeroAddress }), "InvalidPayee"],
    ["itself as recipient", () => ({ recipient: self() }), "InvalidPayee"],
    ["a fee but no creator", () => ({ creator: zeroAddress }), "InvalidPayee"],
    ["itself as creator", () => ({ creator: self() }), "InvalidPayee"],
  ];
  it.each(cases)("%s", async (_, change, error) => {
    const terms = await buildTerms(world, change());
    await expectRefused(world, terms, await authorize(world, terms), error);
  });

  it("an authorization of no known kind", async () => {
    const terms = await buildTerms(world);
    await expectRefused(world, terms, { ...(await authorize(world, terms)), kind: 2 }, "WrongKind");
  });
});

describe("the deadline", () => {
  it("is still open in the last second before it", async () => {
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms);
    await world.chain.setNextBlockTime(terms.deadline - 1n);
    expect((await world.send(settleItem(world, terms, auth))).status).toBe("success");
  });

  it("has passed in its own second", async () => {
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms);
    await world.chain.setNextBlockTime(terms.deadline);
    await expectRefused(world, terms, auth, "DeadlinePassed");
  });

  it("cannot be moved: the authorization must end with the terms", async () => {
    const terms = await buildTerms(world);
    const auth = await signAuthorization(people.payer, {
      chainId: world.chain.chainId,
      token: world.usdc,
      from: people.payer.address,
      to: world.settlement,
      value: terms.amount,
      validBefore: terms.deadline + 1n,
      nonce: termsNonce(terms),
    });
    await expectRefused(world, terms, auth, "ERC3009InvalidSignature");
  });

  it("has a beginning: an authorization is not valid in its own first second", async () => {
    const start = (await world.chain.now()) + 100n;
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms, { validAfter: start });
    await world.chain.setNextBlockTime(start);
    await expectRefused(world, terms, auth, "ERC3009InvalidAuthorizationTime");
    await world.chain.setNextBlockTime((await world.chain.now()) + 1n);
    expect((await world.send(settleItem(world, terms, auth))).status).toBe("success");
  });
});

describe("signatures", () => {
  it("with s in the upper half are refused", async () => {
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms);
    const s: Hex = `0x${(CURVE_ORDER - BigInt(auth.s)).toString(16).padStart(64, "0")}`;
    await expectRefused(
      world,
      terms,
      { ...auth, s, v: auth.v === 27 ? 28 : 27 },
      "ERC3009InvalidSignature",
    );
  });

  it.each([0, 1, 26, 29, 255])("with v = %i are refused", async (v) => {
    const terms = await buildTerms(world);
    await expectRefused(
      world,
      terms,
      { ...(await authorize(world, terms)), v },
      "ERC3009InvalidSignature",
    );
  });

  it("of the zero address do not exist", async () => {
    const terms = await buildTerms(world);
    const auth = { ...(await authorize(world, terms)), from: zeroAddress, v: 29 };
    await expectRefused(world, terms, auth, "ERC3009InvalidSignature");
  });
});

describe("an authorization that cannot execute", () => {
  it("because it was settled already", async () => {
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms);
    await world.send(settleItem(world, terms, auth));
    await expectRefused(world, terms, auth, "ERC3009UsedAuthorization");
  });

  it("because the payer cancelled it", async () => {
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms);
    await world.send({
      from: people.payer,
      to: world.usdc,
      data: await cancelCall(world, people.payer, termsNonce(terms)),
    });
    await expectRefused(world, terms, auth, "ERC3009UsedAuthorization");
  });

  it("because the payer is short of one unit", async () => {
    const poor = privateKeyToAccount(random32());
    await world.mint(poor.address, 1_999_999n);
    const terms = await buildTerms(world);
    await expectRefused(
      world,
      terms,
      await authorize(world, terms, { signer: poor }),
      "ERC20InsufficientBalance",
    );
  });
});
