import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

const toModule = (name: string) => ({
  type: "module",
  path: fileURLToPath(new URL(`../support/${name}`, import.meta.url)),
});
const handlers = {
  "*": { work: toModule("failing-module.mjs"), slow: toModule("slow-module.mjs") },
};
const FAILED = { type: "zone.error", code: "internal", reason: "HANDLER_FAILED" };

let paid: PaidSteward;
beforeAll(async () => {
  paid = await startPaidSteward({ handlers });
});
afterAll(() => paid[Symbol.asyncDispose]());

interface Bought {
  readonly client: WireClient;
  readonly body: Reply;
  readonly answer: Reply;
  /** Of the escrow in the admin API. */
  readonly path: string;
  readonly paymentPath: string;
}

/** Pays for an action by escrow and waits until its deposit is confirmed and it was answered. */
async function buy(steward: TestSteward, name: string, files: Reply): Promise<Bought> {
  const price = { amount: "5000000", asset: "USDC", network: NETWORK, settlement_mode: "escrow" };
  const zone_id = await steward.createZone({
    actions: [{ name, description: "Fails at first.", price }],
  });
  const client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const request_id = createId("req");
  const params = Object.fromEntries(
    Object.entries(files).map(([key, file]) => [key, join(steward.dataDir, file)]),
  );
  const body = { type: "zone.request", request_id, zone_id, action: name, params };
  const { payment_requirement } = await client.ask(body);
  const authorization = await authorize(payment_requirement, paid.payer);
  const answer = await client.ask({ type: "zone.payment", request_id, authorization });
  const find = async (list: "payments" | "escrows"): Promise<Reply> =>
    (await steward.api("GET", `/v1/${list}?zone_id=${zone_id}`)).body[list][0];
  await expect
    .poll(async () => (await find("payments")).state, { timeout: 10_000 })
    .toBe("confirmed");
  const path = `/v1/escrows/${(await find("escrows")).escrow_id}`;
  return { client, body, answer, path, paymentPath: `/v1/payments/${(await find("payments")).id}` };
}

test("a failed action runs again when the refund of its escrow was refused", async () => {
  // The recipient is another account: before the deadline the steward's wallet may not refund.
  const recipient = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
  await using steward = await paid.start({ handlers, payments: { recipient } });
  const bought = await buy(steward, "work", { repaired: "work-repaired" });
  const { body, answer, path } = bought;
  await using client = bought.client;
  expect(answer).toMatchObject(FAILED);
  const waiting = (await steward.api("GET", "/v1/payments?waiting=operator")).body.payments;
  expect(waiting).toHaveLength(1);
  expect(waiting[0].hint).toContain(`steward escrow refund ${path.split("/").at(-1)}`);
  expect((await steward.api("POST", `${path}/refund`, {})).status).toBe(409);
  writeFileSync(join(steward.dataDir, "work-repaired"), "");
  expect(await client.ask(body)).toMatchObject({
    type: "zone.response",
    escrow: { status: "deposited" },
  });
});

test("an action whose escrow was refunded while it ran is not run again when it fails", async () => {
  await using steward = await paid.start({ handlers, zones: { payment_wait_ms: 0 } });
  const bought = await buy(steward, "slow", { go: "slow-go", repaired: "slow-repaired" });
  const { body, answer, path, paymentPath } = bought;
  await using client = bought.client;
  expect(answer.type).toBe("zone.pending");
  const refunded = await steward.api("POST", `${path}/refund`, {});
  expect(refunded.body.status).toBe("refunded");
  writeFileSync(join(steward.dataDir, "slow-go"), "");
  expect(await client.nextBody("zone.error")).toMatchObject({ reason: "REFUNDED" });
  expect((await steward.api("GET", paymentPath)).body).toMatchObject({
    state: "refunded",
    request: { state: "refunded" },
  });
  writeFileSync(join(steward.dataDir, "slow-repaired"), "");
  expect(await client.ask(body)).toMatchObject({ type: "zone.error", reason: "REFUNDED" });
});

test("a failed action does not run again while the operator's refund of its escrow is on its way", async () => {
  const { steward } = paid;
  const bought = await buy(steward, "work", { repaired: "work-repaired" });
  const { body, answer, path, paymentPath } = bought;
  await using client = bought.client;
  expect(answer).toMatchObject(FAILED);
  // Last in this file: from here on a block takes a second.
  await paid.chain.rpc("evm_setIntervalMining", [0]);
  const refund = steward.api("POST", `${path}/refund`, {});
  await expect.poll(async () => (await steward.api("GET", path)).body.pending).toBe("refund");
  writeFileSync(join(steward.dataDir, "work-repaired"), "");
  expect(await client.ask(body)).toMatchObject(FAILED);
  const retry = await steward.api("POST", `${paymentPath}/retry`, {});
  expect(retry).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
  await paid.chain.rpc("evm_setIntervalMining", [1]);
  expect((await refund).body.status).toBe("refunded");
  expect(await client.ask(body)).toMatchObject({ type: "zone.error", reason: "REFUNDED" });
});
