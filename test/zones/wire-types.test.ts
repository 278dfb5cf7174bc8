import { encode } from "@msgpack/msgpack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

let steward: TestSteward;
let client: WireClient;
let zoneId: string;
beforeAll(async () => {
  steward = await startSteward({ config: { wire: { malformed_per_minute: 1000 } } });
  zoneId = await steward.createZone();
  client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await steward[Symbol.asyncDispose]();
});

describe("what is wrong with a field is said in the wire's types", () => {
  test.each<[Record<string, unknown>, string]>([
    [{ type: "zone.join" }, "zone_id: missing, expected string"],
    [{ type: "zone.join", zone_id: null }, "zone_id: expected string, received nil"],
    [{ type: "zone.join", zone_id: { a: 1 } }, "zone_id: expected string, received map"],
    [{ type: "zone.join", zone_id: [1] }, "zone_id: expected string, received array"],
    [{ type: "zone.join", zone_id: 5 }, "zone_id: expected string, received integer"],
    [{ type: "zone.join", zone_id: 5.5 }, "zone_id: expected string, received float"],
    [{ type: "zone.join", zone_id: true }, "zone_id: expected string, received boolean"],
    [{ type: "zone.discover", limit: "10" }, "limit: expected integer, received string"],
    [{ type: "zone.discover", limit: 1.5 }, "limit: expected integer, received float"],
    [{ type: "zone.discover", limit: 101 }, "limit: expected an integer of at most 100"],
    [{ type: "zone.discover", limit: 0 }, "limit: expected an integer of at least 1"],
    [{ type: "zone.discover", filter: "x" }, "filter: expected map, received string"],
    [{ type: "zone.discover", filter: [] }, "filter: expected map, received array"],
    [{ type: "zone.provide", actions: {} }, "actions: expected array, received map"],
    [{ type: "zone.request", action: "echo", params: 1 }, "params: expected map, received integer"],
    [
      { type: "zone.message", id: createId("zmsg"), content: 1, topic: "t".repeat(300) },
      "topic: expected at most 256 characters",
    ],
  ])("%j", async (body, message) => {
    const answer = await client.ask({ zone_id: zoneId, request_id: "r", ...body, ...unset(body) });
    expect(answer).toMatchObject({ code: "invalid_params", message });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ to: undefined }, "to: missing, expected string"],
    [{ timestamp: "now" }, "timestamp: expected integer, received string"],
    [{ id: 7 }, "id: expected string, received integer"],
    [{ topic: {} }, "topic: expected string, received map"],
    [{ reply_to: Uint8Array.of(1) }, "reply_to: expected string, received bin"],
  ])("a Message's: %o", async (fields, message) => {
    client.sendBody({ type: "zone.discover" }, fields);
    expect((await client.next("error")).fields).toMatchObject({ code: 2003, message });
  });

  test.each<[unknown, string]>([
    [{ ts: "now" }, "ts: expected integer, received string"],
    [{ ts: 1.5 }, "ts: expected integer, received float"],
    [{}, "ts: missing, expected integer"],
    [{ ts: 1.79e18 }, "ts: expected an integer of at most 9007199254740991"],
  ])("a Ping's: %j", async (fields, message) => {
    const payload = encode(fields);
    const head = Uint8Array.of(0xac, 1, 1, 0xf0, 0, 0, 0, payload.length);
    client.sendBytes(Buffer.concat([head, payload]));
    expect((await client.next("error")).fields).toMatchObject({ code: 2003, message });
  });
});

/** A zone.join without its zone_id. */
function unset(body: Record<string, unknown>): Record<string, unknown> {
  return body.type === "zone.join" && !("zone_id" in body) ? { zone_id: undefined } : {};
}

test("who writes every number as a float is understood, and whole ones come back as integers", async () => {
  const id = createId("msg");
  const fields = {
    id,
    from: client.nodeId,
    to: client.stewardId,
    timestamp: Math.floor(Date.now() / 1000),
    body: {
      type: "zone.request",
      zone_id: zoneId,
      request_id: "floats",
      action: "echo",
      params: { text: "t", n: 5, half: 0.5 },
    },
  };
  const payload = encode(fields, { forceIntegerToFloat: true });
  const head = Buffer.from([0xac, 1, 1, 0x10, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 4);
  client.sendBytes(Buffer.concat([head, payload]));
  const answer = await client.take((e) => e.type === "message" && e.fields.reply_to === id);
  expect((answer.fields.body as { result: unknown }).result).toEqual({
    text: "t",
    n: 5,
    half: 0.5,
  });
  const written = Buffer.from(answer.payload);
  expect(written.includes(Buffer.from([0xa1, 0x6e, 0x05]))).toBe(true);
  expect(written.includes(Buffer.from([0xa1, 0x6e, 0xcb]))).toBe(false);
});
