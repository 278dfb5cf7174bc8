import { createPublicKey, verify } from "node:crypto";
import { expect, test } from "vitest";
import { Agent, type AgentError } from "../../../src/client/agent.ts";
import { toMessageContent } from "../../../src/protocol/signed-content.ts";
import type { AtlasMessage } from "../../../src/wire/messages.ts";
import { createTestKey } from "../keys.ts";
import { createZoneEnvelope, ZONE_ID } from "../zone-fixture.ts";
import {
  agentKey,
  bodiesOf,
  connect,
  createLog,
  creatorKey,
  listen,
  messagesOf,
  refuse,
  signSet,
  startStewards,
  type ZoneSteward,
} from "./stewards.ts";

/** Ends a steward's sessions, and any that is tried later. */
function kill({ peer, key }: ZoneSteward): void {
  peer.script = { key, onVerify: (socket) => socket.drop() };
  for (const socket of peer.sockets) socket.drop();
}

function isSigned(message: AtlasMessage | undefined): boolean {
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), agentKey.publicKey]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  if (message?.sig === undefined) return false;
  return verify(null, toMessageContent(message), publicKey, Buffer.from(message.sig, "hex"));
}

test("an agent whose steward is lost goes on at another that its zones name, from where it was", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  const heard = listen(agent);
  b.log = createLog(["created", "one", "two", "three"]);
  const moved = new Promise<{ steward: { nodeId: string } }>((resolve) =>
    agent.on("reconnect", resolve),
  );
  kill(a);
  expect((await moved).steward.nodeId).toBe(b.key.nodeId);
  await heard.until("4:three");
  expect(heard.told).toEqual(["4:three"]);
  expect(bodiesOf(b, "zone.history")[0]).toMatchObject({ after_seq: 3, min_seq: 3 });
});

test("an open call goes on elsewhere under a new message id with the same zmsg id, signed", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  a.answers["zone.message"] = () => kill(a);
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  const { id } = await agent.send(ZONE_ID, "hello");
  const [first] = messagesOf(a, "zone.message");
  const [second, ...more] = messagesOf(b, "zone.message");
  expect(more).toEqual([]);
  expect(second?.body).toEqual(first?.body);
  expect(second?.body).toMatchObject({ id });
  expect(second?.id).not.toBe(first?.id);
  expect([first?.sig, isSigned(second), second?.to]).toEqual([undefined, true, b.key.nodeId]);
});

test("two answers that say not here move the agent, which keeps its session until another stands", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  a.answers["zone.message"] = refuse("steward_unavailable", {
    reason: "NO_LEASE",
    retry_after_ms: 1,
  });
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  const lost: (string | undefined)[] = [];
  agent.on("disconnect", ({ error }) => lost.push(error.reason));
  await agent.send(ZONE_ID, "hello");
  expect(agent.steward.nodeId).toBe(b.key.nodeId);
  expect(bodiesOf(a, "zone.message").length).toBeGreaterThanOrEqual(2);
  expect(lost).toEqual(["MOVED"]);
});

test("where no other steward answers, the agent stays and asks again until its time is over", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  kill(b);
  a.answers["zone.message"] = refuse("steward_unavailable", {
    reason: "NO_PRIMARY",
    retry_after_ms: 20,
  });
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  const refused = await agent.send(ZONE_ID, "hello", { timeoutMs: 300 }).catch((error) => error);
  // The last copy may be under way when the time is over.
  expect(["steward_unavailable", "timeout"]).toContain(refused.code);
  expect(agent.steward.nodeId).toBe(a.key.nodeId);
  expect(bodiesOf(a, "zone.message").length).toBeGreaterThan(4);
  delete a.answers["zone.message"];
  await agent.send(ZONE_ID, "hello again");
});

test("the primary is tried before the other replicas, and the present one before it", async () => {
  const [a, b, c] = (await startStewards(3)) as [ZoneSteward, ZoneSteward, ZoneSteward];
  const agent = await connect(b);
  await agent.join(ZONE_ID);
  for (const socket of b.peer.sockets) socket.drop();
  await new Promise((resolve) => agent.on("reconnect", resolve));
  expect(agent.steward.nodeId).toBe(b.key.nodeId);
  kill(b);
  await new Promise((resolve) => agent.on("reconnect", resolve));
  expect(agent.steward.nodeId).toBe(a.key.nodeId);
  expect(c.peer.sockets).toEqual([]);
});

test("an agent moves only among stewards that all its zones name, and only where each proves its id", async () => {
  const [a, b, c] = (await startStewards(3)) as [ZoneSteward, ZoneSteward, ZoneSteward];
  // Another node answers where b is said to be.
  b.peer.script = { ...b.peer.script, key: createTestKey(90) };
  const envelope = signSet([a, b], 0, 1);
  for (const steward of [a, b, c]) steward.envelope = envelope;
  const agent = await connect(a, { reconnect: { initialDelayMs: 5, attemptsMax: 3 } });
  await agent.join(ZONE_ID);
  const ended = new Promise<{ error: AgentError | undefined }>((resolve) =>
    agent.on("close", resolve),
  );
  kill(a);
  expect((await ended).error).toMatchObject({ code: "connection_failed" });
  expect(b.peer.sockets.length).toBeGreaterThan(0);
  expect(b.peer.bodies).toEqual([]);
  expect(c.peer.sockets).toEqual([]);
});

test("in a zone that is not replicated an agent waits for the steward it was given", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  const { manifest } = signSet([a, b], 0, 1);
  const set = (manifest.steward_set as Record<string, unknown>[]).map(
    ({ voter: _, ...ref }) => ref,
  );
  const envelope = createZoneEnvelope(creatorKey, a.key, {
    manifest: { steward_set: set as never },
  });
  for (const steward of [a, b]) steward.envelope = envelope;
  const agent = await connect(a, { reconnect: { initialDelayMs: 5, attemptsMax: 3 } });
  await agent.join(ZONE_ID);
  const ended = new Promise((resolve) => agent.on("close", resolve));
  kill(a);
  await ended;
  expect(b.peer.sockets).toEqual([]);
});

test("after a takeover open calls are signed to the new primary, once its epoch is known", async () => {
  const [a, b, c] = (await startStewards(3)) as [ZoneSteward, ZoneSteward, ZoneSteward];
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  const next = signSet([a, b, c], 2, 2, a.envelope);
  for (const steward of [b, c]) steward.envelope = next;
  // Both others answer as replicas of c, where c is not reachable for the agent.
  kill(c);
  a.answers["zone.request"] = () => kill(a);
  b.answers["zone.request"] = (socket, body, message) =>
    socket.reply(message, {
      type: "zone.response",
      request_id: body.request_id,
      zone_id: ZONE_ID,
      action: "echo",
      result: 1,
    });
  const outcome = await agent.request(ZONE_ID, "echo", {}, { requestId: "req_1" });
  expect(outcome.result).toBe(1);
  const [asked] = messagesOf(b, "zone.request");
  expect([asked?.to, isSigned(asked)]).toEqual([c.key.nodeId, true]);
});

test("an unsigned message that a deposed primary may not pass on is signed once the epoch is known", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  for (const steward of [a, b]) steward.envelope = signSet([a, b], 1, 2, steward.envelope);
  a.answers["zone.message"] = (socket, body, message) => {
    if (message.sig === undefined) {
      socket.send("error", {
        code: 2001,
        reason: "SIGNATURE_REQUIRED",
        message: "Sign it.",
        ref_msg_id: message.id,
      });
    } else socket.reply(message, { type: "zone.sent", zone_id: ZONE_ID, id: body.id, seq: 4 });
  };
  expect(await agent.send(ZONE_ID, "hello")).toMatchObject({ seq: 4 });
  expect(messagesOf(a, "zone.message").map(isSigned)).toEqual([false, true]);
});

test.each([
  ["internal", "REPLICATION_TIMEOUT"],
  ["steward_unavailable", "FORWARD_LOST"],
  ["stale_manifest", "DEPOSED"],
])(
  "%s %s is no failure: the same message is repeated until it is answered",
  async (code, reason) => {
    const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
    let asked = 0;
    a.answers["zone.message"] = (socket, body, message) => {
      if (asked++ === 0) {
        return refuse(code, { reason, recovery: "reconcile", retry_after_ms: 1 })(
          socket,
          body,
          message,
        );
      }
      socket.reply(message, { type: "zone.sent", zone_id: ZONE_ID, id: body.id, seq: 4 });
    };
    const agent = await connect(a);
    await agent.join(ZONE_ID);
    const { id } = await agent.send(ZONE_ID, "hello");
    expect(bodiesOf(a, "zone.message").map((body) => body.id)).toEqual([id, id]);
    for (const { answers } of [a, b]) {
      answers["zone.message"] = refuse(code, { reason, recovery: "reconcile", retry_after_ms: 50 });
    }
    await expect(agent.send(ZONE_ID, "again", { timeoutMs: 200 })).rejects.toMatchObject({
      reason,
      recovery: "reconcile",
    });
  },
);

test("stewards that only an error names are moved to once their zone's creator is seen to name them", async () => {
  const [a, b, c] = (await startStewards(3)) as [ZoneSteward, ZoneSteward, ZoneSteward];
  const named = signSet([a, b], 0, 1);
  a.envelope = named;
  const moved = signSet([b, c], 1, 2, named);
  for (const steward of [b, c]) steward.envelope = moved;
  kill(b);
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  const hint = (steward: ZoneSteward, entrypoint = steward.peer.wireUrl) => ({
    node_id: steward.key.nodeId,
    entrypoint,
    role: "replica",
  });
  // The first of them lies about who it is.
  const entrypoints = [hint(b, c.peer.wireUrl), hint(c)];
  a.answers["zone.message"] = refuse("not_steward", { retry_after_ms: 1, entrypoints });
  await agent.send(ZONE_ID, "hello");
  expect(agent.steward.nodeId).toBe(c.key.nodeId);
  expect(bodiesOf(c, "zone.message")).toHaveLength(1);
});

test("where every steward says not here the agent does not go round and round", async () => {
  const stewards = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  for (const { answers } of stewards) {
    answers["zone.message"] = refuse("steward_unavailable", {
      reason: "RECOVERING",
      retry_after_ms: 1,
    });
  }
  const agent = await connect(stewards[0], {
    reconnect: { initialDelayMs: 100, maxDelayMs: 10_000 },
  });
  await agent.join(ZONE_ID);
  let moves = 0;
  agent.on("reconnect", () => moves++);
  await expect(agent.send(ZONE_ID, "hello", { timeoutMs: 800 })).rejects.toThrow();
  // 0, 50–100, 150–300, 350–700 ms and the next beyond.
  expect(moves).toBeGreaterThan(1);
  expect(moves).toBeLessThanOrEqual(5);
});

test("of several URLs the first that answers is taken, and the first one's error told where none does", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  kill(a);
  const urls = [a.peer.wireUrl, b.peer.wireUrl];
  const agent = await Agent.connect(urls, { key: agentKey.seed, name: "many" });
  expect(agent.steward.nodeId).toBe(b.key.nodeId);
  await agent.close();
  kill(b);
  await expect(Agent.connect(urls, { key: agentKey.seed, name: "many" })).rejects.toMatchObject({
    code: "connection_failed",
  });
  await expect(Agent.connect([], { key: agentKey.seed, name: "many" })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("a replica that has not heard of the newest epoch does not take the agent back to an earlier one", async () => {
  const [a, b] = (await startStewards(2)) as [ZoneSteward, ZoneSteward];
  a.envelope = signSet([a, b], 0, 2, a.envelope);
  const agent = await connect(a);
  await agent.join(ZONE_ID);
  const errors: AgentError[] = [];
  agent.on("error", (error) => errors.push(error));
  kill(a);
  expect(await agent.send(ZONE_ID, "hello")).toMatchObject({ seq: 4 });
  expect(await agent.inspect(ZONE_ID)).toMatchObject({ epoch: 2 });
  expect(messagesOf(b, "zone.message").map(isSigned)).toEqual([true]);
  expect(errors).toEqual([]);
});
