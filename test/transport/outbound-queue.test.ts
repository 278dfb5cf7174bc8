import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { OutboundQueue, ScratchBuffer } from "../../src/transport/outbound-queue.ts";
import type { EnvelopePatch } from "../../src/transport/transport.ts";

const server = createServer({ pauseOnConnect: true });
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

/** Two ends of a real connection; the far one reads nothing until it is told to. */
async function openPair() {
  const arrived = once(server, "connection") as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = await arrived;
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  return { near, far };
}

async function readAll(far: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of far) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The payloads of unmasked binary frames (RFC 6455 §5.2), read by a copy of the rule. */
function toPayloads(bytes: Buffer): Buffer[] {
  const payloads: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    expect(bytes[at]).toBe(0x82);
    const short = bytes[at + 1] as number;
    const [head, length] =
      short < 126
        ? [2, short]
        : short === 126
          ? [4, bytes.readUInt16BE(at + 2)]
          : [10, Number(bytes.readBigUInt64BE(at + 2))];
    // The shortest form is the only allowed one.
    expect(length).toBeGreaterThanOrEqual(head === 2 ? 0 : head === 4 ? 126 : 65_536);
    payloads.push(bytes.subarray(at + head, at + head + length));
    at += head + length;
  }
  return payloads;
}

function make(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 0xff);
}

const patch = (offset: number, length: number): EnvelopePatch => ({
  offset,
  bytes: new Uint8Array(length).fill(0xee),
});

test.each([
  ["one short envelope", [[1]]],
  ["the longest with a head of 2 bytes and the shortest of 4", [[125], [126]]],
  ["the longest with a head of 4 bytes and the shortest of 10", [[65_535], [65_536]]],
  ["the longest that is copied and the shortest that is shared", [[32_768], [32_769]]],
  [
    "a short one patched at its beginning, within, at its end",
    [
      [100, 0, 8],
      [100, 40, 8],
      [100, 92, 8],
    ],
  ],
  ["a long one patched at its beginning", [[100_000, 0, 16]]],
  ["a long one patched within", [[100_000, 40_000, 16]]],
  ["short and long in turns", [[10], [50_000, 4, 16], [20], [40_000], [30, 2, 4]]],
  ["one longer than a write", [[1_000_000]]],
  ["more than one write holds", Array.from({ length: 40 }, () => [30_000])],
  ["a thousand of one recipient's", Array.from({ length: 1_000 }, () => [200, 8, 16])],
] as const)("the peer reads each envelope in its order with its own patch: %s", async (_, rows) => {
  const { near, far } = await openPair();
  const queue = new OutboundQueue(new ScratchBuffer());
  const wanted = rows.map(([length, offset, patched], i) => {
    const shared = make(length, i);
    const own = offset === undefined ? undefined : patch(offset, patched ?? 0);
    const before = Buffer.from(shared);
    queue.add(shared, own);
    const expected = Buffer.from(before);
    if (own) expected.set(own.bytes, own.offset);
    return { shared, before, expected };
  });
  const announced = queue.bytes;
  near.on("drain", () => queue.writeTo(near));
  queue.writeTo(near);
  const read = readAll(far);
  while (queue.bytes > 0) await once(near, "drain");
  near.end();
  const bytes = await read;
  expect(bytes.length).toBe(announced);
  const payloads = toPayloads(bytes);
  expect(payloads).toHaveLength(wanted.length);
  for (const [i, { expected }] of wanted.entries())
    expect(payloads[i]?.equals(expected)).toBe(true);
  // Other recipients are sent the same bytes: a patch is never written into them.
  for (const { shared, before } of wanted) expect(before.equals(shared)).toBe(true);
});

test("what a reader does not take stays in the queue, and clearing it drops only whole envelopes", async () => {
  const { near, far } = await openPair();
  const queue = new OutboundQueue(new ScratchBuffer());
  const envelope = make(64_000, 1);
  for (let i = 0; i < 400; i++) queue.add(envelope, undefined);
  const announced = queue.bytes;
  queue.writeTo(near);
  expect(queue.bytes).toBeGreaterThan(announced / 2);
  queue.clear();
  expect(queue.bytes).toBe(0);
  queue.add(make(10, 7), undefined);
  near.on("drain", () => queue.writeTo(near));
  const read = readAll(far);
  while (queue.bytes > 0) await once(near, "drain");
  near.end();
  const payloads = toPayloads(await read);
  expect(payloads.at(-1)?.equals(make(10, 7))).toBe(true);
  for (const payload of payloads.slice(0, -1)) expect(payload.equals(envelope)).toBe(true);
});

test("connections that share the memory of their writes are sent their own bytes", async () => {
  const scratch = new ScratchBuffer();
  const pairs = [await openPair(), await openPair(), await openPair()];
  const queues = pairs.map(({ near }, i) => {
    const queue = new OutboundQueue(scratch);
    near.on("drain", () => queue.writeTo(near));
    for (let n = 0; n < 300; n++) queue.add(make(20_000, i), patch(n % 100, 4));
    return queue;
  });
  for (const [i, { near }] of pairs.entries()) queues[i]?.writeTo(near);
  const read = pairs.map(({ far }) => readAll(far));
  for (const [i, { near }] of pairs.entries()) {
    while ((queues[i]?.bytes ?? 0) > 0) await once(near, "drain");
    near.end();
  }
  for (const [i, bytes] of (await Promise.all(read)).entries()) {
    toPayloads(bytes).forEach((payload, n) => {
      const expected = Buffer.from(make(20_000, i));
      expected.fill(0xee, n % 100, (n % 100) + 4);
      expect(payload.equals(expected)).toBe(true);
    });
  }
});
