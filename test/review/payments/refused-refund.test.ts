import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../../src/wire/ids.ts";
import {
  authorize,
  NETWORK,
  type PaidSteward,
  startPaidSteward,
} from "../../support/paid-steward.ts";
import { WireClient } from "../../support/wire-client.ts";

const FAILING = fileURLToPath(new URL("../../support/failing-module.mjs", import.meta.url));
const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };

let paid: PaidSteward;
beforeAll(async () => {
  // The recipient is another account: the steward's wallet holds no USDC at all.
  const work = { type: "module", path: FAILING };
  const recipient = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
  paid = await startPaidSteward({ handlers: { "*": { work } }, payments: { recipient } });
});
afterAll(() => paid[Symbol.asyncDispose]());

test("a refund that is refused is not announced to the payer as done", async () => {
  const action = { name: "work", description: "Fails.", price: PRICE };
  const zoneId = await paid.steward.createZone({ actions: [action] });
  await using client = await WireClient.connect(paid.steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
  const request_id = createId("req");
  const params = { repaired: "/nowhere" };
  const body = { type: "zone.request", request_id, zone_id: zoneId, action: "work", params };
  const { payment_requirement } = await client.ask(body);
  const authorization = await authorize(payment_requirement, paid.payer);
  const answer = await client.ask({ type: "zone.payment", request_id, authorization });
  expect(answer).toMatchObject({ code: "internal", reason: "HANDLER_FAILED" });
  const { payments } = (await paid.steward.api("GET", "/v1/payments")).body;
  const refund = await paid.steward.api("POST", `/v1/payments/${payments[0].id}/refund`, {});
  expect(refund.status).toBe(409);
  // Whatever was pushed to the payer by now comes before the answer to this.
  await client.ask({ type: "zone.receipt", request_id });
  const told = client.seen?.() ?? [];
  expect(JSON.stringify(told)).not.toContain("REFUNDED");
});
