import type { Hex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deployContracts } from "../../src/contracts/deploy.ts";
import { ANVIL_KEYS } from "../../src/dev/anvil.ts";
import {
  KIND_RECEIVE,
  KIND_TRANSFER,
  signAuthorization,
} from "../support/contracts/authorization.ts";
import { authorize, buildTerms, settleCall } from "../support/contracts/settlement.ts";
import type { Terms } from "../support/contracts/terms.ts";
import { random32, termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { people, startWorld } from "../support/contracts/world.ts";
import { expectRefused, settleItem } from "./support/refusals.ts";

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

describe("what the payer did not sign", () => {
  const cases: [string, () => Partial<Terms>][] = [
    ["another zone", () => ({ zoneKey: random32() })],
    ["another request", () => ({ requestKey: random32() })],
    ["another recipient", () => ({ recipient: people.stranger.address })],
    ["another creator", () => ({ creator: people.stranger.address })],
    ["another creator fee", () => ({ creatorFeeBps: 300 })],
    ["another amount", () => ({ amount: 2_000_001n })],
    ["another deadline", () => ({ deadline: 4_000_000_000n })],
    ["another salt", () => ({ salt: random32() })],
  ];
  it.each(cases)("%s", async (_, change) => {
    const terms = await buildTerms(world);
    await expectRefused(
      world,
      { ...terms, ...change() },
      await authorize(world, terms),
      "ERC3009InvalidSignature",
    );
  });

  it.each([
    ["a receive authorization given as transfer", KIND_RECEIVE, KIND_TRANSFER],
    ["a transfer authorization given as receive", KIND_TRANSFER, KIND_RECEIVE],
  ])("%s", async (_, kind, given) => {
    const terms = await buildTerms(world);
    const auth = { ...(await authorize(world, terms, { kind })), kind: given };
    await expectRefused(world, terms, auth, "ERC3009InvalidSignature");
  });

  it("an authorization that somebody else signed", async () => {
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms, {
      signer: people.stranger,
      from: people.payer.address,
    });
    await expectRefused(world, terms, auth, "ERC3009InvalidSignature");
  });

  it("an authorization for another chain", async () => {
    const terms = await buildTerms(world);
    const auth = await signAuthorization(people.payer, {
      chainId: 1,
      token: world.usdc,
      from: people.payer.address,
      to: world.settlement,
      value: terms.amount,
      validBefore: terms.deadline,
      nonce: termsNonce(terms),
    });
    await expectRefused(world, terms, auth, "ERC3009InvalidSignature");
  });

  it("the same payment at another settlement contract", async () => {
    const twin = await deployContracts({
      rpcUrl: world.chain.rpcUrl,
      privateKey: ANVIL_KEYS[0],
      treasury: people.treasury.address,
      recoverers: [],
      usdc: world.usdc,
    });
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms, { kind: KIND_TRANSFER });
    const moved = { ...settleItem(world, terms, auth), to: twin.settlement };
    expect(await world.refusalOf(moved)).toBe("WrongContract");
    const rewritten = settleCall({ ...terms, verifyingContract: twin.settlement }, auth);
    expect(await world.refusalOf({ ...moved, data: rewritten })).toBe("ERC3009InvalidSignature");
  });
});
