import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

/** How many rows the steward's database has in a table. */
function countRows(dataDir: string, table: string): number {
  const db = new Database(`${dataDir}/steward.sqlite`, { readonly: true });
  try {
    return db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
  } finally {
    db.close();
  }
}

async function openTalk() {
  const steward = await startSteward();
  const zone_id = await steward.createZone();
  const alice = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  const dispose = async () => {
    await alice[Symbol.asyncDispose]();
    await steward[Symbol.asyncDispose]();
  };
  return { steward, zone_id, alice, [Symbol.asyncDispose]: dispose };
}

const QUESTIONS = ["zone.discover", "zone.inspect", "zone.members", "zone.history"] as const;

test("a question leaves no row behind, and under its message id is answered once", async () => {
  await using talk = await openTalk();
  const { alice, steward, zone_id } = talk;
  const before = countRows(steward.dataDir, "seen_messages");
  for (const type of QUESTIONS) {
    const body = { type, zone_id, after_seq: 0 };
    const id = alice.sendBody(body);
    await alice.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
    await alice.take((e) => e.type === "message" && e.fields.reply_to === id);
    alice.sendBody(body, { id });
    await alice.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
  }
  await alice.ask({ type: "zone.inspect", zone_id });
  expect(alice.received.filter((e) => e.type === "message")).toEqual([]);
  expect(countRows(steward.dataDir, "seen_messages")).toBe(before);
});

test("what is asked wrongly is acknowledged and refused as ever", async () => {
  await using talk = await openTalk();
  const { alice, zone_id } = talk;
  const id = alice.sendBody({ type: "zone.members", zone_id, limit: 0 });
  await alice.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
  expect(await alice.nextBody("zone.error")).toMatchObject({ code: "invalid_params" });
});

test("the id of a question stands for nothing else, nor that of anything else for a question", async () => {
  await using talk = await openTalk();
  const { alice, zone_id } = talk;
  const asked = alice.sendBody({ type: "zone.inspect", zone_id });
  await alice.nextBody("zone.manifest");
  alice.sendBody({ type: "zone.leave", zone_id }, { id: asked });
  const said = alice.sendBody({ type: "zone.message", zone_id, id: createId("zmsg"), content: 1 });
  await alice.nextBody("zone.sent");
  alice.sendBody({ type: "zone.inspect", zone_id }, { id: said });
  const page = await alice.ask({ type: "zone.members", zone_id });
  expect(page.members).toHaveLength(1);
  expect(alice.received.filter((e) => e.type === "message")).toEqual([]);
});

test("what is read in the turn of a write tells of it, and comes after it", async () => {
  await using talk = await openTalk();
  const { alice, zone_id } = talk;
  // Both in one frame's turn: the page is read before the COMMIT.
  alice.sendBody({ type: "zone.message", zone_id, id: createId("zmsg"), content: "first" });
  alice.sendBody({ type: "zone.history", zone_id, after_seq: 0 });
  const bodies = [];
  while (bodies.length < 2) {
    const { fields } = await alice.take((e) => e.type === "message");
    bodies.push(fields.body as Record<string, unknown>);
  }
  expect(bodies).toMatchObject([{ type: "zone.sent", seq: 3 }, { head_seq: 3 }]);
});

test("a free action that is computed keeps its answer, for repetitions and receipts", async () => {
  await using talk = await openTalk();
  const { alice, zone_id } = talk;
  const request_id = createId("req");
  const request = { type: "zone.request", zone_id, request_id, action: "echo" };
  const answer = { type: "zone.response", request_id, result: { text: "hello" } };
  expect(await alice.ask({ ...request, params: { text: "hello" } })).toMatchObject(answer);
  expect(await alice.ask({ ...request, params: { text: "hello" } })).toMatchObject(answer);
  expect(await alice.ask({ type: "zone.receipt", request_id })).toMatchObject(answer);
  const other = await alice.ask({ ...request, params: { text: "else" } });
  expect(other).toMatchObject({ code: "invalid_params", reason: "REQUEST_ID_CONFLICT" });
});
