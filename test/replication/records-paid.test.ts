import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { Copied, readAll } from "./support/copy.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };
const failing = fileURLToPath(new URL("../support/failing-module.mjs", import.meta.url));

let paid: PaidSteward;
let zoneId: string;
let copied: Copied;
let client: WireClient;

beforeAll(async () => {
  const echo = { type: "echo" };
  const work = { type: "module", path: failing };
  paid = await startPaidSteward({ handlers: { "*": { direct: echo, held: echo, work } } });
  zoneId = await paid.steward.createZone({
    actions: [
      { name: "direct", description: "Paid at once.", price: PRICE },
      { name: "held", description: "By escrow.", price: { ...PRICE, settlement_mode: "escrow" } },
      { name: "work", description: "Fails at first.", price: PRICE },
    ],
  });
  copied = Copied.create(paid.steward, zoneId);
  client = await WireClient.connect(paid.steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
});
afterAll(async () => {
  await copied[Symbol.asyncDispose]();
  await paid[Symbol.asyncDispose]();
});

/** The record of a request in the copy, which is then equal to the steward's. */
function read(requestId: string): Reply {
  copied.follow();
  copied.expectEqual();
  return readAll(copied.copy, zoneId).find(({ key }) => key[1] === requestId)?.value as Reply;
}

/** Quotes and pays; tells what the record was at the quote. */
async function buy(action: string, params: Reply = {}) {
  const request_id = createId("req");
  const ask = { type: "zone.request", zone_id: zoneId, request_id, action, params };
  const { payment_requirement } = await client.ask(ask);
  const quoted = read(request_id);
  const authorization = await authorize(payment_requirement, paid.payer);
  const answer = await client.ask({ type: "zone.payment", request_id, authorization });
  return { request_id, ask, quoted, answer };
}

test("a direct payment's steps are in its request's record, up to the delivered answer", async () => {
  const { request_id, quoted, answer } = await buy("direct");
  expect(quoted).toMatchObject({ state: "quoted", paid: false, payments: [{ state: "quoted" }] });
  expect(answer.type).toBe("zone.response");
  const { payments, ...rest } = read(request_id);
  expect(rest).toMatchObject({ state: "answered", paid: true, result: "{}", ops: [], runs: [] });
  expect(payments).toMatchObject([
    {
      ...{ state: "delivered", current: true, amount: PRICE.amount, zone_id: zoneId, request_id },
      tx_hash: answer.settlement.tx_hash,
    },
  ]);
  expect(payments[0]).not.toHaveProperty("tx_id");
  // What only this steward's wallet knows is left out: to others it is authorized until it is settled.
  const states = copied.source.store.raw
    .prepare("SELECT records FROM zone_commits WHERE zone_id = ? ORDER BY n")
    .pluck()
    .all(zoneId)
    .flatMap((text) => JSON.parse(String(text)) as Reply[])
    .flatMap(({ value }) => value?.payments ?? [])
    .map(({ state }: Reply) => state);
  expect(new Set(states)).toEqual(new Set(["quoted", "authorized", "confirmed", "delivered"]));
});

test("an escrow's steps and the wish to refund it are in its request's record", async () => {
  const { request_id, answer } = await buy("held");
  const { escrow_id } = answer.escrow;
  await expect.poll(() => read(request_id).escrow?.status, { timeout: 10_000 }).toBe("deposited");
  const refund = await paid.steward.api("POST", `/v1/escrows/${escrow_id}/refund`, {});
  expect(refund.body.status).toBe("refunded");
  await expect.poll(() => read(request_id).escrow?.status, { timeout: 10_000 }).toBe("refunded");
  expect(read(request_id)).toMatchObject({ ops: [], payments: [{ state: "refunded" }] });
  const open = copied.source.store.raw
    .prepare(`SELECT records FROM zone_commits WHERE records LIKE '%"op":"refund"%' LIMIT 1`)
    .pluck()
    .get();
  expect((JSON.parse(String(open)) as Reply[])[0]?.value.ops).toMatchObject([
    { op: "refund", state: "requested", escrow_id },
  ]);
});

test("a refund names the steward whose wallet pays it, and a repeated run is in the record", async () => {
  const repaired = join(paid.steward.dataDir, "work-repaired");
  const first = await buy("work", { repaired });
  expect(first.answer.code).toBe("internal");
  const { payments } = read(first.request_id);
  const refund = await paid.steward.api(
    "POST",
    `/v1/payments/${payments[0].payment_id}/refund`,
    {},
  );
  expect(refund.status).toBe(202);
  await expect
    .poll(() => read(first.request_id).refund?.state, { timeout: 10_000 })
    .toBe("confirmed");
  expect(read(first.request_id)).toMatchObject({
    ...{ state: "refunded", payments: [{ state: "refunded" }] },
    refund: { steward: paid.steward.nodeId, amount: PRICE.amount },
  });
  const second = await buy("work", { repaired });
  writeFileSync(repaired, "");
  expect((await client.ask(second.ask)).type).toBe("zone.response");
  expect(read(second.request_id)).toMatchObject({ state: "answered", paid: true });
});
