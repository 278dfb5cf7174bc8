import { expect, test } from "vitest";
import type { AgentError } from "../../../src/client/agent.ts";
import { ZONE_ID } from "../zone-fixture.ts";
import {
  bodiesOf,
  connect,
  createLog,
  listen,
  pushEntry,
  refuse,
  signPrimaryHead,
  signSet,
  startStewards,
  type ZoneSteward,
} from "./stewards.ts";

const OLD = ["created", "one", "two", "three"];

async function joinAt(steward: ZoneSteward) {
  const agent = await connect(steward);
  const heard = listen(agent);
  await agent.join(ZONE_ID, { afterSeq: 0 });
  await heard.until("4:three");
  heard.told.length = 0;
  return { agent, heard };
}

async function start() {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  for (const steward of [a, b]) steward.log = createLog(OLD);
  return { a, b };
}

/** The steward has a later epoch, which began where the log says. */
function takeOver(steward: ZoneSteward, stewards: ZoneSteward[], log: string[], epoch = 2): void {
  const before = steward.envelope;
  steward.envelope = signSet(stewards, 1, epoch, before);
  steward.log = createLog(log);
}

test("a newer epoch that began before what was handed on is told, and read from there", async () => {
  const { a, b } = await start();
  const { heard } = await joinAt(a);
  takeOver(b, [a, b], ["created", "one", "updated:2", "new"]);
  a.peer.script = { key: a.key, onVerify: (socket) => socket.drop() };
  for (const socket of a.peer.sockets) socket.drop();
  await heard.until("4:new");
  expect(heard.told).toEqual(["rewound 3-4", "3:updated", "4:new"]);
});

test("a newer epoch that began after what was handed on is only read on", async () => {
  const { a, b } = await start();
  const { heard } = await joinAt(a);
  takeOver(b, [a, b], [...OLD, "updated:2", "new"]);
  a.peer.script = { key: a.key, onVerify: (socket) => socket.drop() };
  for (const socket of a.peer.sockets) socket.drop();
  await heard.until("6:new");
  expect(heard.told).toEqual(["5:updated", "6:new"]);
});

test("a steward that adopted an epoch and has not logged it is no rewind", async () => {
  const { a, b } = await start();
  const { heard } = await joinAt(a);
  takeOver(b, [a, b], OLD);
  a.peer.script = { key: a.key, onVerify: (socket) => socket.drop() };
  for (const socket of a.peer.sockets) socket.drop();
  while (bodiesOf(b, "zone.history").length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  b.log = createLog([...OLD, "updated:2", "new"]);
  pushEntry(b, 6);
  await heard.until("6:new");
  expect(heard.told).toEqual(["5:updated", "6:new"]);
});

test("epochs that were missed do not hide where the first of them began", async () => {
  const { a, b } = await start();
  const { heard } = await joinAt(a);
  takeOver(b, [a, b], ["created", "one", "updated:2", "updated:3", "x", "updated:4", "new"], 4);
  a.peer.script = { key: a.key, onVerify: (socket) => socket.drop() };
  for (const socket of a.peer.sockets) socket.drop();
  await heard.until("7:new");
  expect(heard.told).toEqual([
    "rewound 3-4",
    "3:updated",
    "4:updated",
    "5:x",
    "6:updated",
    "7:new",
  ]);
});

test("a replica that cuts its copy back while the agent listens is followed back", async () => {
  const { a, b } = await start();
  const { heard } = await joinAt(a);
  takeOver(a, [a, b], ["created", "one", "updated:2", "new"]);
  pushEntry(a, 3);
  pushEntry(a, 4);
  await heard.until("4:new");
  expect(heard.told).toEqual(["rewound 3-4", "3:updated", "4:new"]);
});

test("a later process that says of which epoch its position is learns that the log went back", async () => {
  const { a, b } = await start();
  const { agent } = await joinAt(a);
  const place = {
    afterSeq: agent.lastSeq(ZONE_ID) ?? 0,
    afterEpoch: agent.lastEpoch(ZONE_ID) ?? 0,
  };
  expect(place).toEqual({ afterSeq: 4, afterEpoch: 1 });
  takeOver(b, [a, b], ["created", "one", "updated:2", "new"]);
  const later = await connect(b);
  const heard = listen(later);
  await later.join(ZONE_ID, place);
  await heard.until("4:new");
  expect(heard.told).toEqual(["rewound 3-4", "3:updated", "4:new"]);
  expect(later.lastEpoch(ZONE_ID)).toBe(2);
});

test("an own message is not handed on, whichever session brings it", async () => {
  const { a } = await start();
  const { agent, heard } = await joinAt(a);
  const { id } = await agent.send(ZONE_ID, "mine");
  const socket = a.peer.sockets[0];
  const base = { type: "zone.message", zone_id: ZONE_ID, timestamp: 1, content: "x" };
  socket?.push({ ...base, id, from: agent.nodeId, seq: 5 });
  socket?.push({ ...base, id, from: "atlas_other", seq: 6 });
  await heard.until("6:x");
  expect(heard.told).toEqual(["6:x"]);
});

test("a replica behind the agent is asked again, and what it lacks comes from another", async () => {
  const { a, b } = await start();
  const { agent, heard } = await joinAt(a);
  const behind = refuse("replica_not_ready", { reason: "BEHIND", retry_after_ms: 1 });
  a.answers["zone.history"] = behind;
  b.log = createLog([...OLD, "new"]);
  for (const socket of a.peer.sockets) socket.drop();
  await heard.until("5:new");
  expect(agent.steward.nodeId).toBe(b.key.nodeId);
  expect(bodiesOf(a, "zone.history").at(-1)).toMatchObject({ min_seq: 4 });
  expect(heard.told).toEqual(["5:new"]);
});

test("a primary that signs two logs in one epoch is found out, with both heads as evidence", async () => {
  const { a, b } = await start();
  a.primaryHead = signPrimaryHead(a.log, a.key, 1);
  const { agent } = await joinAt(a);
  const kept = a.primaryHead;
  b.log = createLog(["created", "one", "two", "other"]);
  b.primaryHead = signPrimaryHead(b.log, a.key, 1);
  const reported = new Promise<AgentError>((resolve) => agent.on("error", resolve));
  a.peer.script = { key: a.key, onVerify: (socket) => socket.drop() };
  for (const socket of a.peer.sockets) socket.drop();
  expect(await reported).toMatchObject({
    code: "history_invalid",
    reason: "HEADS_DIFFER",
    details: { heads: [kept, b.primaryHead] },
  });
  await expect(agent.history(ZONE_ID)).rejects.toMatchObject({ reason: "HEADS_DIFFER" });
});

test.each([
  [
    "another than the primary signed",
    (a: ZoneSteward, b: ZoneSteward) => signPrimaryHead(a.log, b.key, 1),
    "STEWARD",
  ],
  [
    "does not verify",
    (a: ZoneSteward) => ({ ...signPrimaryHead(a.log, a.key, 1), state: "00".repeat(32) }),
    "SIGNATURE_INVALID",
  ],
  [
    "is not where the entries lead",
    (a: ZoneSteward) => signPrimaryHead(createLog(["created", "one", "two", "x"]), a.key, 1),
    "HASH",
  ],
])("a page whose primary_head %s is refused", async (_name, sign, reason) => {
  const { a, b } = await start();
  const { agent } = await joinAt(a);
  a.primaryHead = sign(a, b);
  await expect(agent.history(ZONE_ID)).rejects.toMatchObject({ code: "history_invalid", reason });
});
