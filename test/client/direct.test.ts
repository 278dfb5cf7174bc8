import { expect, onTestFinished, test } from "vitest";
import { Agent, type AgentError, type DirectMessage } from "../../src/client/agent.ts";
import { createId } from "../../src/protocol/ids.ts";
import { toMessageContent } from "../../src/protocol/signed-content.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { readValue } from "../support/steward-file.ts";
import { createTestKey } from "./keys.ts";
import { type ScriptedSteward, startScriptedSteward } from "./scripted-steward.ts";

const FAST = { initialDelayMs: 5, maxDelayMs: 20 };

async function connect(wireUrl: string, pattern: number): Promise<Agent> {
  const key = createTestKey(pattern).seed;
  const agent = await Agent.connect(wireUrl, { key, name: "t", pacing: false, reconnect: FAST });
  onTestFinished(() => agent.close());
  return agent;
}

/** Two agents that share a zone. */
async function bootPair(): Promise<{ steward: TestSteward; ada: Agent; ben: Agent }> {
  const steward = await startSteward();
  onTestFinished(() => steward[Symbol.asyncDispose]());
  const zoneId = await steward.createZone();
  const [ada, ben] = [await connect(steward.wireUrl, 11), await connect(steward.wireUrl, 12)];
  for (const agent of [ada, ben]) await agent.join(zoneId);
  return { steward, ada, ben };
}

/** Every direct message an agent is handed, and a way to wait for a number of them. */
function listen(agent: Agent) {
  const heard: DirectMessage[] = [];
  let wake = () => {};
  agent.on("direct", (message) => {
    heard.push(message);
    wake();
  });
  return {
    heard,
    until: async (count: number) => {
      while (heard.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

const countWaiting = (steward: TestSteward) =>
  readValue(steward.dataDir, "SELECT count(*) FROM direct_messages");

test("a direct message is signed by its sender and acknowledged once heard", async () => {
  const { steward, ada, ben } = await bootPair();
  const { heard, until } = listen(ben);
  const body = { type: "chat", text: "hi ben" };
  const sent = await ada.sendDirect(ben.nodeId, body, { topic: "greeting" });
  expect(sent.status).toBe("relayed");
  await until(1);
  expect(heard[0]).toMatchObject({
    id: sent.id,
    from: ada.nodeId,
    body,
    topic: "greeting",
    signed: true,
  });
  const answer = listen(ada);
  await ben.sendDirect(ada.nodeId, { type: "chat", text: "hi ada" }, { replyTo: sent.id });
  await answer.until(1);
  expect(answer.heard[0]).toMatchObject({ replyTo: sent.id, signed: true });
  await expect.poll(() => countWaiting(steward)).toBe(0);
});

test("what was sent meanwhile is held until somebody listens, and then comes in order", async () => {
  const { steward, ada, ben } = await bootPair();
  await ben.close();
  await expect.poll(() => steward.listOnline()).not.toContain(ben.nodeId);
  for (const n of [1, 2, 3]) {
    expect((await ada.sendDirect(ben.nodeId, { type: "n", n })).status).toBe("waiting");
  }
  const again = await connect(steward.wireUrl, 12);
  await again.discover();
  expect(countWaiting(steward)).toBe(3);
  const { heard, until } = listen(again);
  await until(3);
  expect(heard.map(({ body }) => body.n)).toEqual([1, 2, 3]);
  await expect.poll(() => countWaiting(steward)).toBe(0);
});

test("the same id sent again is taken once; without a shared zone it is 2003", async () => {
  const { steward, ada, ben } = await bootPair();
  const { heard, until } = listen(ben);
  const id = createId("msg");
  expect(await ada.sendDirect(ben.nodeId, { type: "x" }, { id })).toEqual({
    id,
    status: "relayed",
  });
  expect(await ada.sendDirect(ben.nodeId, { type: "x" }, { id })).toEqual({
    id,
    status: "received",
  });
  await ada.sendDirect(ben.nodeId, { type: "last" });
  await until(2);
  expect(heard.map(({ body }) => body.type)).toEqual(["x", "last"]);
  const stranger = await connect(steward.wireUrl, 13);
  await expect(stranger.sendDirect(ben.nodeId, { type: "x" })).rejects.toMatchObject({
    code: 2003,
  });
  for (const [nodeId, options] of [
    ["atlas_x", {}],
    [ben.nodeId, { id: "1" }],
  ] as const) {
    await expect(ada.sendDirect(nodeId, { type: "x" }, options)).rejects.toMatchObject({
      code: "invalid_input",
    });
  }
});

test("over a reconnect a direct message leaves again under the same id", async () => {
  const peer = await startScriptedSteward({
    onMessage: (socket, _body, message) => {
      if (socket.index === 0) socket.drop();
      else socket.send("message_ack", { msg_id: message.id, status: "waiting" });
    },
  });
  const agent = await connect(peer.wireUrl, 11);
  const sent = await agent.sendDirect(createTestKey(12).nodeId, { type: "x" });
  expect(sent.status).toBe("waiting");
  expect(peer.messages.map(({ id }) => id)).toEqual([sent.id, sent.id]);
});

/** Delivers a message of key 12 to the agent of key 11 as a steward would. */
function deliver(peer: ScriptedSteward, fields: Record<string, unknown>): void {
  const sender = createTestKey(12);
  peer.sockets.at(-1)?.send("message", {
    id: createId("msg"),
    from: sender.nodeId,
    to: createTestKey(11).nodeId,
    timestamp: 1_700_000_000,
    body: { type: "x" },
    ...fields,
  });
}

test("a message delivered again is acknowledged again and handed on once", async () => {
  const peer = await startScriptedSteward();
  const agent = await connect(peer.wireUrl, 11);
  const { heard, until } = listen(agent);
  const id = createId("msg");
  const acks = () => peer.frames.filter((type) => type === "message_ack").length;
  deliver(peer, { id });
  await until(1);
  await expect.poll(acks).toBe(1);
  const back = new Promise((resolve) => agent.on("reconnect", resolve));
  peer.sockets[0]?.drop();
  await back;
  deliver(peer, { id });
  deliver(peer, { body: { type: "next" } });
  await until(2);
  expect(heard.map(({ body, signed }) => [body.type, signed])).toEqual([
    ["x", false],
    ["next", false],
  ]);
  await expect.poll(acks).toBe(3);
});

test("a message with a false signature, or for another node, is not handed on", async () => {
  const peer = await startScriptedSteward();
  const agent = await connect(peer.wireUrl, 11);
  const { heard, until } = listen(agent);
  const problem = new Promise<AgentError>((resolve) => agent.on("error", resolve));
  const sender = createTestKey(12);
  const fields = {
    id: createId("msg"),
    from: sender.nodeId,
    to: agent.nodeId,
    timestamp: 1_700_000_000,
    body: { type: "signed" },
  };
  const public_key = sender.publicKeyHex;
  const sig = Buffer.from(sender.sign(toMessageContent(fields))).toString("hex");
  deliver(peer, { ...fields, public_key, sig, id: createId("msg") });
  expect(await problem).toMatchObject({ code: "protocol_error", reason: "SIGNATURE_INVALID" });
  deliver(peer, { to: sender.nodeId });
  deliver(peer, { ...fields, public_key, sig });
  await until(1);
  expect(heard).toEqual([
    {
      id: fields.id,
      from: sender.nodeId,
      timestamp: fields.timestamp,
      body: fields.body,
      signed: true,
    },
  ]);
});
