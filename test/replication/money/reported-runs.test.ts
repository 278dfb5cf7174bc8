import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import { json, Upstream } from "../../actions/upstream.ts";
import type { SignedZone } from "../../support/creator.ts";
import { LinkProxy } from "../../support/link-proxy.ts";
import {
  authorize,
  NETWORK,
  type PaidSteward,
  startPaidSteward,
} from "../../support/paid-steward.ts";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../../support/wire-client.ts";
import { Creator, epochAt, type SetMember, toSet, until } from "../support/replicated-zone.ts";

const price = { amount: "2000000", asset: "USDC", network: NETWORK };
const creator = new Creator();

let config: Record<string, unknown>;
let upstream: Upstream;
let paid: PaidSteward;
let a: TestSteward;
let b: TestSteward;
let toA: LinkProxy;

beforeAll(async () => {
  upstream = await Upstream.start();
  const once = { type: "http", url: upstream.url, allow_private: ["127.0.0.1"] };
  config = {
    handlers: { "*": { once } },
    zones: { creation: "anyone", payment_wait_ms: 100 },
    replication: { allow: ["*"] },
  };
  paid = await startPaidSteward(config);
  a = paid.steward;
  b = await paid.start(config);
  toA = await LinkProxy.open(a.wireUrl);
}, 60_000);
afterAll(async () => {
  await b[Symbol.asyncDispose]();
  await paid[Symbol.asyncDispose]();
  await toA[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});
beforeEach(() => {
  upstream.received.length = 0;
});

/** A copy of a steward's data as it is now. */
function backUp({ dataDir, steward }: TestSteward): string {
  const copy = mkdtempSync(join(tmpdir(), "steward-restored-"));
  const filter = (path: string) => !path.includes(".sqlite");
  cpSync(dataDir, copy, { recursive: true, filter });
  steward.zones.store.raw.exec(`VACUUM INTO '${join(copy, "steward.sqlite")}'`);
  return copy;
}

/** A zone that A is the primary of and B a voter, and a member's paid request there, its authorization taken. */
async function buy(primary: TestSteward = a, wireUrl = toA.url) {
  const zone = creator.sign(toSet({ nodeId: primary.nodeId, wireUrl }, [b]), 1, {
    type: "service",
    chain_id: paid.chain.chainId,
    actions: [{ name: "once", description: "May be called once.", price }],
  });
  await creator.create(primary, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  const key = createAgentKey();
  await using member = await WireClient.connect(primary.wireUrl, { key });
  await until("it joins", async () => {
    return (await member.ask({ type: "zone.join", zone_id: zone.id })).type === "zone.joined";
  });
  const request_id = createId("req");
  const body = { zone_id: zone.id, request_id };
  const quote = { type: "zone.request", ...body, action: "once", params: {} };
  const { payment_requirement } = await member.ask(quote);
  const authorization = await authorize(payment_requirement, paid.payer);
  const pay = () => member.ask({ type: "zone.payment", ...body, authorization });
  return { zone, key, quote, body, taken: await pay() };
}

/** Names B the primary, the former one a learner; resolves once B is in charge. */
async function takeOver(
  zone: SignedZone,
  key: ReturnType<typeof createAgentKey>,
  former: SetMember = { nodeId: a.nodeId, wireUrl: toA.url },
) {
  const set = toSet(b, [], [former]);
  expect(await creator.update(b, zone.next({ steward_set: set }))).toMatchObject({
    type: "zone.manifest",
  });
  const member = await WireClient.connect(b.wireUrl, { key });
  await until("it is in charge", async () => {
    return (await member.ask({ type: "zone.join", zone_id: zone.id })).type === "zone.joined";
  });
  return member;
}

const receiptOf = (member: WireClient, body: Reply) =>
  member.ask({ type: "zone.receipt", ...body });

test("a run that ends after its steward was deposed is answered by the new primary, and not repeated", async () => {
  const { promise, resolve } = Promise.withResolvers<() => void>();
  upstream.answer = (response) => resolve(() => json(response, 200, { done: true }));
  const { zone, key, body } = await buy();
  const end = await promise;
  await using member = await takeOver(zone, key);
  await until("nobody knows what became of it", async () => {
    return (await receiptOf(member, body)).state === "undelivered";
  });
  await until("the former primary knows", () => epochAt(a, zone.id) === 2);
  end();
  expect(await member.nextBody("zone.response")).toMatchObject({ result: { done: true } });
  expect(await receiptOf(member, body)).toMatchObject({ result: { done: true } });
  expect(upstream.received).toHaveLength(1);
  const left = "SELECT count(*) FROM run_reports";
  const store = a.steward.zones.store;
  await until("nothing is left to tell", () => store.raw.prepare(left).pluck().get() === 0);
});

test("a run that fails after its steward was deposed fails at the new primary, and is asked for again without a payment", async () => {
  const { promise, resolve } = Promise.withResolvers<() => void>();
  upstream.answer = (response) => resolve(() => json(response, 422, { error: "no" }));
  const { zone, key, body, quote } = await buy();
  const end = await promise;
  await using member = await takeOver(zone, key);
  await until("the former primary knows", () => epochAt(a, zone.id) === 2);
  end();
  await until("it failed", async () => (await receiptOf(member, body)).code === "internal");
  upstream.answer = (response) => json(response, 200, { again: true });
  await member.ask(quote);
  await until("it is answered", async () => {
    return (await receiptOf(member, body)).result?.again === true;
  });
  expect(upstream.received).toHaveLength(2);
});

test("a run that was recorded and never begun runs at the new primary once its steward says so", async () => {
  upstream.answer = (response) => json(response, 200, { first: true });
  await paid.chain.rpc("evm_setIntervalMining", [0]);
  const { zone, key, body } = await buy();
  const pool = async () => (await paid.chain.rpc("txpool_status")) as { pending: string };
  await until("the payment is sent", async () => Number((await pool()).pending) > 0);
  // The voter's acknowledgements do not come any more; what it is sent still does.
  toA.swallow("there");
  await paid.chain.rpc("evm_setIntervalMining", [1]);
  await paid.chain.mine(8);
  const copied = "SELECT value FROM replica_requests WHERE request_id = ?";
  const valueAtB = () =>
    String(b.steward.zones.store.raw.prepare(copied).pluck().get(body.request_id));
  await until("the voter has the run", () => valueAtB().includes('"state":"running"'));
  await using member = await takeOver(zone, key);
  await until("nobody knows what became of it", async () => {
    return (await receiptOf(member, body)).state === "undelivered";
  });
  expect(upstream.received).toHaveLength(0);
  toA.heal();
  expect(await member.nextBody("zone.response")).toMatchObject({ result: { first: true } });
  expect(upstream.received).toHaveLength(1);
});

test("a steward restored from before a run does not report the failure of an earlier one", async () => {
  const { chain, contracts } = paid;
  const rpc_urls = [chain.rpcUrl];
  const chains = [{ chain_id: chain.chainId, network: NETWORK, rpc_urls, ...contracts }];
  const brief = { ...config, chains, wire: { shutdown_timeout_ms: 100 } };
  const first = await paid.start(brief);
  upstream.answer = (response) => json(response, 422, { error: "no" });
  const { zone, key, body, quote } = await buy(first, first.wireUrl);
  const early = await WireClient.connect(first.wireUrl, { key });
  await until("it failed", async () => (await receiptOf(early, body)).code === "internal");
  const dataDir = backUp(first);
  upstream.answer = () => {};
  early.sendBody(quote);
  await upstream.got(2);
  await first[Symbol.asyncDispose]();
  await using member = await takeOver(zone, key, first);
  await until("nobody knows what became of it", async () => {
    return (await receiptOf(member, body)).state === "undelivered";
  });
  await using restored = await startSteward({ dataDir, isRestored: true, config: brief });
  const { raw } = restored.steward.zones.store;
  const record = raw.prepare("SELECT value FROM replica_requests WHERE request_id = ?").pluck();
  await until("it has the record", () => {
    return String(record.get(body.request_id)).includes('"state":"undelivered"');
  });
  expect(raw.prepare("SELECT count(*) FROM run_reports").pluck().get()).toBe(0);
  expect(await receiptOf(member, body)).toMatchObject({ state: "undelivered" });
  rmSync(dataDir, { recursive: true, force: true });
});

test("only the steward that began a run reports it", async () => {
  const { promise, resolve } = Promise.withResolvers<() => void>();
  upstream.answer = (response) => resolve(() => json(response, 200, { done: true }));
  const { zone, key, body } = await buy();
  const end = await promise;
  const other = createAgentKey();
  const set = toSet(b, [], [{ nodeId: a.nodeId, wireUrl: toA.url }, { nodeId: other.nodeId }]);
  await creator.update(b, zone.next({ steward_set: set }));
  await using member = await WireClient.connect(b.wireUrl, { key });
  await until("nobody knows what became of it", async () => {
    return (await receiptOf(member, body)).state === "undelivered";
  });
  const sql = "SELECT invoke_id FROM requests WHERE request_id = ?";
  const invoke_id = b.steward.zones.store.raw.prepare(sql).pluck().get(body.request_id);
  const report = { type: "zone.result", invoke_id, result: { forged: true } };
  await using steward = await WireClient.connect(b.wireUrl, { key: other });
  const position = { type: "zone.epoch", zone_id: zone.id, envelopes: [zone.envelope] };
  expect((await steward.replyTo(steward.sendBody(position))).type).toBe("zone.position");
  for (const more of [{}, { started: false }]) {
    const id = steward.sendBody({ ...report, ...more });
    const { fields } = await steward.take(
      (envelope) => envelope.type === "error" && envelope.fields.ref_msg_id === id,
    );
    expect(fields).toMatchObject({ code: 2003, reason: "NOT_ALLOWED" });
  }
  const mistyped = steward.sendBody({ type: "zone.result", invoke_id, started: "no" });
  expect(await steward.replyTo(mistyped)).toMatchObject({ code: "invalid_params" });
  expect(await receiptOf(member, body)).toMatchObject({ state: "undelivered" });
  end();
  expect(await member.nextBody("zone.response")).toMatchObject({ result: { done: true } });
  expect(upstream.received).toHaveLength(1);
});
