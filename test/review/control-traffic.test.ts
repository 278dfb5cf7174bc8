import { expect, test } from "vitest";
import { startSteward, WIDE_LIMITS } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

test("bulk in frames that are no messages counts against the node's limits", async () => {
  const unknown = { ...WIDE_LIMITS.unknown, bytes_per_minute: 1_000_000 };
  await using steward = await startSteward({ config: { limits: { ...WIDE_LIMITS, unknown } } });
  for (const [type, fields] of [
    ["error", { code: 1, message: "x" }],
    ["pong", { ts: 1, echo: 1 }],
    ["message_ack", { msg_id: "m", status: "received" }],
    ["ping", { ts: 1 }],
  ] as const) {
    await using client = await WireClient.connect(steward.wireUrl);
    for (let i = 0; i < 3; i++) client.send(type, { ...fields, pad: "x".repeat(600_000) });
    expect((await client.next("error")).fields).toMatchObject({ code: 4001 });
  }
});

test("small acknowledgements and pongs stay uncounted", async () => {
  const unknown = { messages_per_second: 5, messages_per_minute: 5, bytes_per_minute: 100_000 };
  await using steward = await startSteward({ config: { limits: { ...WIDE_LIMITS, unknown } } });
  await using client = await WireClient.connect(steward.wireUrl);
  for (let i = 0; i < 50; i++) {
    client.send("message_ack", { msg_id: "m", status: "received" });
    client.send("pong", { ts: 1, echo: 1 });
  }
  expect((await client.ask({ type: "zone.discover" })).type).toBe("zone.directory");
});
