import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../src/base/log.ts";
import { createId } from "../../src/protocol/ids.ts";
import { applyRecord } from "../../src/replication/records/apply.ts";
import { dematerialise, materialise } from "../../src/replication/records/take-over.ts";
import { prepareRequestWriting } from "../../src/store/replication/request-writing.ts";
import { prepareUsageQueries } from "../../src/store/usage.ts";
import { prepareRequestQueries } from "../../src/store/zones/requests.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { Copied, type Records, readAll } from "./support/copy.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };

let paid: PaidSteward;
let zoneId: string;
let copied: Copied;
let client: WireClient;

beforeAll(async () => {
  const echo = { type: "echo" };
  paid = await startPaidSteward({
    handlers: { "*": { free: echo, direct: echo, held: echo } },
    zones: { payment_wait_ms: 200 },
  });
  zoneId = await paid.steward.createZone({
    actions: [
      { name: "free", description: "For nothing." },
      { name: "direct", description: "Paid at once.", price: PRICE },
      { name: "held", description: "By escrow.", price: { ...PRICE, settlement_mode: "escrow" } },
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

function toDeps({ store, log, replicaRequests }: Records, ownNodeId: string) {
  const requests = prepareRequestQueries(store);
  const writing = prepareRequestWriting(store);
  const logger = createLogger(process.env.TEST_LOG ?? "silent");
  return { store, log: logger, commits: log, replicaRequests, requests, writing, ownNodeId };
}

async function ask(action: string, request_id = createId("req")): Promise<Reply> {
  const body = { type: "zone.request", zone_id: zoneId, request_id, action, params: { a: 1 } };
  return { request_id, ...(await client.ask(body)) };
}

async function pay({ request_id, payment_requirement }: Reply): Promise<Reply> {
  const authorization = await authorize(payment_requirement, paid.payer);
  return client.ask({ type: "zone.payment", request_id, authorization });
}

async function untilAnswered(request_id: string): Promise<Reply> {
  for (;;) {
    const receipt = await client.ask({ type: "zone.receipt", request_id });
    if (receipt.type === "zone.response") return receipt;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const TABLES = ["requests", "payments", "escrows", "provider_runs", "refunds"];

function readRows({ store }: Records): Reply[] {
  return TABLES.flatMap((table) =>
    (store.raw.prepare(`SELECT * FROM ${table}`).all() as Reply[])
      .map(({ tx_id, ...row }) => ({ table, ...row }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
}

function countUsage({ store }: Records): Reply {
  const usage = prepareUsageQueries(store);
  return { requests: usage.totalUsage("request"), quotes: usage.totalUsage("quote") };
}

test("records become the rows that they were made of, counted as those, and records again", async () => {
  await ask("free");
  await ask("direct");
  for (const action of ["direct", "held"]) {
    const quoted = await ask(action);
    await pay(quoted);
    await untilAnswered(quoted.request_id);
  }
  await paid.steward.steward.idle();
  copied.follow();
  copied.expectEqual();
  const { source, copy } = copied;
  const before = readAll(copy, zoneId);
  expect(readRows(copy)).toEqual([]);
  const deps = toDeps(copy, "atlas_other");
  expect(await materialise(deps, zoneId)).toBe(0);
  expect(readRows(copy)).toEqual(readRows(source));
  expect(countUsage(copy)).toEqual(countUsage(source));
  expect(
    copy.replicaRequests.listReplicaRequests(zoneId, { nodeId: "", requestId: "" }, 9),
  ).toEqual([]);
  expect(readAll(copy, zoneId)).toEqual(before);
  // Of these only the escrow, which its payer may still release, has something to be done about it.
  expect(copy.store.write((write) => dematerialise(write, deps, zoneId))).toBe(1);
  expect(readAll(copy, zoneId)).toEqual(before);
  expect(readRows(copy).filter(({ table }) => table === "escrows")).toEqual([]);
  expect(await materialise(deps, zoneId)).toBe(0);
  expect(readRows(copy)).toEqual(readRows(source));
  expect(countUsage(copy)).toEqual(countUsage(source));
});

test("an escrow that is taken over has its contract read again from its last change on", async () => {
  const { copy } = copied;
  const deps = toDeps(copy, "atlas_other");
  const read = () => copy.store.raw.prepare("SELECT block FROM escrow_cursors").pluck().get();
  const [first] = copy.store.raw
    .prepare("SELECT changed_block AS changed FROM escrows")
    .all() as Reply[];
  copy.store.write((write) => dematerialise(write, deps, zoneId));
  copy.store.raw.prepare("UPDATE escrow_cursors SET block = 1000000").run();
  await materialise(deps, zoneId);
  const quoted = copy.store.raw
    .prepare("SELECT min(quoted_block) FROM payments WHERE mode = 'escrow'")
    .pluck()
    .get() as number;
  expect(read()).toBe((first?.changed ?? quoted) - 1);
});

test("what another steward says is gone is gone, though it was a row here", () => {
  const { copy } = copied;
  const [gone, ...left] = readAll(copy, zoneId).filter(({ kind }) => kind === "request");
  const before = readAll(copy, zoneId);
  copy.store.write((write) =>
    copy.log.applying(write, () => {
      const deps = { plain: copy.log.reading.plain, replicaRequests: copy.replicaRequests };
      applyRecord(write, deps, zoneId, { kind: "request", key: gone?.key ?? [], value: null });
    }),
  );
  expect(readAll(copy, zoneId).filter(({ kind }) => kind === "request")).toEqual(left);
  copy.store.write((write) =>
    copy.log.applying(write, () => {
      const deps = { plain: copy.log.reading.plain, replicaRequests: copy.replicaRequests };
      if (gone !== undefined) applyRecord(write, deps, zoneId, gone);
    }),
  );
  expect(readAll(copy, zoneId)).toEqual(before);
});

test("a record that does not fit stays one, and the others become rows", async () => {
  const { copy } = copied;
  const deps = toDeps(copy, "atlas_other");
  const [payment] = copy.store.raw.prepare("SELECT * FROM payments").all() as Reply[];
  const record = readAll(copy, zoneId).find(({ key }) => key[1] === payment?.request_id);
  const name = { zoneId, nodeId: client.nodeId, requestId: "req_other" };
  const value = JSON.stringify(record?.value).replaceAll(payment?.request_id, "req_other");
  const free = readAll(copy, zoneId).find(({ value: one }) => (one as Reply)?.action === "free");
  copy.store.write((write) => {
    const row = { ...name, wallet: null, expiresAt: null, createdAt: 1 };
    // Its payment is another request's.
    copy.replicaRequests.putReplicaRequest(write, { ...row, value });
    const fitting = { ...row, requestId: "req_more", value: JSON.stringify(free?.value) };
    copy.replicaRequests.putReplicaRequest(write, fitting);
  });
  expect(await materialise(deps, zoneId)).toBe(1);
  expect(copy.replicaRequests.findReplicaRequest(zoneId, name.nodeId, "req_other")).toBeDefined();
  expect(deps.requests.findRequest({ ...name, requestId: "req_more" })).toBeDefined();
  expect(deps.requests.findRequest(name)).toBeUndefined();
  copy.store.write((write) => {
    copy.replicaRequests.deleteReplicaRequest(write, zoneId, name.nodeId, "req_other");
    const more = { ...name, requestId: "req_more" };
    copy.log.applying(write, () => deps.requests.removeRequest(write, more));
  });
});

test("who is deposed sees its transaction through, moves no record, and takes up the payment when it is back", async () => {
  const { source } = copied;
  const deps = toDeps(source, paid.steward.nodeId);
  const quoted = await ask("direct");
  await paid.chain.rpc("evm_setIntervalMining", [0]);
  const pending = await pay(quoted);
  expect(pending.type).toBe("zone.pending");
  const readState = () =>
    (
      source.store.raw
        .prepare("SELECT state FROM payments WHERE request_id = ?")
        .pluck() as unknown as { get(id: string): string | undefined }
    ).get(quoted.request_id);
  await expect.poll(readState, { timeout: 10_000 }).toBe("submitted");
  copied.follow();
  copied.expectEqual();
  const n = source.log.position(zoneId)?.n;
  const before = readAll(source, zoneId);
  source.store.write((write) => dematerialise(write, deps, zoneId));
  expect(readState()).toBeUndefined();
  expect(readAll(source, zoneId)).toEqual(before);
  await paid.chain.rpc("evm_setIntervalMining", [1]);
  const applied = source.store.raw
    .prepare("SELECT count(*) FROM settlement_txs WHERE applied = 0 AND kind = 'settle'")
    .pluck();
  await expect.poll(() => applied.get(), { timeout: 10_000 }).toBe(0);
  expect([source.log.position(zoneId)?.n, readAll(source, zoneId)]).toEqual([n, before]);
  expect(await materialise(deps, zoneId)).toBe(0);
  const answer = await untilAnswered(quoted.request_id);
  expect(answer.settlement.tx_hash).toMatch(/^0x/);
  const sent = source.store.raw
    .prepare(
      "SELECT count(*) FROM settlement_items i JOIN payments p USING (payment_id) WHERE p.request_id = ?",
    )
    .pluck()
    .get(quoted.request_id);
  expect(sent).toBe(1);
  copied.follow();
  copied.expectEqual();
});
