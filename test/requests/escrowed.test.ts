import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { json, Upstream } from "../actions/upstream.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { WireClient } from "../support/wire-client.ts";

let paid: PaidSteward;
let upstream: Upstream;
beforeAll(async () => {
  upstream = await Upstream.start();
  paid = await startPaidSteward({});
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

test("a request whose escrow was refunded before it ran is at its end, and is not run", async () => {
  const run = { type: "http", url: upstream.url, allow_private: ["127.0.0.1"] };
  const config = { handlers: { "*": { run } }, zones: { payment_wait_ms: 5000 } };
  await using steward = await paid.start(config);
  const price = { amount: "2000000", asset: "USDC", network: NETWORK, settlement_mode: "escrow" };
  const zone_id = await steward.createZone({
    actions: [{ name: "run", description: "By HTTP.", price: { ...price, escrow_secs: 3600 } }],
  });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });

  upstream.answer = (response) => json(response, 500, {});
  const request_id = createId("req");
  const request = { type: "zone.request", request_id, zone_id, action: "run" };
  const quote = await client.ask(request);
  const authorization = await authorize(quote.payment_requirement, paid.payer);
  const failed = await client.ask({ type: "zone.payment", request_id, authorization });
  expect(failed).toMatchObject({ code: "internal", reason: "UPSTREAM_ERROR" });

  upstream.answer = (response) => json(response, 200, "served");
  const { body: list } = await steward.api("GET", "/v1/escrows");
  const path = `/v1/escrows/${list.escrows[0].escrow_id}/refund`;
  expect((await steward.api("POST", path)).body).toMatchObject({ status: "refunded" });
  const calls = upstream.received.length;
  const refunded = { type: "zone.error", code: "internal", reason: "REFUNDED" };
  expect(await client.ask(request)).toMatchObject(refunded);
  expect(await client.ask({ type: "zone.receipt", request_id })).toMatchObject(refunded);
  expect(await client.ask({ type: "zone.payment", request_id, authorization })).toMatchObject(
    refunded,
  );
  expect(upstream.received).toHaveLength(calls);
});
