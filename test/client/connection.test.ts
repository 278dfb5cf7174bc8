import { expect, onTestFinished, test } from "vitest";
import { Agent, type AgentError, type AgentOptions } from "../../src/client/agent.ts";
import { createTestKey } from "./keys.ts";
import { type Script, startScriptedSteward } from "./scripted-steward.ts";
import { createZoneEnvelope, ZONE_ID } from "./zone-fixture.ts";

const FAST = { initialDelayMs: 5, maxDelayMs: 20 };
const agentKey = createTestKey(5);

async function connect(wireUrl: string, options: Partial<AgentOptions> = {}): Promise<Agent> {
  const base = { key: agentKey.seed, name: "tester", pacing: false, reconnect: FAST } as const;
  const agent = await Agent.connect(wireUrl, { ...base, ...options });
  onTestFinished(() => agent.close());
  return agent;
}

const handshakes: [string, Script, Partial<AgentOptions>, number | string][] = [
  ["proves nothing", { proof: "none" }, {}, "identity_unproven"],
  ["proves with another key", { proof: "wrong" }, {}, "identity_mismatch"],
  [
    "proves with another key where plain is allowed",
    { proof: "wrong" },
    { allowPlainVerify: true },
    "identity_mismatch",
  ],
  ["takes only the plain form", { bound: false }, {}, "identity_unproven"],
  [
    "is pinned and proves nothing",
    { proof: "none", bound: false },
    { allowPlainVerify: true, expectNodeId: createTestKey(2).nodeId },
    "identity_unproven",
  ],
  ["is not the pinned one", {}, { expectNodeId: createTestKey(3).nodeId }, "identity_mismatch"],
  ["has another's node id", { helloAck: { node_id: createTestKey(3).nodeId } }, {}, 1004],
  ["has a small-order key", { helloAck: { public_key: new Uint8Array(32) } }, {}, 1004],
  ["speaks another version", { helloAck: { protocol_v: 2 } }, {}, 1001],
  [
    "challenges with 31 bytes",
    { helloAck: { challenge: new Uint8Array(31) } },
    {},
    "protocol_error",
  ],
  ["answers nonsense", { helloAck: { name: 7 } }, {}, "protocol_error"],
];

test.each(handshakes)(
  "nothing is signed for a responder that %s",
  async (_name, script, options, code) => {
    const steward = await startScriptedSteward(script);
    await expect(connect(steward.wireUrl, options)).rejects.toMatchObject({
      name: "AgentError",
      code,
    });
    expect(steward.frames).toEqual(["hello"]);
  },
);

test("a plain responder is accepted only where that is allowed", async () => {
  const steward = await startScriptedSteward({ proof: "none", bound: false });
  const agent = await connect(steward.wireUrl, { allowPlainVerify: true });
  expect(agent.steward).toMatchObject({ bound: false, proven: false });
});

test("a rejection carries the code and the wait of the ErrorMessage that follows it", async () => {
  const steward = await startScriptedSteward({
    onVerify: (socket) => {
      socket.send("verify_ack", { status: "rejected", reason: "banned" });
      socket.send("error", {
        code: 4001,
        message: "Banned.",
        reason: "BANNED",
        retry_after_ms: 5000,
      });
    },
  });
  await expect(connect(steward.wireUrl)).rejects.toMatchObject({
    code: 4001,
    reason: "BANNED",
    retryAfterMs: 5000,
    recovery: "retry",
  });
});

test("a rejection without ErrorMessage is 1002 with its reason", async () => {
  const steward = await startScriptedSteward({
    onVerify: (socket) => {
      socket.send("verify_ack", { status: "rejected", reason: "no" });
      socket.drop();
    },
  });
  await expect(connect(steward.wireUrl)).rejects.toMatchObject({ code: 1002 });
});

test("a handshake that does not finish is 1003", async () => {
  const steward = await startScriptedSteward({ onVerify: () => {} });
  await expect(connect(steward.wireUrl, { connectTimeoutMs: 50 })).rejects.toMatchObject({
    code: 1003,
  });
});

test("connecting can be aborted", async () => {
  const abort = new AbortController();
  const steward = await startScriptedSteward({ onVerify: () => abort.abort() });
  await expect(connect(steward.wireUrl, { signal: abort.signal })).rejects.toMatchObject({
    code: "aborted",
  });
});

test("another node at the same address after a break ends the agent", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket) => {
      steward.script = { key: createTestKey(4) };
      socket.drop();
    },
  });
  const agent = await connect(steward.wireUrl);
  const closed = new Promise<{ error: AgentError | undefined }>((resolve) =>
    agent.on("close", resolve),
  );
  await expect(agent.discover()).rejects.toMatchObject({ code: "identity_mismatch" });
  expect((await closed).error).toMatchObject({ code: "identity_mismatch" });
});

test("an unanswered message is sent again under a new message id and the same zone message id", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      if (socket.index === 0) {
        socket.send("message_ack", { msg_id: message.id, status: "received" });
        socket.drop();
      } else
        socket.reply(message, { type: "zone.sent", zone_id: body.zone_id, id: body.id, seq: 7 });
    },
  });
  const agent = await connect(steward.wireUrl);
  const sent = await agent.send(ZONE_ID, "once");
  const [first, second, ...more] = steward.messages;
  expect(more).toEqual([]);
  expect(second?.id).not.toBe(first?.id);
  expect(second?.body).toEqual(first?.body);
  expect(sent).toEqual({ id: steward.bodies[0]?.id, seq: 7 });
});

test("unanswered messages are sent again in their order", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      if (socket.index === 0) {
        if (steward.bodies.length === 3) socket.drop();
      } else
        socket.reply(message, { type: "zone.sent", zone_id: body.zone_id, id: body.id, seq: 1 });
    },
  });
  const agent = await connect(steward.wireUrl);
  await Promise.all([1, 2, 3].map((n) => agent.send(ZONE_ID, n)));
  expect(steward.bodies.map((body) => body.content)).toEqual([1, 2, 3, 1, 2, 3]);
});

test("a leave whose answer was lost has succeeded when it is answered not_member", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket, _body, message) => {
      if (socket.index === 0) socket.drop();
      else socket.reply(message, { type: "zone.error", code: "not_member", message: "No." });
    },
  });
  const agent = await connect(steward.wireUrl);
  await agent.leave(ZONE_ID);
  await expect(agent.leave(ZONE_ID)).rejects.toMatchObject({ code: "not_member" });
});

test("a refusal is repeated after the wait it asks for, a bounded number of times", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket, _body, message) =>
      socket.send("error", {
        code: 4001,
        message: "Slow.",
        ref_msg_id: message.id,
        retry_after_ms: 1,
      }),
  });
  const agent = await connect(steward.wireUrl);
  await expect(agent.discover()).rejects.toMatchObject({ code: 4001, retryAfterMs: 1 });
  expect(steward.bodies).toHaveLength(4);
});

test("a wait longer than the call has left is not waited for", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket, _body, message) =>
      socket.reply(message, {
        type: "zone.error",
        code: "rate_limited",
        message: "Slow.",
        retry_after_ms: 60_000,
      }),
  });
  const agent = await connect(steward.wireUrl);
  await expect(agent.discover()).rejects.toMatchObject({
    code: "rate_limited",
    retryAfterMs: 60_000,
  });
  expect(steward.bodies).toHaveLength(1);
});

test("a steward's Ping is answered with its ts, and its silence ends the connection", async () => {
  const steward = await startScriptedSteward({
    onVerify: (socket) => {
      socket.send("verify_ack", { status: "ok" });
      socket.send("ping", { ts: 1234 });
    },
    onPing: (socket) => {
      if (socket.index > 0) socket.send("pong", { ts: 1, echo: 1 });
    },
  });
  const agent = await connect(steward.wireUrl, { pingIntervalMs: 20 });
  const lost = await new Promise<{ error: AgentError }>((resolve) =>
    agent.on("disconnect", resolve),
  );
  expect(lost.error).toMatchObject({ code: "connection_failed", reason: "IDLE" });
  expect(steward.frames.filter((type) => type === "pong")).toHaveLength(1);
  await new Promise((resolve) => agent.on("reconnect", resolve));
});

test("a malformed frame is an error event, and the session goes on", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket, _body, message) => {
      socket.sendRaw(new Uint8Array([0xac, 0x01, 0x01, 0x10, 0, 0, 0, 1, 0xc1]));
      socket.send("error", { code: 5001, message: "Of nothing." });
      socket.push({ type: "zone.event", zone_id: 7 });
      socket.reply(message, { type: "zone.directory", zones: [] });
    },
  });
  const agent = await connect(steward.wireUrl);
  const errors: (number | string)[] = [];
  agent.on("error", (error) => errors.push(error.code));
  expect(await agent.discover()).toEqual({ zones: [], next_cursor: undefined });
  expect(errors).toEqual(["protocol_error", 5001, "protocol_error"]);
});

test("an answer of another type or shape is protocol_error", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket, _body, message) => socket.reply(message, { type: "zone.left" }),
  });
  const agent = await connect(steward.wireUrl);
  await expect(agent.discover()).rejects.toMatchObject({ code: "protocol_error" });
  await expect(agent.leave(ZONE_ID)).rejects.toMatchObject({ code: "protocol_error" });
});

test("a node that the signed steward_set does not name is never asked to join or run", async () => {
  const envelope = createZoneEnvelope(createTestKey(1), createTestKey(8));
  const steward = await startScriptedSteward({
    onMessage: (socket, _body, message) =>
      socket.reply(message, { type: "zone.manifest", envelope, members: 0, state: "active" }),
  });
  const agent = await connect(steward.wireUrl);
  await expect(agent.join(ZONE_ID)).rejects.toMatchObject({ code: "not_steward" });
  await expect(agent.request(ZONE_ID, "echo")).rejects.toMatchObject({ code: "not_steward" });
  expect(new Set(steward.bodies.map((body) => body.type))).toEqual(new Set(["zone.inspect"]));
});

test("a session that was replaced does not come back to replace the other", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket) => socket.send("disconnect", { reason: "replaced" }),
  });
  const agent = await connect(steward.wireUrl);
  const lost = new Promise((resolve) => agent.on("disconnect", resolve));
  await expect(agent.discover()).rejects.toMatchObject({ reason: "REPLACED" });
  expect(await lost).toMatchObject({ willReconnect: false });
});

test("attempts to reconnect are bounded where the user says so", async () => {
  const steward = await startScriptedSteward({
    onMessage: (socket) => {
      steward.script = { onVerify: (later) => later.drop() };
      socket.drop();
    },
  });
  const agent = await connect(steward.wireUrl, { reconnect: { ...FAST, attemptsMax: 2 } });
  await expect(agent.discover()).rejects.toMatchObject({ code: "connection_failed" });
  expect(steward.frames.filter((type) => type === "hello")).toHaveLength(3);
});

test("a history that never brings what its head promises is reported, not looped on", async () => {
  const envelope = createZoneEnvelope(createTestKey(1), createTestKey(2));
  const steward = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      if (body.type === "zone.inspect") {
        socket.reply(message, { type: "zone.manifest", envelope, members: 0, state: "active" });
      } else if (body.type === "zone.join") {
        const joined = {
          zone_id: ZONE_ID,
          name: "n",
          members: 1,
          epoch: 1,
          role: "member",
          seq: 3,
        };
        socket.reply(message, { type: "zone.joined", ...joined, envelope });
        socket.push({
          type: "zone.event",
          zone_id: ZONE_ID,
          seq: 9,
          event: "left",
          node_id: "x",
          timestamp: 1,
        });
      } else
        socket.reply(message, { type: "zone.page", zone_id: ZONE_ID, entries: [], head_seq: 9 });
    },
  });
  const agent = await connect(steward.wireUrl);
  const reported = new Promise<AgentError>((resolve) => agent.on("error", resolve));
  await agent.join(ZONE_ID);
  expect(await reported).toMatchObject({ code: "protocol_error", details: { zone_id: ZONE_ID } });
  expect(steward.bodies.filter((body) => body.type === "zone.history")).toHaveLength(1);
});

test("a steward's Ping in nanoseconds is echoed exactly", async () => {
  const ts = 1_790_000_000_123_456_789n;
  const echoed = Promise.withResolvers<number | bigint>();
  const steward = await startScriptedSteward({
    onVerify: (socket) => {
      socket.send("verify_ack", { status: "ok" });
      socket.send("ping", { ts });
    },
    onPong: echoed.resolve,
  });
  await connect(steward.wireUrl);
  expect(await echoed.promise).toBe(ts);
});

test("Pongs whose ts is in nanoseconds keep a session alive", async () => {
  let pings = 0;
  const many = Promise.withResolvers<void>();
  const steward = await startScriptedSteward({
    onPing: (socket, echo) => {
      socket.send("pong", { ts: 2n ** 64n - 1n, echo });
      if (++pings === 5) many.resolve();
    },
  });
  const agent = await connect(steward.wireUrl, { pingIntervalMs: 20 });
  const problems: unknown[] = [];
  agent.on("error", (error) => problems.push(error));
  await many.promise;
  expect(problems).toEqual([]);
});
