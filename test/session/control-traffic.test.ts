import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
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

test("acknowledgements are free as far as something was sent; others beyond the free frames count", async () => {
  const unknown = { ...WIDE_LIMITS.unknown, messages_per_second: 20, messages_per_minute: 100 };
  await using steward = await startSteward({
    config: {
      limits: { ...WIDE_LIMITS, unknown },
      wire: { free_frames_burst: 5, free_frames_per_second: 1 },
    },
  });
  const zone_id = await steward.createZone();
  await using reader = await WireClient.connect(steward.wireUrl);
  await using writer = await WireClient.connect(steward.wireUrl);
  for (const client of [reader, writer]) await client.ask({ type: "zone.join", zone_id });
  for (let i = 0; i < 15; i++) {
    writer.sendBody({ type: "zone.message", zone_id, id: createId("zmsg"), content: i });
  }
  const ack = () => reader.send("message_ack", { msg_id: "m", status: "received" });
  for (let i = 0; i < 15; i++) {
    await reader.nextBody("zone.message");
    ack();
  }
  expect((await reader.ask({ type: "zone.discover" })).type).toBe("zone.directory");
  expect(reader.received.filter(({ type }) => type === "error")).toEqual([]);
  for (let i = 0; i < 60; i++) ack();
  expect((await reader.next("error")).fields).toMatchObject({ code: 4001 });
});

test("pings beyond free_pings_burst and free_pings_per_second count as messages", async () => {
  const unknown = { ...WIDE_LIMITS.unknown, messages_per_minute: 3 };
  await using steward = await startSteward({
    config: {
      limits: { ...WIDE_LIMITS, unknown },
      wire: { free_pings_burst: 2, free_pings_per_second: 1 },
    },
  });
  await using client = await WireClient.connect(steward.wireUrl);
  for (let i = 0; i < 5; i++) client.send("ping", { ts: i });
  for (let i = 0; i < 5; i++) expect((await client.next("pong")).fields.echo).toBe(i);
  for (let i = 0; i < 3; i++) client.send("ping", { ts: i });
  expect((await client.next("error")).fields).toMatchObject({ code: 4001 });
});

test("a frame longer than free_frame_bytes_max counts as a message", async () => {
  const unknown = { ...WIDE_LIMITS.unknown, messages_per_minute: 1 };
  await using steward = await startSteward({
    config: { limits: { ...WIDE_LIMITS, unknown }, wire: { free_frame_bytes_max: 64 } },
  });
  await using client = await WireClient.connect(steward.wireUrl);
  for (let i = 0; i < 2; i++) client.send("pong", { ts: 1, echo: 1, pad: "x".repeat(64) });
  expect((await client.next("error")).fields).toMatchObject({ code: 4001 });
});
