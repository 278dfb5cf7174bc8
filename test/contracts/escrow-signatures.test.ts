import type { Address, Hex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asWalletSignature } from "../support/contracts/authorization.ts";
import { random32, sharesOf } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";
import {
  buildDeposit,
  depositCall,
  deposited,
  escrowOf,
  ruleCall,
  STATUS,
  signDispute,
  signedDisputeCall,
  signedReleaseCall,
  signRelease,
} from "./support/escrow.ts";
import { deployHelper, helperCall, MOOD } from "./support/helpers.ts";

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

const releaseOf = (escrowId: Hex) => ({
  escrowId,
  recipient: people.recipient.address,
  amount: 5_000_000n,
});
const release = (escrowId: Hex, signature: Hex) =>
  world.send(signedReleaseCall(world, escrowId, signature));
const releaseRefusal = (escrowId: Hex, signature: Hex) =>
  world.refusalOf(signedReleaseCall(world, escrowId, signature));

describe("a signed Release", () => {
  it("carried by anyone pays as the depositor's own call, and costs the depositor no gas", async () => {
    const amount = 7_654_321n;
    const { escrowId } = await deposited(world, { base: { amount } });
    const gasMoney = await world.chain.client.getBalance({ address: people.payer.address });
    const receipt = await release(
      escrowId,
      await signRelease(world, people.payer, { ...releaseOf(escrowId), amount }),
    );
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      { eventName: "Released", args: { escrowId, by: people.payer.address } },
    ]);
    expect(await world.balanceOf(people.recipient.address)).toBe(
      sharesOf(amount, 100).recipientAmount,
    );
    expect(await world.chain.client.getBalance({ address: people.payer.address })).toBe(gasMoney);
  });

  it("works once", async () => {
    const { escrowId } = await deposited(world);
    await deposited(world);
    const signature = await signRelease(world, people.payer, releaseOf(escrowId));
    await release(escrowId, signature);
    expect(await releaseRefusal(escrowId, signature)).toBe("EscrowNotHeld");
  });

  it("is of no use for another escrow, recipient, amount, chain, contract or domain", async () => {
    const { escrowId } = await deposited(world);
    const other = await deposited(world);
    const message = releaseOf(escrowId);
    const signatures = [
      await signRelease(world, people.payer, releaseOf(other.escrowId)),
      await signRelease(world, people.payer, { ...message, recipient: people.stranger.address }),
      await signRelease(world, people.payer, { ...message, amount: 4_999_999n }),
      await signRelease(world, people.payer, message, { chainId: 1 }),
      await signRelease(world, people.payer, message, { verifyingContract: world.settlement }),
      await signRelease(world, people.payer, message, { name: "ZoneSettlement" }),
      await signRelease(world, people.payer, message, { version: "2" }),
      await signDispute(world, people.payer, escrowId),
      "0x" as const,
    ];
    for (const signature of signatures)
      expect(await releaseRefusal(escrowId, signature)).toBe("InvalidSignature");
    expect(await escrowOf(world, escrowId)).toMatchObject({ status: STATUS.deposited });
  });

  it("counts from the depositor only: not from recipient, arbiter, creator or stranger", async () => {
    const { escrowId } = await deposited(world, { arbiter: people.arbiter.address });
    await world.send(ruleCall(world, "dispute", escrowId, people.payer));
    for (const signer of [people.recipient, people.arbiter, people.creator, people.stranger]) {
      const signature = await signRelease(world, signer, releaseOf(escrowId));
      expect(await releaseRefusal(escrowId, signature)).toBe("InvalidSignature");
    }
  });

  it("cannot be made malleable", async () => {
    const { escrowId } = await deposited(world);
    const signature = await signRelease(world, people.payer, releaseOf(escrowId));
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const twin: Hex = `0x${signature.slice(2, 66)}${s}${v}`;
    expect(await releaseRefusal(escrowId, twin)).toBe("InvalidSignature");
  });
});

describe("a signed Dispute", () => {
  const dispute = (escrowId: Hex, party: Address, signature: Hex) =>
    signedDisputeCall(world, escrowId, party, signature);

  it.each([
    ["depositor", people.payer],
    ["recipient", people.recipient],
  ])("of the %s, carried by anyone, opens the dispute", async (_, party) => {
    const { escrowId } = await deposited(world);
    const signature = await signDispute(world, party, escrowId);
    const receipt = await world.send(dispute(escrowId, party.address, signature));
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      { eventName: "Disputed", args: { escrowId, by: party.address } },
    ]);
    expect(await world.refusalOf(dispute(escrowId, party.address, signature))).toBe(
      "AlreadyDisputed",
    );
  });

  it("counts only from the party that is named", async () => {
    const { escrowId } = await deposited(world, { arbiter: people.arbiter.address });
    const signature = await signDispute(world, people.payer, escrowId);
    expect(await world.refusalOf(dispute(escrowId, people.recipient.address, signature))).toBe(
      "InvalidSignature",
    );
    for (const outsider of [people.arbiter, people.stranger]) {
      const own = await signDispute(world, outsider, escrowId);
      expect(await world.refusalOf(dispute(escrowId, outsider.address, own))).toBe("NotAllowed");
      expect(await world.refusalOf(dispute(escrowId, people.payer.address, own))).toBe(
        "InvalidSignature",
      );
    }
  });

  it("is of no use for another escrow, chain or contract", async () => {
    const { escrowId } = await deposited(world);
    const signatures = [
      await signDispute(world, people.payer, random32()),
      await signDispute(world, people.payer, escrowId, { chainId: 1 }),
      await signDispute(world, people.payer, escrowId, { verifyingContract: world.settlement }),
      await signRelease(world, people.payer, releaseOf(escrowId)),
    ];
    for (const signature of signatures) {
      expect(await world.refusalOf(dispute(escrowId, people.payer.address, signature))).toBe(
        "InvalidSignature",
      );
    }
  });

  it("comes too late in the second of the deadline", async () => {
    const { escrowId, terms } = await deposited(world);
    const signature = await signDispute(world, people.payer, escrowId);
    await world.chain.setNextBlockTime(terms.escrowDeadline);
    expect(await world.refusalOf(dispute(escrowId, people.payer.address, signature))).toBe(
      "DeadlinePassed",
    );
  });
});

describe("a smart account as depositor", () => {
  async function walletEscrow() {
    const wallet = await deployHelper(world, "SmartWallet", [people.other.address]);
    await world.mint(wallet, 10_000_000n);
    const deposit = await buildDeposit(world, { signer: people.other, from: wallet });
    await world.send(
      depositCall(world, { ...deposit, authorization: asWalletSignature(deposit.authorization) }),
    );
    return { wallet, escrowId: deposit.escrowId };
  }

  it("releases by ERC-1271, and not when it says no", async () => {
    const { wallet, escrowId } = await walletEscrow();
    const signature = await signRelease(world, people.other, releaseOf(escrowId));
    const stranger = await signRelease(world, people.stranger, releaseOf(escrowId));
    expect(await releaseRefusal(escrowId, stranger)).toBe("InvalidSignature");
    for (const mood of [MOOD.refuse, MOOD.revert, MOOD.garbage]) {
      await world.send(helperCall("SmartWallet", wallet, "setMood", [mood]));
      expect(await releaseRefusal(escrowId, signature)).toBe("InvalidSignature");
    }
    await world.send(helperCall("SmartWallet", wallet, "setMood", [MOOD.honest]));
    expect((await release(escrowId, signature)).status).toBe("success");
  });

  it("disputes by ERC-1271 and releases by its own call", async () => {
    const { wallet, escrowId } = await walletEscrow();
    const signature = await signDispute(world, people.other, escrowId);
    expect((await world.send(signedDisputeCall(world, escrowId, wallet, signature))).status).toBe(
      "success",
    );
    const { data } = ruleCall(world, "release", escrowId, people.payer);
    const receipt = await world.send(
      helperCall("SmartWallet", wallet, "execute", [[world.escrow], [data]]),
    );
    expect(eventsOf(receipt, world.escrow)).toMatchObject([
      { eventName: "Released", args: { by: wallet } },
    ]);
  });
});
