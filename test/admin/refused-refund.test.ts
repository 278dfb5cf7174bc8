import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import type { TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const FAILING = fileURLToPath(new URL("../support/failing-module.mjs", import.meta.url));
const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };
const FAILED = { type: "zone.error", code: "internal", reason: "HANDLER_FAILED" };

let paid: PaidSteward;
let proxy: RpcProxy;
let steward: TestSteward;
beforeAll(async () => {
  paid = await startPaidSteward({});
  proxy = await startRpcProxy(paid.chain.rpcUrl);
  const { chainId: chain_id } = paid.chain;
  steward = await paid.start({
    chains: [{ chain_id, network: NETWORK, rpc_urls: [proxy.url], ...paid.contracts }],
    handlers: { "*": { work: { type: "module", path: FAILING } } },
    // The recipient is another account: the steward's wallet holds no USDC at all.
    payments: { recipient: "0x90F79bf6EB2c4f870365E785982E1f101E93b906" },
  });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await paid[Symbol.asyncDispose]();
});

/** Pays for an action that fails until its file exists. */
async function buyFailure(client: WireClient, file: string) {
  const action = { name: "work", description: "Fails.", price: PRICE };
  const zone_id = await steward.createZone({ actions: [action] });
  await client.ask({ type: "zone.join", zone_id });
  const request_id = createId("req");
  const params = { repaired: join(steward.dataDir, file) };
  const body = { type: "zone.request", request_id, zone_id, action: "work", params };
  const { payment_requirement } = await client.ask(body);
  const authorization = await authorize(payment_requirement, paid.payer);
  expect(await client.ask({ type: "zone.payment", request_id, authorization })).toMatchObject(
    FAILED,
  );
  const { payments } = (await steward.api("GET", `/v1/payments?zone_id=${zone_id}`)).body;
  return { body, request_id, path: `/v1/payments/${payments[0].id}`, repaired: params.repaired };
}

test("a refund that is refused tells the payer nothing, and the request can run again", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const { body, request_id, path, repaired } = await buyFailure(client, "repaired-after");
  expect((await steward.api("POST", `${path}/refund`, {})).status).toBe(409);
  // Whatever was pushed to the payer by now comes before the answer to this.
  await client.ask({ type: "zone.receipt", request_id });
  const told = client.received.flatMap((one) => (one.type === "message" ? [one.fields.body] : []));
  expect(told).toEqual([]);
  writeFileSync(repaired, "");
  expect(await client.ask(body)).toMatchObject({ type: "zone.response" });
});

test("a request does not run, and is not at its end, while its refund is decided on", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const { body, path, repaired } = await buyFailure(client, "repaired-meanwhile");
  proxy.fail("eth_call", "hang");
  const asked = proxy.asked("eth_call");
  const refund = steward.api("POST", `${path}/refund`, {});
  await asked;
  writeFileSync(repaired, "");
  expect(await client.ask(body)).toMatchObject(FAILED);
  expect((await steward.api("POST", `${path}/retry`, {})).status).toBe(409);
  proxy.heal();
  expect((await refund).status).toBeGreaterThanOrEqual(400);
  expect(await client.ask(body)).toMatchObject({ type: "zone.response" });
});
