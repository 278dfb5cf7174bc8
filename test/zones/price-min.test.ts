import { expect, test } from "vitest";
import { NETWORK, startPaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

async function askAt(steward: TestSteward, amount: string) {
  const price = { amount, asset: "USDC", network: NETWORK };
  const zone_id = await steward.createZone({
    actions: [{ name: "echo", description: "Costs.", price }],
  });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  return await client.ask({ type: "zone.request", request_id: "req_1", zone_id, action: "echo" });
}

test("a price below payments.amount_min is refused before a quote, with the least that is taken", async () => {
  const handlers = { "*": { echo: { type: "echo" } } };
  await using paid = await startPaidSteward({ handlers, payments: { head_age_max_secs: 0 } });
  const refused = await askAt(paid.steward, "9999");
  expect(refused).toMatchObject({
    code: "payment_failed",
    reason: "PRICE_TOO_LOW",
    recovery: "change",
  });
  expect(refused.message).toContain("10000");
  expect(await askAt(paid.steward, "10000")).toMatchObject({ type: "zone.payment_required" });
  const payments = { head_age_max_secs: 0, amount_min: "2000001" };
  await using dear = await paid.start({ handlers, payments });
  expect(await askAt(dear, "2000000")).toMatchObject({ reason: "PRICE_TOO_LOW" });
  await expect.poll(async () => (await askAt(dear, "2000001")).type).toBe("zone.payment_required");
});
