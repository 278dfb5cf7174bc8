import { expect, onTestFinished, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import { createTestKey } from "./keys.ts";
import { type AnyBody, type ScriptedSocket, startScriptedSteward } from "./scripted-steward.ts";
import { ZONE_ID } from "./zone-fixture.ts";

const invoke = (id: string, action: string, params: AnyBody = {}) => ({
  type: "zone.invoke",
  invoke_id: id,
  action,
  params,
  requester: createTestKey(9).nodeId,
});

async function start(afterProvide: (socket: ScriptedSocket) => void) {
  const results: AnyBody[] = [];
  let wake = () => {};
  const peer = await startScriptedSteward({
    onMessage: (socket, body, message) => {
      if (body.type === "zone.provide") {
        socket.reply(message, { type: "zone.providing" });
        afterProvide(socket);
      } else if (body.type === "zone.result") {
        socket.send("message_ack", { msg_id: message.id, status: "received" });
        results.push(body);
        wake();
      }
    },
  });
  const agent = await Agent.connect(peer.wireUrl, {
    key: createTestKey(5).seed,
    name: "provider",
    pacing: false,
    reconnect: { initialDelayMs: 5 },
  });
  onTestFinished(() => agent.close());
  const until = async (count: number) => {
    while (results.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return results;
  };
  return { agent, peer, until };
}

test("invocations run their handler and send its result, or its failure without secrets", async () => {
  const { agent, until } = await start((socket) => {
    socket.push(invoke("inv_1", "double", { n: 4 }));
    socket.push(invoke("inv_2", "break"));
    socket.push(invoke("inv_3", "unknown"));
    socket.push(invoke("inv_4", "unsendable"));
    socket.push(invoke("inv_5", "double", { n: 1 }), createTestKey(66).nodeId);
  });
  const seen: unknown[] = [];
  await agent.provide(ZONE_ID, {
    double: async (params, invocation) => {
      seen.push(invocation);
      return { n: Number(params.n) * 2 };
    },
    break: () => {
      throw new Error("no luck at https://inner.example/secret in /etc/shadow");
    },
    unsendable: () => Number.NaN,
  });
  const results = await until(4);
  const byId = new Map(results.map((result) => [result.invoke_id, result]));
  expect(byId.get("inv_1")).toMatchObject({ result: { n: 8 } });
  expect(byId.get("inv_2")?.error.message).toBe("no luck at [url] in [path]");
  expect(byId.get("inv_3")?.error.message).toMatch(/does not offer/);
  expect(byId.get("inv_4")?.error.message).toMatch(/./);
  expect(seen).toEqual([
    { invokeId: "inv_1", action: "double", requester: createTestKey(9).nodeId },
  ]);
});

test("actions are offered again after a reconnect, and a repeated invocation runs once", async () => {
  let runs = 0;
  const { agent, peer, until } = await start((socket) => {
    socket.push(invoke("inv_1", "count"));
  });
  await agent.provide(ZONE_ID, { count: () => ++runs });
  await until(1);
  const back = new Promise((resolve) => agent.on("reconnect", resolve));
  for (const socket of peer.sockets) socket.drop();
  await back;
  const results = await until(2);
  expect(new Set(results.map((result) => result.result))).toEqual(new Set([1]));
  expect(runs).toBe(1);
  expect(peer.bodies.filter((body) => body.type === "zone.provide")).toHaveLength(2);
});
