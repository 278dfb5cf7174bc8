import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

const PRICE = "2000000";

let paid: PaidSteward;
let zoneId: string;

beforeAll(async () => {
  const echo = { type: "echo" };
  paid = await startPaidSteward({ handlers: { "*": { echo, euro: echo, other: echo } } });
  const price = (asset: string, network = NETWORK) => ({ amount: PRICE, asset, network });
  zoneId = await paid.steward.createZone({
    actions: [
      { name: "echo", description: "Costs 2 USDC here.", price: price("USDC") },
      { name: "euro", description: "Another asset.", price: price("EURC") },
      { name: "other", description: "Another network.", price: price("USDC", "base") },
    ],
  });
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
});

async function join(): Promise<WireClient> {
  const client = await WireClient.connect(paid.steward.wireUrl, { key: createAgentKey() });
  await client.ask({ type: "zone.join", zone_id: zoneId });
  return client;
}

async function quote(client: WireClient, requestId = createId("req")): Promise<Reply> {
  const body = { type: "zone.request", request_id: requestId, zone_id: zoneId, action: "echo" };
  const answer = await client.ask(body);
  expect(answer.type).toBe("zone.payment_required");
  return { requestId, ...answer.payment_requirement };
}

function pay(client: WireClient, requestId: string, authorization: unknown): Promise<Reply> {
  return client.ask({ type: "zone.payment", request_id: requestId, authorization });
}

const OTHER = "0x000000000000000000000000000000000000dEaD";

test.each<[string, string, (requirement: Reply) => Promise<Reply>]>([
  ["another amount", "AMOUNT_MISMATCH", (r) => authorize(r, paid.payer, { value: "1999999" })],
  [
    "another nonce",
    "NONCE_MISMATCH",
    (r) => authorize(r, paid.payer, { nonce: `0x${"12".repeat(32)}` }),
  ],
  ["another recipient", "RECIPIENT_MISMATCH", (r) => authorize(r, paid.payer, { to: OTHER })],
  [
    "a later valid_before than the deadline",
    "VALIDITY_WINDOW",
    (r) => authorize(r, paid.payer, { valid_before: r.deadline + 1 }),
  ],
  [
    "a valid_after in the future",
    "VALIDITY_WINDOW",
    (r) => authorize(r, paid.payer, { valid_after: r.deadline - 10 }),
  ],
  [
    "a signature by somebody else",
    "SIGNATURE_INVALID",
    async (r) => ({ ...(await authorize(r, paid.pauper)), from: paid.payer.address }),
  ],
])("%s is payment_invalid with %s", async (_name, reason, make) => {
  await using client = await join();
  const requirement = await quote(client);
  const answer = await pay(client, requirement.requestId, await make(requirement));
  expect(answer).toMatchObject({ type: "zone.error", code: "payment_invalid", reason });
  if (reason === "SIGNATURE_INVALID") expect(answer.hint).toContain('type: "receive"');
});

test("an authorization that paid already is payment_invalid for another request", async () => {
  await using client = await join();
  const first = await quote(client);
  const authorization = await authorize(first, paid.payer);
  const settled = await pay(client, first.requestId, authorization);
  expect(settled).toMatchObject({ type: "zone.response", settlement: { amount: PRICE } });
  const again = await pay(client, first.requestId, authorization);
  expect(again.settlement).toEqual(settled.settlement);
  const second = await quote(client);
  const stolen = await pay(client, second.requestId, authorization);
  expect(stolen).toMatchObject({ code: "payment_invalid" });
  const receipt = await client.ask({ type: "zone.receipt", request_id: first.requestId });
  expect(receipt).toEqual(settled);
});

test("a requirement that is being paid refuses another authorization", async () => {
  await using client = await join();
  const requirement = await quote(client);
  const first = pay(client, requirement.requestId, await authorize(requirement, paid.payer));
  await using rival = await WireClient.connect(paid.steward.wireUrl, { key: client.key });
  const other = await authorize(requirement, paid.pauper);
  const refused = await pay(rival, requirement.requestId, other);
  expect(refused).toMatchObject({ code: "payment_invalid" });
  expect((await first).type).toBe("zone.response");
});

test("a payer without the money is payment_failed and may pay later from another account", async () => {
  await using client = await join();
  const requirement = await quote(client);
  const answer = await pay(
    client,
    requirement.requestId,
    await authorize(requirement, paid.pauper),
  );
  expect(answer).toMatchObject({ code: "payment_failed", reason: "INSUFFICIENT_BALANCE" });
});

test("a deadline that has passed is payment_invalid", async () => {
  let offsetMs = 0;
  const config = { payments: { quote_ttl_secs: 30, head_age_max_secs: 0 } };
  await using late = await paid.start(config, () => Date.now() + offsetMs);
  const price = { amount: PRICE, asset: "USDC", network: NETWORK };
  const zone_id = await late.createZone({
    actions: [{ name: "echo", description: "Costs.", price }],
  });
  await using client = await WireClient.connect(late.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const body = { type: "zone.request", request_id: "late", zone_id, action: "echo" };
  await expect.poll(async () => (await client.ask(body)).type).toBe("zone.payment_required");
  const { payment_requirement } = await client.ask(body);
  const authorization = await authorize(payment_requirement, paid.payer);
  offsetMs = 40_000;
  const answer = await pay(client, "late", authorization);
  expect(answer).toMatchObject({ code: "payment_invalid", reason: "DEADLINE_PASSED" });
});

test("an asset, a network or a chain nobody settles is payment_failed before any quote", async () => {
  await using client = await join();
  for (const action of ["euro", "other"]) {
    const body = { type: "zone.request", request_id: action, zone_id: zoneId, action };
    const answer = await client.ask(body);
    expect(answer).toMatchObject({ code: "payment_failed", reason: "UNSUPPORTED_ASSET" });
  }
});
