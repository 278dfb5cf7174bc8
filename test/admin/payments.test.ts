import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { startPayingSteward } from "./paying-steward.ts";
import { expectError } from "./support.ts";

test("payments are listed newest first, narrowed by state and zone, and shown with their history", async () => {
  await using world = await startPayingSteward();
  const { steward } = world;
  const price = { amount: "2000000", asset: "USDC", network: "anvil" };
  const actions = [{ name: "echo", description: "Echoes.", price }];
  const zones = [await steward.createZone({ actions }), await steward.createZone({ actions })];
  await using agent = await WireClient.connect(steward.wireUrl);
  for (const [index, zone_id] of zones.entries()) {
    await agent.ask({ type: "zone.join", zone_id });
    const request = { type: "zone.request", request_id: `r${index}`, zone_id, action: "echo" };
    expect(await agent.ask(request)).toMatchObject({ type: "zone.payment_required" });
  }
  const newest = (await steward.api("GET", "/v1/payments?limit=1")).body;
  const older = (await steward.api("GET", `/v1/payments?limit=1&after=${newest.next}`)).body;
  expect([...newest.payments, ...older.payments]).toMatchObject([
    {
      request_id: "r1",
      zone_id: zones[1],
      node_id: agent.nodeId,
      state: "quoted",
      amount: "2000000",
    },
    { request_id: "r0", zone_id: zones[0] },
  ]);
  expect(older.next).toBeUndefined();
  const list = async (query: string) =>
    (await steward.api("GET", `/v1/payments?${query}`)).body.payments.length;
  expect(await list(`zone_id=${zones[0]}`)).toBe(1);
  expect(await list("state=quoted")).toBe(2);
  expect(await list("state=delivered")).toBe(0);
  const [payment] = newest.payments;
  const shown = (await steward.api("GET", `/v1/payments/${payment.id}`)).body;
  expect(shown).toMatchObject({ ...payment, history: [{ state: "quoted" }] });
  expectError(await steward.api("GET", "/v1/payments?state=lost"), 400, "invalid_request");
  expectError(await steward.api("GET", `/v1/payments/${createId("pay")}`), 404, "not_found");
});

test("a steward without a chain has no payments", async () => {
  await using steward = await startSteward();
  expect((await steward.api("GET", "/v1/payments")).body).toEqual({ payments: [] });
  expectError(await steward.api("GET", `/v1/payments/${createId("pay")}`), 404, "not_found");
});
