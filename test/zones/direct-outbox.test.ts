import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

const LARGE_CHARS = 3_500_000;

async function ackOf(client: WireClient, id: string): Promise<unknown> {
  const ack = await client.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
  return ack.fields.status;
}

test("large direct messages that wait do not keep their receiver from connecting", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  const bobKey = createAgentKey();
  const bob = await WireClient.connect(steward.wireUrl, { key: bobKey });
  await bob.ask({ type: "zone.join", zone_id });
  await bob[Symbol.asyncDispose]();
  await expect.poll(() => steward.listOnline()).not.toContain(bobKey.nodeId);
  const text = "x".repeat(LARGE_CHARS);
  const sent: string[] = [];
  for (let i = 0; i < 4; i++) {
    await using sender = await WireClient.connect(steward.wireUrl);
    await sender.ask({ type: "zone.join", zone_id });
    const id = sender.sendBody({ type: "x", text }, { to: bobKey.nodeId });
    expect(await ackOf(sender, id)).toBe("waiting");
    sent.push(id);
  }
  await using again = await WireClient.connect(steward.wireUrl, { key: bobKey });
  for (const id of sent) {
    const got = await again.take((e) => e.type === "message" && e.fields.id === id);
    again.send("message_ack", { msg_id: got.fields.id, status: "received" });
  }
  expect((await again.ask({ type: "zone.inspect", zone_id })).type).toBe("zone.manifest");
});
