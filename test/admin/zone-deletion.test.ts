import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fundAccounts } from "../../src/dev/fund.ts";
import { createId } from "../../src/protocol/ids.ts";
import { openShell } from "../cli/support.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { startSteward } from "../support/steward.ts";
import { readPragma, readValue } from "../support/steward-file.ts";
import { WireClient } from "../support/wire-client.ts";
import { createRemoteZone } from "./support.ts";

const FAILING = fileURLToPath(new URL("../support/failing-module.mjs", import.meta.url));

let paid: PaidSteward;
beforeAll(async () => {
  paid = await startPaidSteward({ handlers: { "*": { work: { type: "module", path: FAILING } } } });
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
afterAll(() => paid[Symbol.asyncDispose]());

test("of a deleted zone what was paid for and the books stay; nothing is deleted while money is open", async () => {
  const { steward } = paid;
  const { api } = steward;
  const price = { amount: "2000000", asset: "USDC", network: NETWORK };
  const zone_id = await steward.createZone({
    actions: [{ name: "work", description: "Fails at first.", price }],
  });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const file = join(steward.dataDir, "repaired");
  const pay = async () => {
    const request_id = createId("req");
    const params = { repaired: file };
    const asked = { type: "zone.request", request_id, zone_id, action: "work", params };
    const { payment_requirement } = await client.ask(asked);
    const authorization = await authorize(payment_requirement, paid.payer);
    return { asked, answer: await client.ask({ type: "zone.payment", request_id, authorization }) };
  };
  const path = `/v1/zones/${zone_id}`;
  const failed = await pay();
  expect(failed.answer).toMatchObject({ reason: "HANDLER_FAILED" });
  writeFileSync(file, "");
  const { asked, answer } = await pay();
  expect(answer.type).toBe("zone.response");

  const active = await api("DELETE", path);
  expect([active.status, active.body.error.message]).toEqual([409, expect.stringMatching(/stop/)]);
  expect((await api("POST", `${path}/stop`)).status).toBe(200);
  const open = await api("DELETE", path);
  expect([open.status, open.body.error.details.open]).toEqual([
    409,
    [{ kind: "request", id: failed.asked.request_id, state: "failed" }],
  ]);
  const { payments } = (await api("GET", "/v1/payments")).body;
  const isFailed = (row: { request_id: string }) => row.request_id === failed.asked.request_id;
  const { id } = payments.find(isFailed);
  expect((await api("POST", `/v1/payments/${id}/refund`, { reason: "gone" })).status).toBe(202);
  const stateOf = async () => (await api("GET", `/v1/payments/${id}`)).body.state;
  await expect.poll(stateOf, { timeout: 10_000 }).toBe("refunded");

  const before = (await api("GET", "/v1/accounts")).body;
  expect((await api("DELETE", path)).status).toBe(204);
  expect((await api("GET", path)).status).toBe(404);
  expect((await client.ask({ type: "zone.inspect", zone_id })).code).toBe("zone_not_found");
  const receipt = { type: "zone.receipt", request_id: asked.request_id, zone_id };
  for (const body of [receipt, { ...receipt, zone_id: undefined }, asked]) {
    expect(await client.ask(body)).toMatchObject({
      ...{ type: "zone.response", request_id: asked.request_id, result: answer.result },
      settlement: answer.settlement,
    });
  }
  expect((await api("GET", "/v1/accounts")).body).toEqual(before);
  expect((await api("GET", "/v1/payments")).body.payments).toHaveLength(payments.length);
});

test("a zone of which only the operator's debts are left is deleted on his word, which the audit log has, and they can be paid later", async () => {
  const { steward } = paid;
  const { api } = steward;
  const price = { amount: "2000000", asset: "USDC", network: NETWORK };
  const actions = [{ name: "work", description: "Fails.", price }];
  const zone_id = await steward.createZone({ actions });
  const quoting = await steward.createZone({ actions });
  await using client = await WireClient.connect(steward.wireUrl);
  for (const id of [zone_id, quoting]) await client.ask({ type: "zone.join", zone_id: id });
  const request_id = createId("req");
  const params = { repaired: join(steward.dataDir, "never") };
  const asked = { type: "zone.request", request_id, zone_id, action: "work", params };
  const { payment_requirement } = await client.ask(asked);
  const authorization = await authorize(payment_requirement, paid.payer);
  const answer = await client.ask({ type: "zone.payment", request_id, authorization });
  expect(answer).toMatchObject({ reason: "HANDLER_FAILED" });
  await client.ask({ ...asked, request_id: createId("req"), zone_id: quoting });
  for (const id of [zone_id, quoting]) await api("POST", `/v1/zones/${id}/stop`);

  using shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
  const remove = ["zone", "delete", zone_id, "--no-export"];
  const refused = await shell.run(remove);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("owed=keep")]);
  // A quote may still be paid: that is under way, whatever the operator says.
  const open = await api("DELETE", `/v1/zones/${quoting}?owed=keep`);
  expect([open.status, open.body.error.details.open]).toEqual([
    409,
    [{ kind: "payment", id: expect.any(String), state: "quoted" }],
  ]);
  expect((await api("DELETE", `/v1/zones/${zone_id}?owed=all`)).status).toBe(400);
  await shell.json([...remove, "--keep-owed"]);

  const [entry] = (await api("GET", "/v1/audit?order=desc&limit=1")).body.entries;
  expect(entry).toMatchObject({
    ...{ action: "DELETE /v1/zones/{zone_id}", status: 204, ids: { zone_id } },
    before: {
      id: zone_id,
      left_owed: expect.arrayContaining([{ kind: "request", id: request_id, state: "failed" }]),
    },
  });
  const { payments } = (await api("GET", `/v1/payments?waiting=operator&zone_id=${zone_id}`)).body;
  expect(payments.map((row: { request_id: string }) => row.request_id)).toContain(request_id);
  for (const { id } of payments) {
    expect((await api("POST", `/v1/payments/${id}/refund`)).status).toBe(202);
    const stateOf = async () => (await api("GET", `/v1/payments/${id}`)).body.state;
    await expect.poll(stateOf, { timeout: 10_000 }).toBe("refunded");
  }
});

test("a deleted zone gives its disk space back, and does not come back at an epoch that it had", async () => {
  await using steward = await startSteward({
    config: {
      store: { prune_interval_ms: 10, free_bytes_kept: 65_536 },
      zones: { creation: "anyone" },
    },
  });
  const { api, dataDir } = steward;
  const remote = createRemoteZone(steward);
  const envelope = remote.sign({ epoch: 1, prev: null });
  expect((await api("POST", "/v1/zones", { envelope })).status).toBe(201);
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: remote.id });
  for (let i = 0; i < 8; i++) {
    const content = "x".repeat(500_000);
    const body = { type: "zone.message", zone_id: remote.id, id: createId("zmsg"), content };
    expect((await client.ask(body)).type).toBe("zone.sent");
  }
  const sizeOf = () => readPragma(dataDir, "page_count") * readPragma(dataDir, "page_size");
  expect(sizeOf()).toBeGreaterThan(4_000_000);
  expect((await api("POST", `/v1/zones/${remote.id}/stop`)).body.state).toBe("suspended");

  using shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
  const unsaid = await shell.run(["zone", "delete", remote.id]);
  expect([unsaid.code, unsaid.stderr]).toEqual([2, expect.stringMatching(/--export <file>/)]);
  const file = join(shell.dir, "kept.jsonl");
  await shell.json(["zone", "delete", remote.id, "--export", file]);
  expect((await shell.json(["verify", file])).ok).toBe(true);

  await expect.poll(sizeOf, { timeout: 20_000 }).toBeLessThan(1_000_000);
  const left = `SELECT (SELECT count(*) FROM zone_log) + (SELECT count(*) FROM members)
    + (SELECT count(*) FROM zone_envelopes) + (SELECT count(*) FROM usage WHERE kind = 'member' AND rows > 0)`;
  await expect.poll(() => readValue(dataDir, left), { timeout: 10_000 }).toBe(0);
  const again = await api("POST", "/v1/zones", { envelope });
  expect([again.status, again.body.error.code]).toEqual([409, "stale_manifest"]);
  expect((await api("DELETE", `/v1/zones/${remote.id}`)).status).toBe(404);
  expect((await client.ask({ type: "zone.discover" })).zones).toEqual([]);
});
