import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fundAccounts } from "../../../src/dev/fund.ts";
import { createId } from "../../../src/protocol/ids.ts";
import {
  authorize,
  NETWORK,
  type PaidSteward,
  startPaidSteward,
} from "../../support/paid-steward.ts";
import { startSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { Browser, findForm, waitForPage } from "./browser.ts";

const FAILING = fileURLToPath(new URL("../../support/failing-module.mjs", import.meta.url));
const EXPLORER = "https://explorer.example/base";
const WAITING = "/admin/payments/waiting";

let paid: PaidSteward;
let zone: string;
let admin: Browser;
let reader: Browser;
let client: WireClient;

beforeAll(async () => {
  const handlers = { "*": { work: { type: "module", path: FAILING } } };
  paid = await startPaidSteward({ handlers }, undefined, { explorer_url: `${EXPLORER}/` });
  const { steward, chain, contracts } = paid;
  const wallet = steward.steward.walletAddress as Hex;
  await fundAccounts({
    rpcUrl: chain.rpcUrl,
    minterKey: chain.accounts[0]?.key as Hex,
    usdc: contracts.usdc,
    holders: [wallet],
    amount: 10_000_000n,
    gasAccount: wallet,
    gasWei: 10n ** 19n,
  });
  const price = { amount: "2000000", asset: "USDC", network: NETWORK };
  zone = await steward.createZone({ actions: [{ name: "work", description: "Fails.", price }] });
  client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zone });
  admin = new Browser(steward);
  await admin.login(steward.token);
  reader = new Browser(steward);
  const eyes = await steward.api("POST", "/v1/tokens", { name: "eyes", scope: "read" });
  await reader.login(eyes.body.token);
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await paid?.[Symbol.asyncDispose]();
});

/** Pays for the action, which fails until the file is there; returns the payment's id. */
async function payFor(repaired: string): Promise<string> {
  const request_id = createId("req");
  const request = { type: "zone.request", request_id, zone_id: zone, action: "work" };
  const { payment_requirement } = await client.ask({ ...request, params: { repaired } });
  const authorization = await authorize(payment_requirement, paid.payer);
  await client.ask({ type: "zone.payment", request_id, authorization });
  const { payments } = (await paid.steward.api("GET", "/v1/payments")).body;
  return payments.find((row: { request_id: string }) => row.request_id === request_id).id;
}

async function readLastChange(operationPath: string) {
  const { entries } = (await paid.steward.api("GET", "/v1/audit?order=desc&limit=20")).body;
  return entries.find(({ action }: { action: string }) => action === operationPath);
}

test("a stuck payment is in the list of what waits with its reason and the next step, and its page has the way it took", async () => {
  const empty = await reader.open(WAITING);
  expect(empty.text).toContain("No payment waits for you");
  const id = await payFor("/nowhere");
  const list = await reader.open(WAITING);
  expect(list.status).toBe(200);
  expect(list.text).toContain("2.00 USDC");
  expect(list.text).toContain(`href="/admin/payments/${id}#next"`);
  expect(list.text).toMatch(/data-title="Reason">[^<]+</);
  expect(list.text).toContain(`steward settlement retry ${id}`);
  const page = await reader.open(`/admin/payments/${id}`);
  const states = [...page.text.matchAll(/<li class="(past|now|ahead)"[^>]*><b>(\w+)<\/b>/g)];
  expect(states.map(([, kind, state]) => `${state} ${kind}`)).toEqual([
    "quoted past",
    "authorized past",
    "submitting past",
    "submitted past",
    "confirmed now",
    "delivered ahead",
  ]);
  expect(page.text).toContain("It waits for you.");
  const { settlement, payer } = (await paid.steward.api("GET", `/v1/payments/${id}`)).body;
  expect(page.text).toContain(`href="${EXPLORER}/tx/${settlement.tx_hash}"`);
  expect(page.text).toContain(`href="${EXPLORER}/address/${payer}"`);
  expect(page.text).not.toContain("/admin/do/");
  const overview = await reader.open("/admin");
  expect(overview.text).toContain(`/admin/payments/${id}`);
});

test("a failed run is run again from the payment's page: asked first, done once, in the audit log, delivered to the payer", async () => {
  const repaired = join(paid.steward.dataDir, "repaired");
  const id = await payFor(repaired);
  const at = `/admin/payments/${id}`;
  const asked = await admin.submit(at, "retryPayment");
  expect(asked.text).toContain(`<code>steward settlement retry ${id}</code>`);
  writeFileSync(repaired, "");
  const form = findForm(asked.text, "retryPayment");
  const done = await admin.open("/admin/do/retryPayment", { form });
  expect([done.status, done.headers.get("location")]).toEqual([303, `${at}?done=retryPayment`]);
  expect(await client.nextBody("zone.response")).toMatchObject({ result: { repaired: true } });
  expect((await admin.open("/admin/do/retryPayment", { form })).status).toBe(303);
  const page = await waitForPage(admin, at, (text) => text.includes('class="now"'));
  expect(page).toMatch(/<li class="now"[^>]*><b>delivered<\/b>/);
  expect(await readLastChange("POST /v1/payments/{payment_id}/retry")).toMatchObject({
    actor: "first",
    ids: { payment_id: id },
    status: 202,
  });
});

test("a payment is given back from its page after a question, with the reason, and a token of scope read cannot", async () => {
  const id = await payFor("/nowhere");
  const at = `/admin/payments/${id}`;
  const asked = await admin.submit(at, "refundPayment", { "f.reason": "it's broken" });
  expect(asked.text).toContain("It cannot be taken back.");
  expect(asked.text).toContain(String.raw`--reason &#39;it&#39;\&#39;&#39;s broken&#39;`);
  expect((await paid.steward.api("GET", `/v1/payments/${id}`)).body.refund).toBeNull();
  const form = findForm(asked.text, "refundPayment");
  const csrf = /name="csrf" value="([^"]+)"/.exec((await reader.open(at)).text)?.[1] ?? "";
  const forged = await reader.open("/admin/do/refundPayment", { form: { ...form, csrf } });
  expect(forged.status).toBe(403);
  const done = await admin.open("/admin/do/refundPayment", { form });
  expect(done.status).toBe(303);
  await expect
    .poll(async () => (await admin.open(at)).text, { timeout: 10_000 })
    .toMatch(/<li class="now"[^>]*><b>refunded<\/b>/);
  const page = await admin.open(at);
  expect(page.text).toContain("it&#39;s broken");
  const list = await reader.open("/admin/payments?state=refunded");
  expect(list.text).toContain(`/admin/payments/${id}`);
  expect(await readLastChange("POST /v1/payments/{payment_id}/refund")).toMatchObject({
    asked: { reason: "it's broken" },
    status: 202,
  });
});

test("the overview adds up what was settled today and given back, and names what waits with its next step", async () => {
  const id = await payFor("/nowhere");
  const page = await waitForPage(
    admin,
    "/admin",
    (text) => text.includes(id) && /data-title="Given back">2\.00 USDC/.test(text),
  );
  expect(page).toMatch(/data-title="Payments">[1-9]/);
  expect(page).toMatch(/data-title="Gross">[1-9][\d.]* USDC/);
  expect(page).toContain("A payment of 2.00 USDC for work waits for you.");
  expect(page).toContain(`<a href="/admin/payments/${id}">`);
});

test("payments, escrows, wallets and claims are shown to scope read, and empty lists say what to do", async () => {
  const payments = await reader.open("/admin/payments");
  expect(payments.text).toContain("2.00 USDC");
  expect(payments.text).toContain(`${NETWORK} (${paid.chain.chainId})`);
  const none = await reader.open("/admin/payments?state=expired");
  expect(none.text).toContain("No payment is in this state.");
  expect((await reader.open("/admin/payments/none")).status).toBe(404);
  const escrows = await reader.open("/admin/escrows");
  expect([escrows.status, escrows.text.includes("Nobody paid into escrow yet")]).toEqual([
    200,
    true,
  ]);
  const claims = await reader.open("/admin/claims");
  expect(claims.text).toContain(`href="${EXPLORER}/address/${paid.steward.steward.walletAddress}"`);
  expect(claims.text).toContain("No share was refused");
  await using plain = await startSteward();
  const other = new Browser(plain);
  await other.login(plain.token);
  for (const path of ["/admin/payments", "/admin/claims"]) {
    expect((await other.open(path)).text).toContain("No chain is configured");
  }
});
