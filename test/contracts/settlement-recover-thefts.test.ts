import type { Hex } from "viem";
import { encodeFunctionData } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import type { Authorization } from "../support/contracts/authorization.ts";
import {
  KIND_RECEIVE,
  KIND_TRANSFER,
  signAuthorization,
} from "../support/contracts/authorization.ts";
import type { Item } from "../support/contracts/settlement.ts";
import { authorize, cancelCall, settleCall } from "../support/contracts/settlement.ts";
import type { Terms } from "../support/contracts/terms.ts";
import { termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { people, startWorld } from "../support/contracts/world.ts";
import { frontRun, recoverItem, strandMoney, transferItem } from "./support/front-run.ts";

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

describe("thefts that recover stops by itself", () => {
  it("anyone but a recoverer calling it", async () => {
    const item = await transferItem(world);
    await frontRun(world, item);
    for (const from of [
      people.stranger,
      people.payer,
      people.recipient,
      people.deployer,
      people.treasury,
    ]) {
      expect(await world.refusalOf(recoverItem(world, item, from))).toBe("NotRecoverer");
    }
  });

  it("a second recovery", async () => {
    const item = await transferItem(world);
    await frontRun(world, item);
    await strandMoney(world, 10_000_000n);
    await world.send(recoverItem(world, item));
    expect(await world.refusalOf(recoverItem(world, item))).toBe("AlreadyRecovered");
    expect(await world.balanceOf(world.settlement)).toBe(10_000_000n);
  });

  it("a settlement after the recovery, and a recovery of what was never sent", async () => {
    const item = await transferItem(world);
    await strandMoney(world, 10_000_000n);
    expect(await world.refusalOf(recoverItem(world, item))).toBe("NotUsed");
  });

  it("an authorization of another amount, signer, kind or window than the one that was used", async () => {
    const item = await transferItem(world);
    await frontRun(world, item);
    await strandMoney(world, 100_000_000n);
    const { terms, authorization } = item;
    const more = { ...terms, amount: 50_000_000n };
    // The nonce follows the terms, so other terms ask for a nonce that was never used.
    expect(await world.refusalOf(recoverItem(world, { terms: more, authorization }))).toBe(
      "NotUsed",
    );
    const forged = await authorize(world, terms, {
      kind: KIND_TRANSFER,
      signer: people.stranger,
      from: people.payer.address,
    });
    const cases: [Authorization, string][] = [
      [forged, "InvalidSignature"],
      [{ ...authorization, validAfter: 1n }, "InvalidSignature"],
      [{ ...authorization, from: people.stranger.address }, "NotUsed"],
      [await authorize(world, terms, { kind: KIND_RECEIVE }), "WrongKind"],
      [
        { ...(await authorize(world, terms, { kind: KIND_RECEIVE })), kind: KIND_TRANSFER },
        "InvalidSignature",
      ],
      [{ ...authorization, signature: "0x1234" }, "InvalidSignature"],
    ];
    for (const [auth, error] of cases) {
      expect(await world.refusalOf(recoverItem(world, { terms, authorization: auth }))).toBe(error);
    }
  });

  it("terms that settle would refuse", async () => {
    const base = await transferItem(world);
    const changes: [Partial<Terms>, string][] = [
      [{ chainId: 1n }, "WrongChain"],
      [{ verifyingContract: world.escrow }, "WrongContract"],
      [{ token: world.escrow }, "WrongToken"],
      [{ mode: 1 }, "WrongMode"],
      [{ creatorFeeBps: 301 }, "CreatorFeeTooHigh"],
    ];
    for (const [change, error] of changes) {
      expect(
        await world.refusalOf(recoverItem(world, { ...base, terms: { ...base.terms, ...change } })),
      ).toBe(error);
    }
  });

  it("money that belongs to somebody: it pays at most balance minus reserved", async () => {
    const item = await transferItem(world);
    await world.send({
      from: people.payer,
      to: world.usdc,
      data: await cancelCall(world, people.payer, termsNonce(item.terms)),
    });
    expect(await world.refusalOf(recoverItem(world, item))).toBe("InsufficientSurplus");
    await strandMoney(world, 1_999_999n);
    expect(await world.refusalOf(recoverItem(world, item))).toBe("InsufficientSurplus");
  });
});

describe("thefts that only the recoverer's own look at the chain stops", () => {
  // The token's nonce says "used" in each of them, so the contract cannot tell: this is why a stranger
  // must never be able to call it, and why the steward first requires the transfer's events.
  const burn = async ({ terms }: Item): Promise<Hex> => {
    const auth = await signAuthorization(people.payer, {
      chainId: world.chain.chainId,
      token: world.usdc,
      from: people.payer.address,
      to: people.payer.address,
      value: 0n,
      validBefore: terms.deadline,
      nonce: termsNonce(terms),
      kind: KIND_TRANSFER,
    });
    return encodeFunctionData({
      abi: testUsdcAbi,
      functionName: "transferWithAuthorization",
      args: [
        auth.from,
        auth.from,
        0n,
        0n,
        terms.deadline,
        termsNonce(terms),
        auth.v,
        auth.r,
        auth.s,
      ],
    });
  };
  const cancel = ({ terms }: Item) => cancelCall(world, people.payer, termsNonce(terms));

  it.each([
    ["a cancelled authorization", cancel],
    ["an own nonce burnt with a transfer of 0", burn],
  ])("%s, against somebody else's stuck money", async (_, spoil) => {
    const item = await transferItem(world, { recipient: people.payer.address });
    const spoiled = await world.send({
      from: people.payer,
      to: world.usdc,
      data: await spoil(item),
    });
    expect(spoiled.status).toBe("success");
    await strandMoney(world, 50_000_000n);
    expect(await world.refusalOf(recoverItem(world, item, people.payer))).toBe("NotRecoverer");
    expect(await world.refusalOf(recoverItem(world, item, people.stranger))).toBe("NotRecoverer");
    expect(await world.balanceOf(world.settlement)).toBe(50_000_000n);
    // What the chain shows the steward: no transfer of the amount from the payer to the contract.
    const toContract = spoiled.logs.filter((log) =>
      log.topics[2]?.endsWith(world.settlement.slice(2).toLowerCase()),
    );
    expect(toContract).toEqual([]);
  });

  it("a payment that was settled normally, against somebody else's stuck money", async () => {
    const item = await transferItem(world);
    const data = settleCall(item.terms, item.authorization);
    await world.send({ from: people.carrier, to: world.settlement, data });
    expect(await world.refusalOf(recoverItem(world, item))).toBe("InsufficientSurplus");
    await strandMoney(world, 50_000_000n);
    expect(await world.refusalOf(recoverItem(world, item, people.stranger))).toBe("NotRecoverer");
  });
});
