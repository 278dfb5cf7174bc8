import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };
const PRICED = { name: "echo", description: "Costs 2 USDC.", price: PRICE };
const ZONE = { name: "late", description: "A zone whose price changes.", type: "open" };

let paid: PaidSteward;

beforeAll(async () => {
  paid = await startPaidSteward({});
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
});

async function update(zoneId: string, actions: unknown[]): Promise<void> {
  const { api } = paid.steward;
  const { headers } = await api("GET", `/v1/zones/${zoneId}`);
  const etag = { "If-Match": headers.get("etag") ?? "" };
  const answer = await api("PUT", `/v1/zones/${zoneId}`, { ...ZONE, actions }, etag);
  expect(answer.status).toBe(200);
}

async function join(zoneId: string): Promise<WireClient> {
  const client = await WireClient.connect(paid.steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
  return client;
}

async function quote(client: WireClient, zone_id: string): Promise<Reply> {
  const ask = { type: "zone.request", request_id: createId("req"), zone_id, action: "echo" };
  const { payment_requirement: requirement, type } = await client.ask(ask);
  expect(type).toBe("zone.payment_required");
  return { ask, requirement };
}

test("what was answered for free meanwhile is not charged for with an older quote", async () => {
  const zoneId = await paid.steward.createZone({ ...ZONE, actions: [PRICED] });
  await using client = await join(zoneId);
  const { ask, requirement } = await quote(client, zoneId);
  await update(zoneId, [{ name: "echo", description: "Free." }]);
  expect((await client.ask(ask)).type).toBe("zone.response");
  const payment = {
    type: "zone.payment",
    request_id: ask.request_id,
    authorization: await authorize(requirement, paid.payer),
  };
  const answer = await client.ask(payment);
  expect(answer.type).toBe("zone.response");
  expect(answer.settlement).toBeUndefined();
  const { body } = await paid.steward.api("GET", "/v1/payments");
  expect(body.payments.map((one: Reply) => one.state)).not.toContain("confirmed");
  expect(body.payments.map((one: Reply) => one.state)).toEqual(["quoted"]);
});

test("a payment without authorization is refused for its zone first, then as payment_required", async () => {
  const zoneId = await paid.steward.createZone({ ...ZONE, actions: [PRICED] });
  await using client = await join(zoneId);
  const { ask } = await quote(client, zoneId);
  const pay = () => client.ask({ type: "zone.payment", request_id: ask.request_id });
  expect((await pay()).code).toBe("payment_required");
  await client.ask({ type: "zone.leave", zone_id: zoneId });
  expect((await pay()).code).toBe("not_member");
  await paid.steward.api("POST", `/v1/zones/${zoneId}/stop`);
  expect((await pay()).code).toBe("stopped");
});

test("an asset nobody settles is payment_failed before a missing handler is internal", async () => {
  const price = { ...PRICE, asset: "EURC" };
  const actions = [
    { name: "nobody", description: "No handler.", price },
    { name: "none", description: "No handler.", price: PRICE },
  ];
  const zone_id = await paid.steward.createZone({ ...ZONE, actions });
  await using client = await join(zone_id);
  const ask = (action: string) =>
    client.ask({ type: "zone.request", request_id: createId("req"), zone_id, action });
  expect((await ask("nobody")).code).toBe("payment_failed");
  expect(await ask("none")).toMatchObject({ code: "internal", reason: "NO_HANDLER" });
});
