import { expect, onTestFinished, test } from "vitest";
import { Agent, decodeFrame, type WireFrame } from "../../src/client/agent.ts";
import { startSteward } from "../support/steward.ts";
import { createTestKey } from "./keys.ts";

test("onFrame sees every frame of both directions, those of the handshake too, and can change none", async () => {
  await using steward = await startSteward({});
  const zoneId = await steward.createZone();
  const seen: (Pick<WireFrame, "direction" | "url"> & { type: string; body: unknown })[] = [];
  const agent = await Agent.connect(steward.wireUrl, {
    key: createTestKey(41).seed,
    name: "watched",
    onFrame: ({ direction, url, bytes }) => {
      const { type, fields } = decodeFrame(bytes);
      const body = fields.body as { type?: string } | undefined;
      seen.push({ direction, url, type, body: body?.type });
      bytes.fill(0);
    },
  });
  onTestFinished(() => agent.close());
  await agent.join(zoneId);
  await agent.send(zoneId, "hello");
  expect(new Set(seen.map(({ url }) => url))).toEqual(new Set([steward.wireUrl]));
  const lines = seen.map(({ direction, type, body }) => `${direction} ${body ?? type}`);
  expect(lines.slice(0, 4)).toEqual(["out hello", "in hello_ack", "out verify", "in verify_ack"]);
  expect(lines.slice(4)).toEqual(
    expect.arrayContaining([
      "out zone.join",
      "in zone.joined",
      "out zone.message",
      "in message_ack",
      "in zone.sent",
    ]),
  );
});

test("decodeFrame refuses what is no envelope with a typed error", () => {
  expect(() => decodeFrame(new Uint8Array(3))).toThrow(
    expect.objectContaining({ name: "AgentError", code: "protocol_error" }),
  );
});
