import { expect, test } from "vitest";
import { startSteward, type TestSteward, WIDE_LIMITS } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

const startWith = (wire: Record<string, unknown>): Promise<TestSteward> =>
  startSteward({ config: { wire } });

async function expectRefused(client: WireClient): Promise<void> {
  expect((await client.next("error")).fields.code).toBe(4001);
  await client.waitClosed();
}

test("beyond max_connections a socket is refused with 4001; those that are there go on", async () => {
  await using steward = await startWith({ max_connections: 1 });
  await using first = await WireClient.connect(steward.wireUrl);
  await using second = await WireClient.open(steward.wireUrl);
  await expectRefused(second);
  expect((await first.ask({ type: "zone.discover" })).type).toBe("zone.directory");
});

test("beyond max_unauthenticated a socket is refused with 4001 until one has verified", async () => {
  await using steward = await startWith({ max_unauthenticated: 1 });
  await using first = await WireClient.open(steward.wireUrl);
  await using second = await WireClient.open(steward.wireUrl);
  await expectRefused(second);
  expect((await first.handshake()).status).toBe("ok");
  await using third = await WireClient.open(steward.wireUrl);
  expect((await third.handshake()).status).toBe("ok");
});

test("more than handshake_bytes_max before Verify is refused with 4001", async () => {
  await using steward = await startWith({ handshake_bytes_max: 2048 });
  await using client = await WireClient.open(steward.wireUrl);
  client.sendBytes(new Uint8Array(2100));
  await expectRefused(client);
});

test("more than handshake_frames_max before Verify are refused with 4001", async () => {
  await using steward = await startWith({ handshake_frames_max: 2, malformed_per_minute: 100 });
  await using client = await WireClient.open(steward.wireUrl);
  for (let i = 0; i < 3; i++) client.sendBytes(Uint8Array.of(1));
  for (let i = 0; i < 2; i++) expect((await client.next("error")).fields.code).toBe(2003);
  await expectRefused(client);
});

test("one session more than sessions_per_node ends the node's oldest with replaced", async () => {
  await using steward = await startWith({ sessions_per_node: 1 });
  const key = createAgentKey();
  await using first = await WireClient.connect(steward.wireUrl, { key });
  await using second = await WireClient.connect(steward.wireUrl, { key });
  expect((await first.next("disconnect")).fields.reason).toBe("replaced");
  expect((await second.ask({ type: "zone.discover" })).type).toBe("zone.directory");
});

test("the frame that makes malformed_per_minute is answered, and closes", async () => {
  await using steward = await startWith({ malformed_per_minute: 2 });
  await using client = await WireClient.connect(steward.wireUrl);
  client.sendBytes(Uint8Array.of(1));
  expect((await client.next("error")).fields.code).toBe(2003);
  expect((await client.ask({ type: "zone.discover" })).type).toBe("zone.directory");
  client.sendBytes(Uint8Array.of(1));
  expect((await client.next("error")).fields.code).toBe(2003);
  await client.waitClosed();
});

test.each([
  { limit: { messages_per_second: 1 }, pad: "" },
  { limit: { messages_per_minute: 1 }, pad: "" },
  { limit: { bytes_per_minute: 1500 }, pad: "x".repeat(1000) },
])("a message over $limit is refused with 4001 and not processed", async ({ limit, pad }) => {
  const limits = { ...WIDE_LIMITS, unknown: { ...WIDE_LIMITS.unknown, ...limit } };
  await using steward = await startSteward({ config: { limits } });
  await using client = await WireClient.connect(steward.wireUrl);
  expect((await client.ask({ type: "zone.discover", pad })).type).toBe("zone.directory");
  const refused = client.sendBody({ type: "zone.discover", pad });
  const { code, ref_msg_id, retry_after_ms } = (await client.next("error")).fields;
  expect({ code, ref_msg_id }).toEqual({ code: 4001, ref_msg_id: refused });
  expect(retry_after_ms).toBeGreaterThan(0);
});

test("as many refused messages as violations make a ban", async () => {
  const unknown = { ...WIDE_LIMITS.unknown, messages_per_minute: 1 };
  const limits = { ...WIDE_LIMITS, unknown, violations: 1 };
  await using steward = await startSteward({ config: { limits } });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.discover" });
  client.sendBody({ type: "zone.discover" });
  expect((await client.next("error")).fields).toMatchObject({ code: 4001 });
  client.sendBody({ type: "zone.discover" });
  expect((await client.next("error")).fields).toMatchObject({ code: 4001, reason: "BANNED" });
});
