import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import {
  asWalletSignature,
  KIND_RECEIVE,
  KIND_TRANSFER,
} from "../support/contracts/authorization.ts";
import { authorize, buildTerms, settleCall } from "../support/contracts/settlement.ts";
import { sharesOf, termsNonce } from "../support/contracts/terms.ts";
import type { World } from "../support/contracts/world.ts";
import { eventsOf, people, startWorld } from "../support/contracts/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.mint(people.payer.address, 1_000_000_000n);
});
afterAll(() => world[Symbol.asyncDispose]());

describe("settle", () => {
  it("computes the nonce of protocol.md §8", async () => {
    const terms = await buildTerms(world);
    const nonce = await world.chain.client.readContract({
      address: world.settlement,
      abi: zoneSettlementAbi,
      functionName: "nonceOf",
      args: [terms],
    });
    expect(nonce).toBe(termsNonce(terms));
  });

  it.each([
    ["receive", KIND_RECEIVE, false],
    ["transfer", KIND_TRANSFER, false],
    ["receive, as bytes", KIND_RECEIVE, true],
    ["transfer, as bytes", KIND_TRANSFER, true],
  ])(
    "splits a %s authorization between recipient, creator and treasury",
    async (_, kind, bytes) => {
      const terms = await buildTerms(world, { amount: 1_999_999n, creatorFeeBps: 299 });
      const signed = await authorize(world, terms, { kind });
      const { payer, recipient, creator, treasury } = people;
      const owners = [payer, recipient, creator, treasury].map((person) => person.address);
      const before = await Promise.all(owners.map((owner) => world.balanceOf(owner)));
      const receipt = await world.send({
        from: people.stranger,
        to: world.settlement,
        data: settleCall(terms, bytes ? asWalletSignature(signed) : signed),
      });
      expect(receipt.status).toBe("success");
      const after = await Promise.all(owners.map((owner) => world.balanceOf(owner)));
      const { protocolFee, creatorFee, recipientAmount } = sharesOf(terms.amount, 299);
      expect(after.map((value, index) => value - (before[index] ?? 0n))).toEqual([
        -terms.amount,
        recipientAmount,
        creatorFee,
        protocolFee,
      ]);
      expect(await world.balanceOf(world.settlement)).toBe(0n);
      expect(eventsOf(receipt, world.settlement)).toMatchObject([
        {
          eventName: "Settled",
          args: {
            nonce: termsNonce(terms),
            payer: payer.address,
            zoneKey: terms.zoneKey,
            recipient: recipient.address,
            creator: creator.address,
            amount: terms.amount,
            protocolFee,
            creatorFee,
          },
        },
      ]);
    },
  );
});
