import { readFileSync } from "node:fs";
import { getTableColumns, is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { createId } from "../../src/protocol/ids.ts";
import * as adminSchema from "../../src/store/admin/schema.ts";
import * as eventSchema from "../../src/store/events/schema.ts";
import * as claimSchema from "../../src/store/payments/claim-schema.ts";
import * as escrowSchema from "../../src/store/payments/escrow-schema.ts";
import * as paymentSchema from "../../src/store/payments/schema.ts";
import { CAPTURED_TABLES, UNCAPTURED_TABLES } from "../../src/store/replication/capture.ts";
import {
  BAN_COLUMNS,
  type Columns,
  ESCROW_COLUMNS,
  ESCROW_OP_COLUMNS,
  INVITE_COLUMNS,
  MEMBER_COLUMNS,
  PAYMENT_COLUMNS,
  PROVIDER_COLUMNS,
  REFUND_COLUMNS,
  REQUEST_COLUMNS,
  RUN_COLUMNS,
} from "../../src/store/replication/record-columns.ts";
import * as replicationSchema from "../../src/store/replication/schema.ts";
import * as secretSchema from "../../src/store/secrets/schema.ts";
import * as webhookSchema from "../../src/store/webhooks/schema.ts";
import * as providerSchema from "../../src/store/zones/provider-schema.ts";
import * as zoneSchema from "../../src/store/zones/schema.ts";
import { signZone } from "../support/creator.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Copied, readAll } from "./support/copy.ts";

let steward: TestSteward;
let copied: Copied;
let creator: WireClient;
let zone: ReturnType<typeof signZone>;

beforeAll(async () => {
  const handlers = { "*": { echo: { type: "echo" }, work: { type: "provider" } } };
  steward = await startSteward({ config: { zones: { creation: "anyone" }, handlers } });
  const key = createAgentKey();
  creator = await WireClient.connect(steward.wireUrl, { key });
  zone = signZone(key, steward.nodeId, {
    rules: { open: false },
    actions: [
      { name: "echo", description: "Free." },
      { name: "work", description: "By members." },
    ],
  });
  await creator.ask({ type: "zone.create", envelope: zone.envelope });
  await creator.ask({ type: "zone.join", zone_id: zone.id });
  copied = Copied.create(steward, zone.id);
});
afterAll(async () => {
  await copied[Symbol.asyncDispose]();
  await steward[Symbol.asyncDispose]();
});

/** Asks for something in the zone, and follows: what is in its commits, and that the copies are equal. */
async function act(client: WireClient, body: Reply) {
  const answer = await client.ask({ zone_id: zone.id, ...body });
  await steward.steward.idle();
  const seen = copied.follow();
  copied.expectEqual();
  return { answer, ...seen };
}

/** What admits to the zone, where it was followed already. */
async function invite(): Promise<Reply> {
  const { answer } = await act(creator, { type: "zone.invite" });
  return { type: "zone.join", invite: answer.invite };
}

test("a copy holds the same after every kind of free operation, each one commit", async () => {
  const key = createAgentKey();
  await using member = await WireClient.connect(steward.wireUrl, { key });
  const of = async (client: WireClient, body: Reply) => {
    const before = copied.source.log.position(zone.id)?.n ?? 0;
    const { records, entries, answer } = await act(client, body);
    expect(answer.type, JSON.stringify(answer)).not.toBe("zone.error");
    return [(copied.source.log.position(zone.id)?.n ?? 0) - before, ...records, ...entries];
  };
  const node = { node_id: member.nodeId };
  const joined = [1, "invite", "member", "joined"];
  expect(await of(member, await invite())).toEqual(joined);
  const message = { type: "zone.message", id: createId("zmsg"), content: { text: "ü" } };
  expect(await of(member, message)).toEqual([1, "message"]);
  expect(await of(member, { type: "zone.leave" })).toEqual([1, "member", "left"]);
  expect(await of(creator, { type: "zone.ban", ...node })).toEqual([1, "ban", "banned"]);
  expect(await of(creator, { type: "zone.unban", ...node })).toEqual([1, "ban", "unbanned"]);
  const invited = await act(creator, { type: "zone.invite", max_uses: 2 });
  expect(invited.records).toEqual(["invite"]);
  const join = { type: "zone.join", invite: invited.answer.invite };
  expect(await of(member, join)).toEqual(joined);
  expect(await of(member, { type: "zone.join" })).toEqual([1, "member"]);
  const approve = { type: "zone.approve", ...node, actions: ["work"] };
  expect(await of(creator, approve)).toEqual([1, "member", "provider"]);
  const params = { text: "1" };
  const request = { type: "zone.request", request_id: "req_1", action: "echo", params };
  expect(await of(member, request)).toEqual([1, "request"]);
  expect(await of(member, request)).toEqual([1, "request"]);
  expect(readAll(copied.copy, zone.id).map(({ kind }) => kind)).toEqual([
    ...["invite", "invite", "member", "member", "provider", "request"],
  ]);
  const update = { type: "zone.update", envelope: zone.next({ description: "New." }).envelope };
  expect(await of(creator, update)).toEqual([1, "updated"]);
});

test("a provider's run is in its request's record, and a ban takes a membership along, not an approval", async () => {
  const key = createAgentKey();
  await using worker = await WireClient.connect(steward.wireUrl, { key });
  await act(worker, await invite());
  await act(creator, { type: "zone.approve", node_id: worker.nodeId, actions: ["work"] });
  await act(worker, { type: "zone.provide", actions: ["work"] });
  const asked = creator.ask({
    ...{ type: "zone.request", zone_id: zone.id, request_id: "req_2", action: "work" },
    params: { text: "1" },
  });
  const { invoke_id } = await worker.nextBody("zone.invoke");
  copied.follow();
  copied.expectEqual();
  const find = () =>
    readAll(copied.copy, zone.id).find(({ key }) => key[1] === "req_2")?.value as Reply;
  expect(find()).toMatchObject({
    ...{ state: "running", runner: steward.nodeId, invoke_id, paid: false, payments: [], ops: [] },
    runs: [{ node_id: worker.nodeId }],
  });
  await worker.sendBody({ type: "zone.result", invoke_id, result: { done: true } });
  await asked;
  await act(creator, { type: "zone.ban", node_id: worker.nodeId, reason: "test" });
  expect(find()).toMatchObject({ state: "answered", result: '{"done":true}' });
  expect(find()).not.toHaveProperty("runner");
  const left = readAll(copied.copy, zone.id).filter(({ key }) => key[0] === worker.nodeId);
  expect(left.map(({ kind }) => kind)).toEqual(["ban", "provider"]);
});

test("who may not commit changes nothing: the operation is taken back with what refuses it", async () => {
  await using member = await WireClient.connect(steward.wireUrl);
  const join = await invite();
  const asked: unknown[] = [];
  copied.source.log.setGuard((zoneId, kinds) => {
    asked.push([zoneId, kinds]);
    throw new StewardError("steward_unavailable", { message: "not in charge" });
  });
  const before = copied.source.log.position(zone.id);
  const { answer, records, entries } = await act(member, join);
  expect(answer).toMatchObject({ code: "steward_unavailable" });
  expect(asked).toEqual([[zone.id, { money: false }]]);
  expect([records, entries, copied.source.log.position(zone.id)]).toEqual([[], [], before]);
  expect(copied.source.queries.findMember(zone.id, member.nodeId)).toBeUndefined();
  // Another zone is nobody's affair.
  const other = await steward.createZone();
  expect((await member.ask({ type: "zone.join", zone_id: other })).type).toBe("zone.joined");
  // The first commit of an epoch is made by who is not in charge yet.
  copied.source.store.write((write) => copied.source.log.firstCommit(write, zone.id, () => {}));
  expect(copied.source.log.position(zone.id)?.n).toBe((before?.n ?? 0) + 1);
  const refused = () =>
    copied.source.store.write((write) =>
      copied.source.log.firstCommit(write, zone.id, () => {
        throw new Error("no");
      }),
    );
  expect(refused).toThrow("no");
  expect((await member.ask({ ...join, zone_id: zone.id })).code).toBe("steward_unavailable");
  copied.source.log.setGuard(() => {});
  expect((await act(member, join)).records).toEqual(["invite", "member"]);
});

test("commits are kept for an hour, from a pinned one on for longer, and the newest always", async () => {
  const { store, log, clock } = copied.copy;
  const first = () => log.commits.findFirstCommit(zone.id);
  const prune = (pinned?: number) => store.forget((write) => log.pruneCommits(write, () => pinned));
  const n = log.position(zone.id)?.n ?? 0;
  expect(n).toBeGreaterThan(5);
  prune();
  expect(first()).toBe(1);
  clock.aheadSecs = 3_700;
  prune(3);
  expect(first()).toBe(4);
  prune();
  expect(first()).toBe(n);
  clock.aheadSecs = 0;
});

test("what is pruned is not captured, and a zone that is not replicated any more makes no commits", async () => {
  const { store, queries, log } = copied.source;
  await using member = await WireClient.connect(steward.wireUrl);
  await act(creator, { type: "zone.ban", node_id: member.nodeId });
  const before = log.position(zone.id);
  const row = { zoneId: zone.id, nodeId: member.nodeId };
  store.forget((write) => queries.deleteZoneBan(write, row.zoneId, row.nodeId));
  expect(log.position(zone.id)).toEqual(before);
  store.write((write) => log.unregister(write, zone.id));
  await creator.ask({ type: "zone.invite", zone_id: zone.id });
  expect(log.position(zone.id)).toBeUndefined();
  expect(log.commits.findFirstCommit(zone.id)).toBeUndefined();
});

const SCHEMAS = [
  zoneSchema,
  providerSchema,
  paymentSchema,
  escrowSchema,
  claimSchema,
  replicationSchema,
  adminSchema,
  secretSchema,
  eventSchema,
  webhookSchema,
];
const TABLES = SCHEMAS.flatMap((schema) =>
  Object.values(schema).filter((one) => is(one, SQLiteTable)),
);

test("every table is captured, or it is said why not", () => {
  const names = TABLES.map((table) => getTableConfig(table as SQLiteTable).name).sort();
  const said = [...Object.keys(CAPTURED_TABLES), ...Object.keys(UNCAPTURED_TABLES)].sort();
  expect(said).toEqual(names);
});

const LEFT_OUT: Record<string, [Columns, string[]]> = {
  members: [MEMBER_COLUMNS, ["zone_id", "node_id"]],
  zone_bans: [BAN_COLUMNS, ["zone_id", "node_id"]],
  invites: [INVITE_COLUMNS, ["invite_id", "zone_id"]],
  zone_providers: [PROVIDER_COLUMNS, ["zone_id", "node_id"]],
  // sig stands in the record as an object; the content hash follows from action, params and zone.
  requests: [REQUEST_COLUMNS, ["node_id", "request_id", "zone_id", "content_hash", "sig"]],
  provider_runs: [RUN_COLUMNS, ["invoke_id", "zone_id", "requester", "request_id"]],
  payments: [PAYMENT_COLUMNS, ["tx_id", "quoted_epoch"]],
  escrows: [ESCROW_COLUMNS, []],
  escrow_ops: [ESCROW_OP_COLUMNS, ["op_id", "tx_id", "tx_hash", "failure"]],
  refunds: [REFUND_COLUMNS, ["tx_id"]],
};

test.each(Object.entries(LEFT_OUT))(
  "the columns of %s are those of the record, but for the ones left out on purpose",
  (name, [named, leftOut]) => {
    const table = TABLES.find((one) => getTableConfig(one as SQLiteTable).name === name);
    const columns = Object.values(getTableColumns(table as SQLiteTable));
    const expected = Object.fromEntries(
      columns
        .filter((column) => !leftOut.includes(column.name))
        .map((column) => [column.name, toType(column)]),
    );
    const { signs, ...given } = named as Record<string, string>;
    expect({ ...given, ...(signs === "flag" && { signs: "bool" }) }).toEqual(expected);
  },
);

function toType({ columnType, notNull }: { columnType: string; notNull: boolean }): string {
  const base = { SQLiteInteger: "int", SQLiteBoolean: "bool" }[columnType] ?? "text";
  return notNull ? base : `${base}?`;
}

const PARTS: Record<string, Columns> = {
  member: MEMBER_COLUMNS,
  ban: BAN_COLUMNS,
  invite: INVITE_COLUMNS,
  provider: PROVIDER_COLUMNS,
  request: REQUEST_COLUMNS,
  runs: RUN_COLUMNS,
  payments: PAYMENT_COLUMNS,
  escrow: ESCROW_COLUMNS,
  ops: ESCROW_OP_COLUMNS,
  refund: REFUND_COLUMNS,
};

test("docs/protocol.md names the columns of every record, with their types", () => {
  const text = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
  const [, section = ""] = text.split("#### Columns of records\n");
  const rows = section.split("\n### ")[0]?.matchAll(/^\| (?:… )?`(\w+)` \| (.*) \|$/gm) ?? [];
  const published = [...rows].map(([, part, columns = ""]) => [
    part,
    Object.fromEntries(
      [...columns.matchAll(/`(\w+)`(\??) (\w+)/g)].map(([, name, isOptional, type]) => [
        name,
        type === "true" ? "flag" : `${type}${isOptional}`,
      ]),
    ),
  ]);
  // In a record a refund always says whose it is.
  const refund = { ...REFUND_COLUMNS, steward: "text" };
  expect(published).toEqual(Object.entries({ ...PARTS, refund }));
});
