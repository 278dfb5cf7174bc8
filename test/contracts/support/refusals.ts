import { expect } from "vitest";
import type { Authorization } from "../../support/contracts/authorization.ts";
import {
  authorize,
  buildTerms,
  settleBatchCall,
  settleCall,
} from "../../support/contracts/settlement.ts";
import type { Terms } from "../../support/contracts/terms.ts";
import { termsNonce } from "../../support/contracts/terms.ts";
import type { Call, World } from "../../support/contracts/world.ts";
import { eventsOf, people, revertName } from "../../support/contracts/world.ts";

export const settleItem = (world: World, terms: Terms, auth: Authorization): Call => ({
  from: people.carrier,
  to: world.settlement,
  data: settleCall(terms, auth),
});

/** Asserts that settle reverts with the error, and that a batch names it and settles the item beside it. */
export async function expectRefused(
  world: World,
  terms: Terms,
  auth: Authorization,
  error: string,
): Promise<void> {
  expect(await world.refusalOf(settleItem(world, terms, auth))).toBe(error);
  const good = await buildTerms(world);
  const receipt = await world.send({
    from: people.carrier,
    to: world.settlement,
    data: settleBatchCall([
      { terms, authorization: auth },
      { terms: good, authorization: await authorize(world, good) },
    ]),
  });
  expect(receipt.status).toBe("success");
  const events = eventsOf(receipt, world.settlement);
  expect(events.map((event) => event.eventName)).toEqual(["SettleFailed", "Settled"]);
  expect(events).toMatchObject([
    { args: { index: 0n, nonce: termsNonce(terms), payer: auth.from } },
    { args: { nonce: termsNonce(good) } },
  ]);
  const failed = events[0];
  if (failed?.eventName !== "SettleFailed") throw new Error("no SettleFailed");
  expect(revertName(failed.args.reason)).toBe(error);
  expect(await world.balanceOf(world.settlement)).toBe(0n);
}
