import { brotliCompressSync, constants } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent, type WireFrame } from "../../src/client/agent.ts";
import { StewardError } from "../../src/errors.ts";
import { createId } from "../../src/protocol/ids.ts";
import { createBrotli } from "../../src/transport/brotli.ts";
import {
  expandEnvelope,
  isCompressed,
  shrinkEnvelope,
  shrinkFanOut,
} from "../../src/wire/compression.ts";
import { decodeEnvelope, encodeEnvelope, HEADER_BYTES } from "../../src/wire/envelope.ts";
import { createFanOutFrame } from "../../src/wire/fan-out-frame.ts";
import { REPLY_LIMITS } from "../../src/wire/structure-limits.ts";
import { startSteward, type TestSteward, WIDE_LIMITS } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

const codec = createBrotli(4);
const CAPABILITIES = ["bound_verify", "error_detail", "brotli"];
const TEXT = "The budget of the report is settled, and the summary follows. ".repeat(100);
const MIB = 1024 * 1024;

let steward: TestSteward;
let zoneId: string;
beforeAll(async () => {
  steward = await startSteward();
  zoneId = await steward.createZone();
});
afterAll(() => steward[Symbol.asyncDispose]());

/** The frames that an agent's socket saw. */
async function connect(
  at = steward,
  options: { readonly compresses?: boolean } = {},
): Promise<{ agent: Agent; frames: WireFrame[] }> {
  const frames: WireFrame[] = [];
  const agent = await Agent.connect(at.wireUrl, {
    key: crypto.getRandomValues(new Uint8Array(32)),
    name: "agent",
    ...(options.compresses !== false && { compression: codec }),
    onFrame: (frame) => frames.push(frame),
  });
  return { agent, frames };
}

const sizes = (frames: readonly WireFrame[], direction: "in" | "out") =>
  frames.filter((frame) => frame.direction === direction && isCompressed(frame.bytes));

/** A Message whose payload is compressed, whatever comes of it. */
function toCompressed(payload: Uint8Array, type = 0x10): Uint8Array {
  const head = Uint8Array.of(0xac, 0x01, 0x01, type, 0, 0, 0, 0, 0xc1);
  const envelope = new Uint8Array([...head, ...payload]);
  new DataView(envelope.buffer).setUint32(4, envelope.length - HEADER_BYTES, false);
  return envelope;
}

test("two peers that offer brotli shrink their frames, both ways and in a fan-out; others see none", async () => {
  const [ann, bob, old] = await Promise.all([
    connect(),
    connect(),
    connect(steward, { compresses: false }),
  ]);
  const all = [ann, bob, old];
  const got = Promise.all(
    [bob, old].map(({ agent }) => new Promise((resolve) => agent.on("message", resolve))),
  );
  for (const { agent } of all) await agent.join(zoneId);
  await ann.agent.send(zoneId, { text: TEXT });
  expect(await got).toMatchObject([{ content: { text: TEXT } }, { content: { text: TEXT } }]);
  const page = await bob.agent.history(zoneId);
  expect(JSON.stringify(page)).toContain(TEXT);
  expect(sizes(ann.frames, "out").map(({ bytes }) => bytes.length < TEXT.length / 5)).toEqual([
    true,
  ]);
  const received = sizes(bob.frames, "in");
  expect(received.length).toBeGreaterThanOrEqual(2);
  for (const { bytes } of received) expect(bytes.length).toBeLessThan(TEXT.length / 4);
  expect([...sizes(old.frames, "in"), ...sizes(old.frames, "out")]).toEqual([]);
  for (const { agent } of all) await agent.close();
});

test("an old peer is told of no brotli, and what it compresses all the same is 2003", async () => {
  await using old = await WireClient.open(steward.wireUrl);
  const shown = old.wait(() => old.received.find(({ type }) => type === "hello_ack"));
  await old.handshake();
  expect((await shown).fields.capabilities).toEqual(["bound_verify", "error_detail"]);
  old.sendBytes(toCompressed(codec.compress(new TextEncoder().encode("x"))));
  expect((await old.next("error")).fields.code).toBe(2003);
});

test("a steward that does not compress answers a peer that would as it always did", async () => {
  await using plain = await startSteward({ config: { wire: { compression: { enabled: false } } } });
  const id = await plain.createZone();
  const { agent, frames } = await connect(plain);
  await agent.join(id);
  await agent.send(id, { text: TEXT });
  await agent.history(id);
  expect(frames.filter(({ bytes }) => isCompressed(bytes))).toEqual([]);
  await agent.close();
});

test("before VerifyAck nothing compressed is taken", async () => {
  await using client = await WireClient.open(steward.wireUrl);
  const hello = encodeEnvelope("hello", { name: TEXT });
  client.sendBytes(shrinkEnvelope(hello, codec));
  expect([1002, 1004, 2003]).toContain((await client.next("error")).fields.code);
});

test("a compressed payload of which more than 4 MiB come out is 2002, and closes", async () => {
  await using client = await WireClient.connect(steward.wireUrl, { capabilities: CAPABILITIES });
  client.sendBytes(toCompressed(brotliCompressSync(new Uint8Array(4 * MIB + 1))));
  expect((await client.next("error")).fields.code).toBe(2002);
  await client.waitClosed();
});

test("what is no brotli stream, or more than one, is 2003; the tenth within a minute closes", async () => {
  await using client = await WireClient.connect(steward.wireUrl, { capabilities: CAPABILITIES });
  const whole = codec.compress(new TextEncoder().encode(TEXT));
  const wrong = [
    Uint8Array.of(),
    Uint8Array.of(1, 2, 3),
    whole.subarray(0, 20),
    [...whole, ...whole],
  ];
  for (let i = 0; i < 10; i++) client.sendBytes(toCompressed(Uint8Array.from(wrong[i % 4] ?? [])));
  for (let i = 0; i < 10; i++) expect((await client.next("error")).fields.code).toBe(2003);
  await client.waitClosed();
});

test("limits count what comes out: bytes a minute, and the structure of a body", async () => {
  const limits = { ...WIDE_LIMITS, unknown: { ...WIDE_LIMITS.unknown, bytes_per_minute: 3 * MIB } };
  await using counted = await startSteward({ config: { limits: { ...limits, violations: 100 } } });
  await using client = await WireClient.connect(counted.wireUrl, { capabilities: CAPABILITIES });
  const send = (body: object) => {
    const id = createId("msg");
    const { nodeId: from, stewardId: to } = client;
    const fields = { id, from, to, timestamp: Math.floor(Date.now() / 1000), body };
    const envelope = encodeEnvelope("message", fields);
    const shrunk = shrinkEnvelope(envelope, codec);
    expect(shrunk.length).toBeLessThan(100_000);
    client.sendBytes(shrunk);
    return client.take(
      ({ type, fields: { msg_id, ref_msg_id } }) =>
        ["message_ack", "error"].includes(type) && [msg_id, ref_msg_id].includes(id),
    );
  };
  const long = { type: "zone.discover", padding: " ".repeat(2 * MIB) };
  expect((await send(long)).type).toBe("message_ack");
  expect((await send(long)).fields.code).toBe(4001);
  const nested = Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], "x");
  expect((await send({ type: "zone.discover", nested, padding: TEXT })).fields.code).toBe(2003);
});

test("a banned node's payloads are not decompressed: garbage is answered by the ban", async () => {
  const limits = { unknown: { messages_per_second: 1 }, violations: 1 };
  await using strict = await startSteward({ config: { limits } });
  await using client = await WireClient.connect(strict.wireUrl, {
    capabilities: CAPABILITIES,
    key: createAgentKey(),
  });
  for (let i = 0; i < 2; i++) client.sendBody({ type: "zone.discover" });
  expect((await client.next("error")).fields.code).toBe(4001);
  client.sendBytes(toCompressed(Uint8Array.of(1, 2, 3)));
  expect((await client.next("error")).fields).toMatchObject({ code: 4001, reason: "BANNED" });
});

test("what holds a secret, or what another node wrote, is never compressed", async () => {
  const [ann, bob] = await Promise.all([connect(), connect()]);
  await ann.agent.join(zoneId);
  await bob.agent.join(zoneId);
  const direct = new Promise((resolve) => bob.agent.on("direct", resolve));
  await ann.agent.sendDirect(bob.agent.nodeId, {
    type: "zone.message",
    text: TEXT,
  });
  await direct;
  const { result } = await ann.agent.request(zoneId, "echo", { text: TEXT });
  expect(result).toEqual({ text: TEXT });
  const long = [...ann.frames, ...bob.frames].filter(({ bytes }) => bytes.length > TEXT.length);
  expect(long.length).toBeGreaterThanOrEqual(4);
  const shrunk = [...ann.frames, ...bob.frames].filter(({ bytes }) => isCompressed(bytes));
  for (const { bytes } of shrunk) {
    const { fields } = decodeEnvelope(expandEnvelope(bytes, codec), { limits: REPLY_LIMITS });
    expect(JSON.stringify(fields.body)).not.toContain("The budget");
  }
  await ann.agent.close();
  await bob.agent.close();
});

test("a frame compressed for many is what any brotli decoder makes the recipient's own of", () => {
  const nodeIds = Array.from({ length: 3 }, () => createAgentKey().nodeId);
  fc.assert(
    fc.property(fc.string({ minLength: 0, maxLength: 400 }), fc.nat(40), (text, repeats) => {
      const body = { type: "zone.message", content: `${text.repeat(repeats)}${TEXT}` };
      const frame = createFanOutFrame({ id: "msg_1", from: nodeIds[0], timestamp: 1, body });
      const shrunk = shrinkFanOut(frame, codec);
      if (shrunk === undefined) throw new Error("It is not shorter.");
      for (const to of nodeIds) {
        const own = shrunk.envelope.slice();
        own.set(new TextEncoder().encode(to), shrunk.toOffset);
        const { fields } = decodeEnvelope(expandEnvelope(own, codec), { limits: REPLY_LIMITS });
        expect(fields).toEqual({ id: "msg_1", from: nodeIds[0], timestamp: 1, body, to });
      }
    }),
    { numRuns: 60 },
  );
});

test("whatever follows the mark, only 2002 and 2003 come of it, and never more than 4 MiB", () => {
  const whole = brotliCompressSync(new TextEncoder().encode(TEXT), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
  });
  const changed = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 })
    .map((edits) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, value] of edits) bytes[at] = value;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (data) => {
      try {
        const envelope = expandEnvelope(toCompressed(data), codec);
        expect(envelope.length).toBeLessThanOrEqual(4 * MIB + HEADER_BYTES);
      } catch (error) {
        expect(error).toBeInstanceOf(StewardError);
        expect([2002, 2003]).toContain((error as StewardError).code);
      }
    }),
    { numRuns: 600 },
  );
});
