import { erc20Abi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger } from "../../src/base/log.ts";
import { createId } from "../../src/protocol/ids.ts";
import { applyRecord } from "../../src/replication/records/apply.ts";
import {
  dematerialiseOne,
  materialise,
  type TakeOverDeps,
} from "../../src/replication/records/take-over.ts";
import type { Write } from "../../src/store/database.ts";
import { prepareRequestWriting } from "../../src/store/replication/request-writing.ts";
import { prepareRequestQueries } from "../../src/store/zones/requests.ts";
import { openShell } from "../cli/support.ts";
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

const balanceOfPayer = () =>
  paid.chain.client.readContract({
    ...{ address: paid.contracts.usdc, abi: erc20Abi, functionName: "balanceOf" },
    args: [paid.payer.address],
  });

const TABLES = ["requests", "payments", "escrows", "provider_runs", "refunds"];

function readRows({ store }: Records): Reply[] {
  return TABLES.flatMap((table) =>
    (store.raw.prepare(`SELECT * FROM ${table}`).all() as Reply[])
      .map(({ tx_id, quoted_epoch, ...row }) => ({ table, ...row }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
}

function countUsage({ store }: Records): Reply {
  const { usage } = store;
  return { requests: usage.total("request"), quotes: usage.total("quote") };
}

/** Turns all that is under way into records, at once; returns how many were. */
function dematerialise(write: Write, deps: TakeOverDeps, of: string): number {
  let count = 0;
  deps.commits.applying(write, () => {
    for (;;) {
      const names = deps.writing.listUnderWay(of, 100);
      for (const name of names) dematerialiseOne(write, deps, name);
      if (names.length === 0) return;
      count += names.length;
    }
  });
  return count;
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

const REFUNDS = {
  requested: { signed: "submitted", mined: "submitted", final: "submitted", lost: "requested" },
  submitted: { signed: "submitted", mined: "submitted", final: "submitted", lost: "requested" },
  failed: { signed: "failed", mined: "failed", final: "failed", lost: "failed" },
};

/** Writes a record as another steward's over a request of the source, and turns it into rows. */
async function takeBack(requestId: string, change: Reply) {
  const { source } = copied;
  const deps = toDeps(source, paid.steward.nodeId);
  const record = readAll(source, zoneId).find(({ key }) => key[1] === requestId);
  const value = { ...(record?.value as Reply), ...change };
  source.store.write((write) => {
    dematerialise(write, deps, zoneId);
    source.log.applying(write, () => {
      const to = { plain: source.log.reading.plain, replicaRequests: source.replicaRequests };
      if (record !== undefined) applyRecord(write, to, zoneId, { ...record, value });
    });
  });
  expect(await materialise(deps, zoneId)).toBe(0);
}

async function buy(): Promise<{ requestId: string; path: string; paymentId: string }> {
  const quoted = await ask("direct");
  await pay(quoted);
  await untilAnswered(quoted.request_id);
  const { payments } = (await paid.steward.api("GET", "/v1/payments")).body;
  const { id } = payments.find((one: Reply) => one.request_id === quoted.request_id);
  return { requestId: quoted.request_id, paymentId: id, path: `/v1/payments/${id}` };
}

test("a refund that was sent before it came back is not sent again, though the record is older", async () => {
  const { source } = copied;
  const { requestId, path, paymentId } = await buy();
  const before = await balanceOfPayer();
  await paid.chain.rpc("evm_setIntervalMining", [0]);
  expect((await paid.steward.api("POST", `${path}/refund`, {})).status).toBe(202);
  const find = source.store.raw.prepare<[string], Reply>(
    "SELECT state, tx_id FROM refunds WHERE payment_id = ?",
  );
  await expect.poll(() => find.get(paymentId)?.state, { timeout: 10_000 }).toBe("submitted");
  const sent = find.get(paymentId);
  const record = readAll(source, zoneId).find(({ key }) => key[1] === requestId)?.value as Reply;
  await takeBack(requestId, { refund: { ...record.refund, state: "requested" } });
  expect(find.get(paymentId)).toEqual(sent);
  await paid.chain.rpc("evm_setIntervalMining", [1]);
  await expect.poll(() => find.get(paymentId)?.state, { timeout: 10_000 }).toBe("confirmed");
  const count = "SELECT count(*) FROM settlement_txs WHERE kind = 'refund'";
  expect(source.store.raw.prepare(count).pluck().get()).toBe(1);
  expect(await balanceOfPayer()).toBe(before + BigInt(PRICE.amount));
});

function addTx({ store }: Records, kind: string, state: string): number {
  const insert = store.raw.prepare<[string, string]>(
    `INSERT INTO settlement_txs (chain_id, sender, nonce, kind, state, "to", data, gas_limit, applied,
       created_at, updated_at)
     SELECT 1, 'wallet', count(*), ?, ?, 'token', '', 1, 1, 1, 1 FROM settlement_txs`,
  );
  return Number(insert.run(kind, state).lastInsertRowid);
}

test("a refund comes back as what this wallet's transaction makes of its record", async () => {
  const { copy } = copied;
  copied.follow();
  const own = paid.steward.nodeId;
  const deps = toDeps(copy, own);
  const record = readAll(copy, zoneId).find(({ value }) => (value as Reply)?.refund !== undefined);
  const value = record?.value as Reply;
  const requestId = record?.key[1] as string;
  const found = copy.store.raw.prepare<[], Reply>("SELECT state, tx_id FROM refunds");
  for (const [state, outcomes] of Object.entries(REFUNDS)) {
    for (const [txState, expected] of Object.entries(outcomes)) {
      const refundTxId = addTx(copy, "refund", txState);
      for (const steward of [own, `atlas_${"ef".repeat(32)}`]) {
        const put = { ...value, refund: { ...value.refund, state, steward } };
        copy.store.raw.prepare("DELETE FROM refunds").run();
        copy.store.write((write) =>
          copy.replicaRequests.putReplicaRequest(write, {
            ...{ zoneId, nodeId: client.nodeId, requestId, value: JSON.stringify(put) },
            wallet: JSON.stringify({ payments: {}, ops: {}, refundTxId }),
            ...{ expiresAt: null, createdAt: 1 },
          }),
        );
        expect(await materialise(deps, zoneId)).toBe(0);
        const row = found.all();
        // Who has another steward's refund has taken it over, or never had it: nothing of this wallet is a part of it.
        const txId = txState === "lost" || steward !== own ? null : refundTxId;
        const is = steward === own ? expected : state;
        expect([state, txState, row]).toEqual([state, txState, [{ state: is, tx_id: txId }]]);
      }
    }
  }
});

test("an escrow operation comes back as sent, unless its transaction is lost", async () => {
  const { copy } = copied;
  const deps = toDeps(copy, paid.steward.nodeId);
  const record = readAll(copy, zoneId).find(({ value }) => (value as Reply)?.escrow !== undefined);
  const value = record?.value as Reply;
  const { chain_id, contract, escrow_id } = value.escrow;
  const times = { created_at: 1, updated_at: 1 };
  const op = { chain_id, contract, escrow_id, op: "release", requested_by: "op", ...times };
  for (const [txState, state] of [
    ["signed", "submitted"],
    ["lost", "requested"],
  ] as const) {
    const txId = addTx(copy, "escrow", txState);
    copy.store.write((write) =>
      copy.replicaRequests.putReplicaRequest(write, {
        ...{ zoneId, nodeId: client.nodeId, requestId: record?.key[1] as string },
        value: JSON.stringify({ ...value, ops: [{ ...op, state: "requested" }] }),
        wallet: JSON.stringify({
          ...{ payments: {}, refundTxId: null },
          ops: { release: { state: "submitted", txId } },
        }),
        ...{ expiresAt: null, createdAt: 1 },
      }),
    );
    copy.store.raw.prepare("DELETE FROM escrow_ops").run();
    expect(await materialise(deps, zoneId)).toBe(0);
    const rows = copy.store.raw.prepare("SELECT state, tx_id FROM escrow_ops").all();
    expect(rows).toEqual([{ state, tx_id: txState === "lost" ? null : txId }]);
  }
});

test("a refund that is another steward's is refused with who that is, and nothing is written; taken over it is paid here", async () => {
  const { source } = copied;
  const { requestId, path, paymentId } = await buy();
  const steward = `atlas_${"ef".repeat(32)}`;
  const refund = {
    ...{ payment_id: paymentId, chain_id: paid.chain.chainId, token: paid.contracts.usdc },
    ...{ to: paid.payer.address, amount: PRICE.amount, requested_by: "op", steward },
    ...{ created_at: 1, updated_at: 1 },
  };
  const read = () => [
    readAll(source, zoneId).find(({ key }) => key[1] === requestId),
    source.store.raw.prepare("SELECT count(*) FROM payment_history").pluck().get(),
  ];
  for (const state of ["requested", "submitted", "confirmed", "failed"]) {
    await takeBack(requestId, { refund: { ...refund, state } });
    const before = read();
    const { status, body } = await paid.steward.api("POST", `${path}/refund`, {});
    expect([state, status, body.error]).toMatchObject([
      ...[state, 409],
      { code: "conflict", details: { steward } },
    ]);
    expect(read()).toEqual(before);
  }
  const before = await balanceOfPayer();
  using shell = openShell({ STEWARD_URL: paid.steward.httpUrl, STEWARD_TOKEN: paid.steward.token });
  const taken = await shell.json(["settlement", "refund", paymentId, "--take-over"]);
  expect(taken.refund).toMatchObject({ state: "requested", amount: PRICE.amount });
  expect(taken.refund).not.toHaveProperty("steward");
  const state = async () => (await paid.steward.api("GET", path)).body.state;
  await expect.poll(state, { timeout: 10_000 }).toBe("refunded");
  expect(await balanceOfPayer()).toBe(before + BigInt(PRICE.amount));
});
