import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { erc20Abi, type Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fundAccounts } from "../../src/dev/fund.ts";
import { createId } from "../../src/protocol/ids.ts";
import { openShell } from "../cli/support.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

const PRICE = "2000000";
const FAILING = fileURLToPath(new URL("../support/failing-module.mjs", import.meta.url));

let paid: PaidSteward;
let zoneId: string;

beforeAll(async () => {
  const work = { type: "module", path: FAILING };
  paid = await startPaidSteward({ handlers: { "*": { work } } });
  const price = { amount: PRICE, asset: "USDC", network: NETWORK };
  zoneId = await paid.steward.createZone({
    actions: [{ name: "work", description: "Fails at first.", price }],
  });
  const wallet = paid.steward.steward.walletAddress as Hex;
  await fundAccounts({
    rpcUrl: paid.chain.rpcUrl,
    minterKey: paid.chain.accounts[0]?.key as Hex,
    usdc: paid.contracts.usdc,
    holders: [wallet],
    amount: 10_000_000n,
    gasAccount: wallet,
    gasWei: 10n ** 19n,
  });
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
});

interface PaidRequest {
  readonly body: Record<string, unknown>;
  readonly paymentId: string;
  readonly answer: Reply;
}

async function payFor(client: WireClient, repaired: string): Promise<PaidRequest> {
  await client.ask({ type: "zone.join", zone_id: zoneId });
  const request_id = createId("req");
  const params = { repaired };
  const body = { type: "zone.request", request_id, zone_id: zoneId, action: "work", params };
  const { payment_requirement } = await client.ask(body);
  const authorization = await authorize(payment_requirement, paid.payer);
  const answer = await client.ask({ type: "zone.payment", request_id, authorization });
  const { payments } = (await paid.steward.api("GET", "/v1/payments")).body;
  const payment = payments.find((row: { request_id: string }) => row.request_id === request_id);
  return { body, paymentId: payment.id, answer };
}

function balanceOf(owner: Hex): Promise<bigint> {
  return paid.chain.client.readContract({
    address: paid.contracts.usdc,
    abi: erc20Abi,
    functionName: "balanceOf",
    args: [owner],
  });
}

test("a paid request that failed is refunded once, ends with it, and the books agree", async () => {
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const before = await balanceOf(paid.payer.address);
  const { body, paymentId, answer } = await payFor(client, "/nowhere");
  expect(answer).toMatchObject({ code: "internal", reason: "HANDLER_FAILED" });
  expect(await balanceOf(paid.payer.address)).toBe(before - BigInt(PRICE));
  const path = `/v1/payments/${paymentId}`;
  const refund = (reason = "it failed") =>
    paid.steward.api("POST", `${path}/refund`, { reason }, { "idempotency-key": "refund" });
  const [first, atOnce] = await Promise.all([refund(), refund()]);
  expect([first.status, atOnce.status].sort()).toEqual([202, 409]);
  const again = await refund();
  expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([202, "true"]);
  expect((await refund("another reason")).status).toBe(409);
  expect((await paid.steward.api("POST", `${path}/refund`)).status).toBe(202);
  await expect
    .poll(async () => (await paid.steward.api("GET", path)).body.state, { timeout: 10_000 })
    .toBe("refunded");
  expect(await balanceOf(paid.payer.address)).toBe(before);
  // Who did it is named as escrow operations name it: by the token's id.
  const { tokens } = (await paid.steward.api("GET", "/v1/tokens")).body;
  const { requested_by } = (await paid.steward.api("GET", path)).body.refund;
  const { entries } = (await paid.steward.api("GET", "/v1/audit?order=desc&limit=2")).body;
  const noted = { token_id: requested_by, ids: { payment_id: paymentId }, status: 202 };
  expect(entries).toMatchObject([
    noted,
    { ...noted, asked: { reason: "it failed" }, before: { refund: null } },
  ]);
  expect(tokens.map(({ id }: { id: string }) => id)).toContain(requested_by);
  expect(await client.ask(body)).toMatchObject({ code: "internal", reason: "REFUNDED" });
  const retry = await paid.steward.api("POST", `${path}/retry`, {});
  expect(retry).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
  const audit = (await paid.steward.api("GET", "/v1/reconciliation")).body.chains;
  expect(audit).toMatchObject([{ differences: [] }]);
  const [sum] = (await paid.steward.api("GET", `/v1/accounts?zone_id=${zoneId}`)).body.accounts;
  expect(sum).toMatchObject({ gross: PRICE, refunded: PRICE });
});

test("a paid request that failed is delivered when the operator has it run again", async () => {
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const repaired = join(paid.steward.dataDir, "repaired");
  const { body, paymentId } = await payFor(client, repaired);
  writeFileSync(repaired, "");
  const path = `/v1/payments/${paymentId}`;
  expect((await paid.steward.api("POST", `${path}/retry`, {})).status).toBe(202);
  const pushed = await client.nextBody("zone.response");
  expect(pushed).toMatchObject({ result: { repaired: true }, settlement: { amount: PRICE } });
  expect(await client.ask(body)).toEqual(pushed);
  expect((await paid.steward.api("GET", path)).body.state).toBe("delivered");
});

test("the operator's commands for a failed payment do the same", async () => {
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const { httpUrl, token, dataDir } = paid.steward;
  using shell = openShell({ STEWARD_URL: httpUrl, STEWARD_TOKEN: token });
  const repaired = join(dataDir, "repaired-later");
  const [first, second] = [await payFor(client, "/nowhere"), await payFor(client, repaired)];
  writeFileSync(repaired, "");
  await shell.json(["settlement", "refund", first.paymentId]);
  await shell.json(["settlement", "retry", second.paymentId]);
  expect(await client.nextBody("zone.response")).toMatchObject({ result: { repaired: true } });
  const stateOf = async (id: string) => (await shell.json(["settlement", "show", id])).state;
  await expect.poll(() => stateOf(first.paymentId), { timeout: 10_000 }).toBe("refunded");
  expect(await stateOf(second.paymentId)).toBe("delivered");
  expect((await shell.run(["settlement", "reconcile"])).code).toBe(0);
  const { accounts } = await shell.json(["settlement", "accounts", "--zone", zoneId]);
  expect(accounts).toHaveLength(1);
});

test("what is not paid is not refunded", async () => {
  const unknown = await paid.steward.api("POST", `/v1/payments/${createId("pay")}/refund`, {});
  expect(unknown.status).toBe(404);
});
