import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { encodeEnvelope } from "../../src/wire/envelope.ts";
import { startSteward, type TestSteward, WIDE_LIMITS } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

/** A client whose node is banned from its second message on. */
async function openBanned(steward: TestSteward, key = createAgentKey()): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl, { key });
  client.sendBody({ type: "zone.discover" });
  client.sendBody({ type: "zone.discover" });
  expect((await client.next("error")).fields.reason).toBeUndefined();
  return client;
}

const startStrict = (limits: object = {}, wire: object = {}): Promise<TestSteward> => {
  const unknown = { ...WIDE_LIMITS.unknown, messages_per_minute: 1 };
  return startSteward({ config: { limits: { unknown, violations: 1, ...limits }, wire } });
};

test("under a ban the 20th refused message ends the session with banned; none is decoded", async () => {
  await using steward = await startStrict();
  await using client = await openBanned(steward);
  // Decoded, each of these would be 2003, and the tenth would close.
  const malformed = Uint8Array.of(0xac, 1, 1, 0x10, 0, 0, 0, 1, 0xc1);
  for (let i = 0; i < 19; i++) client.sendBytes(malformed);
  client.sendBody({ type: "zone.discover" });
  for (let i = 0; i < 20; i++) {
    const { fields } = await client.next("error");
    expect(fields).toMatchObject({ code: 4001, reason: "BANNED", recovery: "retry" });
    expect(fields.ref_msg_id).toBeUndefined();
  }
  expect((await client.next("disconnect")).fields.reason).toBe("banned");
  await client.waitClosed();
  await using again = await WireClient.open(steward.wireUrl, client.key);
  expect(await again.handshake()).toMatchObject({ status: "rejected", reason: "banned" });
  expect((await again.next("error")).fields).toMatchObject({ code: 4001, reason: "BANNED" });
  await again.waitClosed();
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters).toMatchObject({ "limits.violations": 1, "limits.banned_refusals": 1 });
});

test("a ban holds in every session of its node, and in none of another", async () => {
  await using steward = await startStrict({ banned_refusals: 2 });
  await using other = await WireClient.connect(steward.wireUrl);
  const key = createAgentKey();
  await using sibling = await WireClient.connect(steward.wireUrl, { key });
  await using _banned = await openBanned(steward, key);
  for (let i = 0; i < 2; i++) sibling.sendBody({ type: "zone.discover" });
  for (let i = 0; i < 2; i++) {
    expect((await sibling.next("error")).fields).toMatchObject({ reason: "BANNED" });
  }
  expect((await sibling.next("disconnect")).fields.reason).toBe("banned");
  expect((await other.ask({ type: "zone.discover" })).type).toBe("zone.directory");
});

test("under a ban a session may still answer pings, acknowledge deliveries and say goodbye", async () => {
  await using steward = await startStrict({ banned_refusals: 2 }, { ping_interval_ms: 100 });
  await using client = await openBanned(steward);
  for (let i = 0; i < 8; i++) {
    const { ts } = (await client.next("ping")).fields;
    client.send("pong", { ts: 1, echo: ts });
    client.send("message_ack", { msg_id: "m", status: "received" });
  }
  expect(client.received.filter(({ type }) => type === "error")).toEqual([]);
  client.send("disconnect", { reason: "normal" });
  await client.waitClosed();
  expect(client.received.filter(({ type }) => type === "disconnect")).toEqual([]);
});

test("a message over a limit is refused by its size, with its id, before its body is looked at", async () => {
  await using steward = await startStrict({ violations: 100 });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.discover" });
  const id = createId("msg");
  const body = { type: "zone.discover", nul: "\u0000" };
  for (const fields of [
    { id, body },
    { body, id },
  ]) {
    client.sendBytes(encodeEnvelope("message", fields));
    expect((await client.next("error")).fields).toMatchObject({ code: 4001, ref_msg_id: id });
  }
});
