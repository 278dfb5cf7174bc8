import type { Hex } from "viem";
import { encodeFunctionData } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testUsdcAbi } from "../../src/abi/test-usdc.generated.ts";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { asWalletSignature, KIND_TRANSFER } from "../support/contracts/authorization.ts";
import { authorize, buildTerms, settleCall } from "../support/contracts/settlement.ts";
import { random32, sharesOf, termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";
import { frontRun, recoverItem, transferItem } from "./support/front-run.ts";
import { deployHelper, helperCall, MOOD } from "./support/helpers.ts";

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

describe("recover", () => {
  it("completes a front-run payment exactly by its terms", async () => {
    const item = await transferItem(world);
    await frontRun(world, item);
    const settle = settleCall(item.terms, item.authorization);
    expect(
      await world.refusalOf({ from: people.carrier, to: world.settlement, data: settle }),
    ).toBe("ERC3009UsedAuthorization");
    const receipt = await world.send(recoverItem(world, item));
    const { protocolFee, creatorFee, recipientAmount } = sharesOf(2_000_000n, 100);
    expect(eventsOf(receipt, world.settlement)).toMatchObject([
      {
        eventName: "Recovered",
        args: {
          nonce: termsNonce(item.terms),
          payer: people.payer.address,
          zoneKey: item.terms.zoneKey,
          recipient: people.recipient.address,
          creator: people.creator.address,
          amount: 2_000_000n,
          protocolFee,
          creatorFee,
        },
      },
    ]);
    expect(await world.balanceOf(people.recipient.address)).toBe(recipientAmount);
    expect(await world.balanceOf(people.creator.address)).toBe(creatorFee);
    expect(await world.balanceOf(people.treasury.address)).toBe(protocolFee);
    expect(await world.balanceOf(world.settlement)).toBe(0n);
    const isRecovered = await world.chain.client.readContract({
      address: world.settlement,
      abi: zoneSettlementAbi,
      functionName: "isRecovered",
      args: [people.payer.address, termsNonce(item.terms)],
    });
    expect(isRecovered).toBe(true);
  });

  it("still works after the deadline", async () => {
    const item = await transferItem(world);
    await frontRun(world, item);
    await world.chain.setNextBlockTime(item.terms.deadline + 1_000_000n);
    expect((await world.send(recoverItem(world, item))).status).toBe("success");
  });

  it("keeps two payers of the same terms apart", async () => {
    const first = await transferItem(world);
    const { terms } = first;
    const second = {
      terms,
      authorization: await authorize(world, terms, {
        kind: KIND_TRANSFER,
        signer: people.stranger,
      }),
    };
    await frontRun(world, first);
    await frontRun(world, second);
    expect((await world.send(recoverItem(world, first))).status).toBe("success");
    expect((await world.send(recoverItem(world, second))).status).toBe("success");
    expect(await world.refusalOf(recoverItem(world, second))).toBe("AlreadyRecovered");
  });

  it("cannot happen to a receive authorization", async () => {
    const terms = await buildTerms(world);
    const auth = await authorize(world, terms);
    const data = encodeFunctionData({
      abi: testUsdcAbi,
      functionName: "receiveWithAuthorization",
      args: [
        auth.from,
        world.settlement,
        terms.amount,
        0n,
        terms.deadline,
        termsNonce(terms),
        auth.v,
        auth.r,
        auth.s,
      ],
    });
    expect(await world.refusalOf({ from: people.stranger, to: world.usdc, data })).toBe(
      "ERC20InvalidReceiver",
    );
  });

  it("completes a smart account's payment, and one of a key whose account got code since", async () => {
    const wallet = await deployHelper(world, "SmartWallet", [people.other.address]);
    await world.mint(wallet, 5_000_000n);
    const terms = await buildTerms(world);
    const signed = await authorize(world, terms, {
      kind: KIND_TRANSFER,
      signer: people.other,
      from: wallet,
    });
    const authorization = asWalletSignature(signed);
    const data = encodeFunctionData({
      abi: testUsdcAbi,
      functionName: "transferWithAuthorization",
      args: [
        wallet,
        world.settlement,
        terms.amount,
        0n,
        terms.deadline,
        termsNonce(terms),
        authorization.signature,
      ],
    });
    expect((await world.send({ from: people.stranger, to: world.usdc, data })).status).toBe(
      "success",
    );
    await world.send(helperCall("SmartWallet", wallet, "setMood", [MOOD.refuse]));
    expect(await world.refusalOf(recoverItem(world, { terms, authorization }))).toBe(
      "InvalidSignature",
    );
    await world.send(helperCall("SmartWallet", wallet, "setMood", [MOOD.honest]));
    expect((await world.send(recoverItem(world, { terms, authorization }))).status).toBe("success");

    const item = await transferItem(world);
    await frontRun(world, item);
    const code = await world.chain.client.getCode({ address: wallet });
    await world.chain.rpc("anvil_setCode", [people.payer.address, code]);
    expect((await world.send(recoverItem(world, item))).status).toBe("success");
  });
});

describe("the right to recover", () => {
  const handOver = (from: typeof people.recoverer, to: Hex) => ({
    from,
    to: world.settlement,
    data: encodeFunctionData({
      abi: zoneSettlementAbi,
      functionName: "handOverRecoverer",
      args: [to],
    }),
  });

  it("can be handed over by its holder, and by nobody else", async () => {
    const next = people.other;
    for (const from of [people.deployer, people.treasury, people.stranger]) {
      expect(await world.refusalOf(handOver(from, next.address))).toBe("NotRecoverer");
    }
    const receipt = await world.send(handOver(people.recoverer, next.address));
    expect(eventsOf(receipt, world.settlement)).toMatchObject([
      { eventName: "RecovererChanged", args: { from: people.recoverer.address, to: next.address } },
    ]);
    const item = await transferItem(world);
    await frontRun(world, item);
    expect(await world.refusalOf(recoverItem(world, item, people.recoverer))).toBe("NotRecoverer");
    expect((await world.send(recoverItem(world, item, next))).status).toBe("success");
  });

  it("is not handed to nobody or to one who has it", async () => {
    expect(await world.refusalOf(handOver(people.recoverer, `0x${"00".repeat(20)}`))).toBe(
      "InvalidRecoverer",
    );
    expect(await world.refusalOf(handOver(people.recoverer, people.recoverer.address))).toBe(
      "InvalidRecoverer",
    );
  });

  it("does not touch a payment of another zone, payer or salt", async () => {
    const item = await transferItem(world);
    await frontRun(world, item);
    const other = { ...item, terms: { ...item.terms, salt: random32() } };
    expect(await world.refusalOf(recoverItem(world, other))).toBe("NotUsed");
  });
});
