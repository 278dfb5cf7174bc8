import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Agent, type AgentOptions } from "../../src/client/agent.ts";
import type { Delivery } from "../../src/client/calls/replies.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";

let keys = 100;

async function connect(wireUrl: string, options: Partial<AgentOptions> = {}): Promise<Agent> {
  const key = new Uint8Array(32).fill(keys % 256);
  key[0] = (keys++ >> 8) % 256;
  const agent = await Agent.connect(wireUrl, { key, name: "tester", pacing: false, ...options });
  onTestFinished(() => agent.close());
  return agent;
}

/** Everything an agent is handed on, and a way to wait for a position. */
function listen(agent: Agent) {
  const seen: Delivery[] = [];
  let wake = () => {};
  const take = (delivery: Delivery) => {
    seen.push(delivery);
    wake();
  };
  agent.on("message", take);
  agent.on("event", take);
  return {
    seen,
    contents: () => seen.flatMap((d) => (d.type === "zone.message" ? [d.content] : [])),
    seqs: () => seen.map((delivery) => delivery.seq),
    until: async (ready: (seen: readonly Delivery[]) => boolean) => {
      while (!ready(seen)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

async function boot(config: Record<string, unknown> = {}): Promise<TestSteward> {
  const steward = await startSteward({ config });
  onTestFinished(() => steward[Symbol.asyncDispose]());
  return steward;
}

test("two agents prove themselves, join, talk, and look around", async () => {
  const steward = await boot();
  const zoneId = await steward.createZone();
  const ada = await connect(steward.wireUrl, { name: "ada", expectNodeId: steward.nodeId });
  const ben = await connect(steward.wireUrl, { name: "ben", skills: ["chess"] });
  expect(ada.steward).toMatchObject({ nodeId: steward.nodeId, bound: true, proven: true });
  const directory = await ada.discover({ keyword: "test" });
  expect(directory.zones.map((zone) => zone.zone_id)).toContain(zoneId);
  const info = await ada.inspect(zoneId);
  expect(info).toMatchObject({ epoch: 1, members: 0 });
  const heardByAda = listen(ada);
  const heardByBen = listen(ben);
  const joined = await ada.join(zoneId);
  expect(joined.manifest.steward_set).toEqual(info.manifest.steward_set);
  await ben.join(zoneId);
  const { id, seq } = await ada.send(zoneId, { hello: ["ben", 1, null] }, { topic: "greeting" });
  await ben.send(zoneId, "hello ada", { replyTo: id });
  await heardByAda.until((seen) => seen.length === 2);
  await heardByBen.until((seen) => seen.length === 1);
  expect(heardByBen.seen[0]).toMatchObject({
    type: "zone.message",
    id,
    seq,
    from: ada.nodeId,
    content: { hello: ["ben", 1, null] },
    topic: "greeting",
  });
  expect(heardByAda.seen[0]).toMatchObject({ event: "joined", node_id: ben.nodeId });
  expect(heardByAda.seen[1]).toMatchObject({ content: "hello ada", reply_to: id });
  const { members } = await ben.members(zoneId);
  expect(members.map((member) => [member.name, member.online]).sort()).toEqual([
    ["ada", true],
    ["ben", true],
  ]);
  const page = await ben.history(zoneId, { afterSeq: joined.seq, limit: 2 });
  expect(page.entries.map(({ entry }) => entry.seq)).toEqual([joined.seq + 1, joined.seq + 2]);
  await ben.leave(zoneId);
  await expect(ben.send(zoneId, "gone")).rejects.toMatchObject({ code: "not_member" });
});

test("a message sent again under its id has one place; other content is a conflict", async () => {
  const steward = await boot();
  const zoneId = await steward.createZone();
  const agent = await connect(steward.wireUrl);
  await agent.join(zoneId);
  const first = await agent.send(zoneId, { n: 1 });
  expect(await agent.send(zoneId, { n: 1 }, { id: first.id })).toEqual(first);
  await expect(agent.send(zoneId, { n: 2 }, { id: first.id })).rejects.toMatchObject({
    name: "AgentError",
    code: "invalid_params",
    reason: "MESSAGE_ID_CONFLICT",
    recovery: "change",
    hint: expect.stringMatching(/./),
  });
});

test("a free action answers with its result, and its receipt can be read again", async () => {
  const steward = await boot();
  const zoneId = await steward.createZone();
  const agent = await connect(steward.wireUrl);
  await agent.join(zoneId);
  const outcome = await agent.request(zoneId, "echo", { text: "hi" }, { requestId: "req_1" });
  expect(outcome).toEqual({ requestId: "req_1", result: { text: "hi" } });
  expect(await agent.receipt("req_1")).toEqual(outcome);
  expect(await agent.request(zoneId, "echo", { text: "hi" }, { requestId: "req_1" })).toEqual(
    outcome,
  );
  await expect(
    agent.request(zoneId, "echo", { text: "other" }, { requestId: "req_1" }),
  ).rejects.toMatchObject({ code: "invalid_params", reason: "REQUEST_ID_CONFLICT" });
  await expect(agent.request(zoneId, "nothing")).rejects.toMatchObject({
    code: "action_not_found",
  });
});

test("what cannot travel is refused here, before it counts as malformed there", async () => {
  const steward = await boot();
  const zoneId = await steward.createZone();
  const agent = await connect(steward.wireUrl);
  await agent.join(zoneId);
  const deep = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], "x");
  for (const content of [Number.NaN, 2 ** 60, "\u202e", deep, 1n, "\ud800"]) {
    await expect(agent.send(zoneId, content as never)).rejects.toMatchObject({
      code: "invalid_input",
    });
  }
  await expect(agent.send(zoneId, "x".repeat(4_200_000))).rejects.toMatchObject({ code: 2002 });
  await expect(agent.request(zoneId, "echo", [] as never)).rejects.toMatchObject({
    code: "invalid_input",
  });
  await agent.send(zoneId, "still here");
});

test("an unpaced agent that is refused waits as asked and every message arrives once", async () => {
  const unknown = {
    messages_per_second: 5,
    messages_per_minute: 1000,
    bytes_per_minute: 1_000_000,
  };
  const steward = await boot({ limits: { unknown, violations: 1000 } });
  const zoneId = await steward.createZone();
  const [sender, receiver] = [await connect(steward.wireUrl), await connect(steward.wireUrl)];
  await sender.join(zoneId);
  await receiver.join(zoneId);
  const heard = listen(receiver);
  const sent = await Promise.all(Array.from({ length: 8 }, (_, n) => sender.send(zoneId, n)));
  await heard.until((seen) => seen.length === 8);
  expect(heard.contents().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(new Set(sent.map(({ seq }) => seq)).size).toBe(8);
});

test("a paced agent under the default limits is never refused", async () => {
  // One refusal would be a ban here, and every later message refused.
  const steward = await boot({ limits: { violations: 1 } });
  const zoneId = await steward.createZone();
  const agent = await connect(steward.wireUrl, { pacing: undefined } as never);
  await agent.join(zoneId);
  const sent = await Promise.all(Array.from({ length: 10 }, (_, n) => agent.send(zoneId, n)));
  // Paced sending keeps the order of the calls.
  const seqs = sent.map(({ seq }) => seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
});

test("afterSeq replays the log before live deliveries, in one sequence", async () => {
  const steward = await boot();
  const zoneId = await steward.createZone();
  const writer = await connect(steward.wireUrl);
  const { seq } = await writer.join(zoneId);
  const texts = Array.from({ length: 1200 }, (_, n) => `before ${n}`);
  await Promise.all(texts.slice(0, 600).map((text) => writer.send(zoneId, text)));
  await Promise.all(texts.slice(600).map((text) => writer.send(zoneId, text)));
  const reader = await connect(steward.wireUrl);
  const heard = listen(reader);
  const joining = reader.join(zoneId, { afterSeq: seq });
  await Promise.all([joining, writer.send(zoneId, "live")]);
  await heard.until(() => heard.contents().at(-1) === "live" && heard.seen.length === 1202);
  expect(heard.seqs()).toEqual(Array.from({ length: 1202 }, (_, n) => seq + 1 + n));
  expect(heard.contents()).toEqual([...texts, "live"]);
});

test("zones of this node that this agent did not join are not handed on", async () => {
  const steward = await boot();
  const [first, second] = [await steward.createZone(), await steward.createZone({ name: "two" })];
  const key = new Uint8Array(32).fill(250);
  const earlier = await connect(steward.wireUrl, { key });
  await earlier.join(first);
  await earlier.join(second);
  await earlier.close();
  const writer = await connect(steward.wireUrl);
  await writer.join(first);
  await writer.join(second);
  const agent = await connect(steward.wireUrl, { key });
  const heard = listen(agent);
  await agent.join(second);
  await writer.send(first, "to nobody");
  await writer.send(second, "to you");
  await heard.until((seen) => seen.length === 1);
  expect(heard.contents()).toEqual(["to you"]);
});

/** A steward that can be stopped and started again at the same address with the same data. */
async function bootDurable() {
  const dataDir = mkdtempSync(join(tmpdir(), "agent-test-"));
  let steward = await startSteward({ dataDir });
  const port = Number(new URL(steward.httpUrl).port);
  onTestFinished(async () => {
    await steward[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    first: steward,
    wireUrl: steward.wireUrl,
    stop: () => steward[Symbol.asyncDispose](),
    start: async () => {
      steward = await startSteward({ dataDir, config: { http: { port } } });
    },
  };
}

const FAST = { initialDelayMs: 10, maxDelayMs: 50 };

test("after a restart of the steward the agent resumes: no gap, no duplicate, own messages not back", async () => {
  const steward = await bootDurable();
  const zoneId = await steward.first.createZone();
  const ada = await connect(steward.wireUrl, { reconnect: { initialDelayMs: 400 } });
  const ben = await connect(steward.wireUrl, { reconnect: FAST });
  const heard = listen(ada);
  const { seq } = await ada.join(zoneId);
  await ben.join(zoneId);
  await ben.send(zoneId, "before");
  await heard.until(() => heard.contents().includes("before"));
  const events: string[] = [];
  ada.on("disconnect", ({ willReconnect }) => events.push(`disconnect ${willReconnect}`));
  ada.on("reconnect", () => events.push("reconnect"));
  await steward.stop();
  const waiting = ada.send(zoneId, "sent while down");
  await steward.start();
  // Ben is back first, and Ada misses what he says meanwhile.
  for (const text of ["missed 1", "missed 2", "missed 3"]) await ben.send(zoneId, text);
  expect(events).toEqual(["disconnect true"]);
  const own = await waiting;
  // Nothing is said any more: only the resume can bring these.
  await heard.until(() => heard.contents().includes("missed 3"));
  await ben.send(zoneId, "after");
  await heard.until(() => heard.contents().includes("after"));
  expect(events).toEqual(["disconnect true", "reconnect"]);
  expect(heard.contents()).toEqual(["before", "missed 1", "missed 2", "missed 3", "after"]);
  const last = heard.seqs().at(-1) ?? 0;
  const all = Array.from({ length: last - seq }, (_, n) => seq + 1 + n);
  expect(heard.seqs()).toEqual(all.filter((position) => position !== own.seq));
});

test("five agents that talk through five restarts all hear the same log, each position once", async () => {
  const steward = await bootDurable();
  const zoneId = await steward.first.createZone();
  const agents = await Promise.all(
    Array.from({ length: 5 }, () => connect(steward.wireUrl, { reconnect: FAST })),
  );
  const heard = agents.map(listen);
  for (const agent of agents) await agent.join(zoneId);
  const heads = await Promise.all(agents.map((agent) => agent.history(zoneId)));
  const from = Math.max(...heads.map((head) => head.head_seq));
  let talking = true;
  const sent = agents.map(async (agent, who) => {
    const seqs: number[] = [];
    for (let n = 0; talking; n++) seqs.push((await agent.send(zoneId, { who, n })).seq);
    return seqs;
  });
  for (let restart = 0; restart < 5; restart++) {
    const seen = heard[restart]?.seen.length ?? 0;
    await heard[restart]?.until((now) => now.length > seen + 20);
    await steward.stop();
    await steward.start();
  }
  talking = false;
  const own = await Promise.all(sent);
  const head = (await agents[0]?.history(zoneId))?.head_seq ?? 0;
  expect(own.flat().sort((a, b) => a - b)).toEqual(
    Array.from({ length: head - from }, (_, n) => from + 1 + n),
  );
  for (const [who, { seqs, until }] of heard.entries()) {
    const mine = new Set(own[who]);
    const expected = own
      .flat()
      .filter((seq) => !mine.has(seq))
      .sort((a, b) => a - b);
    await until(() => seqs().filter((seq) => seq > from).length >= expected.length);
    expect(seqs().filter((seq) => seq > from)).toEqual(expected);
  }
});

test("without reconnect the agent ends with its connection, and says so once", async () => {
  const steward = await boot();
  const agent = await connect(steward.wireUrl, { reconnect: false });
  const closed = new Promise((resolve) => agent.on("close", resolve));
  await steward[Symbol.asyncDispose]();
  expect(await closed).toMatchObject({
    error: { code: "connection_failed", reason: "SERVER_SHUTDOWN" },
  });
  await expect(agent.discover()).rejects.toMatchObject({ code: "connection_failed" });
});

test("close ends calls that wait, and the close event has no error", async () => {
  const steward = await bootDurable();
  const agent = await connect(steward.wireUrl);
  const closed = new Promise((resolve) => agent.on("close", resolve));
  const lost = new Promise((resolve) => agent.on("disconnect", resolve));
  await steward.stop();
  await lost;
  const waiting = agent.discover();
  await agent.close();
  await expect(waiting).rejects.toMatchObject({ code: "closed" });
  expect(await closed).toEqual({ error: undefined });
  await steward.start();
});

test("a call gives up at its timeout or its caller's signal", async () => {
  const steward = await bootDurable();
  const agent = await connect(steward.wireUrl);
  const lost = new Promise((resolve) => agent.on("disconnect", resolve));
  await steward.stop();
  await lost;
  await expect(agent.discover({}, { timeoutMs: 20 })).rejects.toMatchObject({
    code: "timeout",
    recovery: "reconcile",
  });
  const abort = new AbortController();
  const waiting = agent.discover({}, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toMatchObject({ code: "aborted", cause: { message: "enough" } });
  await steward.start();
});

test("a steward that is not there is connection_failed at once", async () => {
  const steward = await boot();
  const url = steward.wireUrl;
  await steward[Symbol.asyncDispose]();
  await expect(connect(url)).rejects.toMatchObject({ code: "connection_failed" });
});
