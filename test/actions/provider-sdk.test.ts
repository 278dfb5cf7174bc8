import { expect, onTestFinished, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import { createTestKey } from "../client/keys.ts";
import { startProviderRig } from "./provider-rig.ts";

test("an agent of the SDK fulfils another agent's requests, also after it reconnected", async () => {
  await using rig = await startProviderRig({ timeout_ms: 5000 });
  const connect = async (number: number, name: string) => {
    const key = createTestKey(number);
    const agent = await Agent.connect(rig.steward.wireUrl, {
      key: key.seed,
      name,
      allowInsecure: true,
      pacing: false,
      reconnect: { initialDelayMs: 5 },
    });
    onTestFinished(() => agent.close());
    await agent.join(rig.zoneId);
    return { agent, nodeId: key.nodeId };
  };
  const provider = await connect(41, "provider");
  const { agent } = await connect(42, "requester");
  const handlers = {
    work: (params: unknown) => {
      if ((params as { fail?: boolean }).fail) throw new Error("no luck");
      return { got: params as { n: number } };
    },
  };
  await expect(provider.agent.provide(rig.zoneId, handlers)).rejects.toMatchObject({ code: 2003 });
  await rig.approve(provider.nodeId);
  await provider.agent.provide(rig.zoneId, handlers);
  expect((await agent.request(rig.zoneId, "work", { n: 1 })).result).toEqual({ got: { n: 1 } });
  await expect(agent.request(rig.zoneId, "work", { fail: true })).rejects.toMatchObject({
    code: "internal",
    reason: "HANDLER_FAILED",
    message: "no luck",
  });
  const offered = new Promise((resolve) => provider.agent.on("reconnect", resolve));
  const path = "/v1/sessions";
  const { body } = await rig.steward.api("GET", path);
  const session = body.sessions.find(
    (each: { node_id: string }) => each.node_id === provider.nodeId,
  );
  await rig.steward.api("DELETE", `${path}/${session.id}`);
  await offered;
  await expect
    .poll(() => agent.request(rig.zoneId, "work", { n: 2 }).then((done) => done.result, String))
    .toEqual({ got: { n: 2 } });
});
