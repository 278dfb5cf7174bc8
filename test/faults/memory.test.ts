import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  decodeEnvelope,
  encodeEnvelope,
  HEADER_BYTES,
  PAYLOAD_BYTES_MAX,
} from "../../src/wire/envelope.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import { RawSocket, toClientFrame } from "./raw-socket.ts";

const CONNECTIONS = 1000;
const HELD_BYTES_MAX = 16 * 1024;
/** The HTTP upgrade's request is shorter than this. */
const UPGRADE_BYTES_MAX = 300;
/** Node reads at most this much at once, and what it reads was sent before the answer. */
const READ_BYTES_MAX = 64 * 1024;

const dataDir = mkdtempSync(join(tmpdir(), "steward-memory-"));
let steward: StewardProcess;

beforeAll(async () => {
  const wire = { ...NO_LIMITS.wire, handshake_timeout_ms: 600_000 };
  const config = { ...NO_LIMITS, wire, http: { port: 0 } };
  steward = await StewardProcess.start({ dataDir, measured: true, config });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The header of an envelope that is one byte too long. */
function createOversizedHeader(): Uint8Array {
  const header = Uint8Array.of(0xac, 1, 1, 0x10, 0, 0, 0, 0);
  new DataView(header.buffer).setUint32(4, PAYLOAD_BYTES_MAX + 1);
  return header;
}

/** The code of the first ErrorMessage a raw socket got. */
async function takeErrorCode(socket: RawSocket): Promise<unknown> {
  const find = () => socket.frames().find(({ opcode }) => opcode === 2);
  await socket.until(() => find() !== undefined);
  const { type, fields } = decodeEnvelope(find()?.payload ?? new Uint8Array());
  return type === "error" ? fields.code : type;
}

/** Bytes the steward has read from the socket it accepted last. */
async function readOfLast(): Promise<number> {
  return (await steward.measure("cpu")).bytesRead.at(-1) ?? 0;
}

describe("an envelope of 4 MiB and a byte is answered 2002 from its header", () => {
  test("where the header is all that comes", async () => {
    await using socket = await RawSocket.open(steward.wireUrl);
    const frame = toClientFrame(createOversizedHeader());
    socket.socket.write(frame);
    expect(await takeErrorCode(socket)).toBe(2002);
    expect(await readOfLast()).toBeLessThan(UPGRADE_BYTES_MAX + frame.length);
    await socket.waitClosed();
  });

  test("where the frame announces all of it and twenty bytes have come", async () => {
    await using socket = await RawSocket.open(steward.wireUrl);
    const announced = PAYLOAD_BYTES_MAX + 9;
    const frame = toClientFrame(createOversizedHeader(), { announced });
    socket.socket.write(Buffer.concat([frame]).subarray(0, 20));
    socket.socket.write(frame.subarray(20));
    expect(await takeErrorCode(socket)).toBe(2002);
    expect(await readOfLast()).toBeLessThan(UPGRADE_BYTES_MAX + frame.length);
  });

  test("where the header comes byte by byte in fragments", async () => {
    await using socket = await RawSocket.open(steward.wireUrl);
    createOversizedHeader().forEach((byte, index) => {
      socket.send(Uint8Array.of(byte), { opcode: index === 0 ? 2 : 0, final: false });
    });
    expect(await takeErrorCode(socket)).toBe(2002);
  });

  test("where the client sends everything without waiting, nearly all of it stays unread", async () => {
    await using client = await WireClient.connect(steward.wireUrl);
    const envelope = new Uint8Array(PAYLOAD_BYTES_MAX + 9);
    envelope.set(createOversizedHeader());
    client.sendBytes(envelope);
    expect((await client.next("error")).fields.code).toBe(2002);
    await client.waitClosed();
    expect(await readOfLast()).toBeLessThan(3 * READ_BYTES_MAX);
  });
});

test("a message longer than an envelope and 64 KiB is closed with 1009", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const bytes = encodeEnvelope("ping", { ts: 1 });
  client.socket.on("error", () => {});
  const long = new Uint8Array(PAYLOAD_BYTES_MAX + 66 * 1024);
  long.set(bytes);
  client.sendBytes(long);
  await client.waitClosed();
  expect(client.closeCode).toBe(1009);
});

/** Waits until the steward has so many connections. */
async function waitForOpen(count: number): Promise<void> {
  while ((await steward.measure("cpu")).open !== count);
}

/** Opens many connections of one kind and returns what each of them holds, in bytes. */
async function measureHeld(open: (index: number) => Promise<RawSocket | WireClient>) {
  const openAll = async () => {
    await waitForOpen(0);
    const opened = [];
    for (let i = 0; i < CONNECTIONS; i += 50) {
      const some = Array.from({ length: 50 }, (_, index) => open(i + index));
      opened.push(...(await Promise.all(some)));
    }
    await waitForOpen(CONNECTIONS);
    return opened;
  };
  const closeAll = async (opened: readonly AsyncDisposable[]) => {
    await Promise.all(opened.map((connection) => connection[Symbol.asyncDispose]()));
    await waitForOpen(0);
  };
  const cold = await steward.measure();
  const first = await openAll();
  const rss = (await steward.measure()).rss - cold.rss;
  await closeAll(first);
  // What the first ones leave behind, compiled code for one, is not what one holds.
  const before = await steward.measure();
  const opened = await openAll();
  const after = await steward.measure();
  await closeAll(opened);
  const held = after.heapUsed + after.external - before.heapUsed - before.external;
  return { held: Math.round(held / CONNECTIONS), rss: Math.round(rss / CONNECTIONS) };
}

/** A Hello with fields of the test's choice. */
function createHello(fields: Record<string, unknown> = {}): Uint8Array {
  const key = createAgentKey();
  return encodeEnvelope("hello", {
    node_id: key.nodeId,
    name: "half-open",
    skills: [],
    public_key: key.publicKey,
    protocol_v: 1,
    timestamp: Math.floor(Date.now() / 1000),
    challenge: new Uint8Array(32),
    capabilities: ["bound_verify"],
    ...fields,
  });
}

async function openWithHello(fields?: Record<string, unknown>): Promise<RawSocket> {
  const socket = await RawSocket.open(steward.wireUrl);
  socket.send(createHello(fields));
  await socket.until(() => socket.frames().length > 0);
  if (socket.frames()[0]?.payload[3] !== 2) throw new Error("No HelloAck came.");
  return socket;
}

/** The longest Hello that is taken: many small things, which are many times their size as objects. */
const LONG_HELLO = {
  skills: Array.from({ length: 64 }, (_, index) => `skill ${index} `.padEnd(60, "s")),
  capabilities: Array.from({ length: 32 }, (_, index) => `capability ${index} `.padEnd(60, "c")),
  operator: Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`${index}`, 1])),
  authority: "a".repeat(300),
};

describe(`${CONNECTIONS} half-open connections hold at most 16 KiB each`, () => {
  test.each<[string, (index: number) => Promise<RawSocket | WireClient>]>([
    ["without the upgrade", () => RawSocket.connect(steward.wireUrl)],
    ["without a Hello", () => RawSocket.open(steward.wireUrl)],
    ["without the Verify", () => openWithHello()],
    ["without the Verify, after a long Hello", () => openWithHello(LONG_HELLO)],
    [
      "with as many unfinished fragments as are taken",
      async () => {
        const socket = await RawSocket.open(steward.wireUrl);
        for (let i = 0; i < 16; i++) {
          socket.send(new Uint8Array(1), { opcode: i === 0 ? 2 : 0, final: false });
        }
        return socket;
      },
    ],
    ["verified", () => WireClient.connect(steward.wireUrl)],
  ])("%s", { timeout: 60_000 }, async (name, open) => {
    const { held, rss } = await measureHeld(open);
    process.stdout.write(`${name}: ${held} B of heap and buffers, ${rss} B of RSS each\n`);
    expect(held).toBeLessThan(HELD_BYTES_MAX);
    // With the room that the allocator and the young generation take the first time.
    expect(rss).toBeLessThan(2 * HELD_BYTES_MAX);
  });
});

test("a Hello too long to wait for its Verify is refused with 1002", async () => {
  await using socket = await RawSocket.open(steward.wireUrl);
  socket.send(createHello({ unknown_field: "u".repeat(8192) }));
  expect(await takeErrorCode(socket)).toBe(1002);
});

test("an operator that would be large in memory is refused with 1002", async () => {
  await using socket = await RawSocket.open(steward.wireUrl);
  const operator = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${index}`, 1]));
  socket.send(createHello({ operator }));
  expect(await takeErrorCode(socket)).toBe(1002);
});

function toSocket(client: WireClient): RawSocket["socket"] {
  return (client.socket as unknown as { _socket: RawSocket["socket"] })._socket;
}

function toFragments(bytes: Uint8Array, fragmentBytes: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += fragmentBytes) {
    const final = at + fragmentBytes >= bytes.length;
    const opcode = at === 0 ? 2 : 0;
    frames.push(toClientFrame(bytes.subarray(at, at + fragmentBytes), { opcode, final }));
  }
  return frames;
}

/** Sends a message in fragments of a size, behind the back of the WebSocket library. */
function sendFragments(client: WireClient, bytes: Uint8Array, fragmentBytes: number): void {
  toSocket(client).write(Buffer.concat(toFragments(bytes, fragmentBytes)));
}

/** Resolves once the steward has read everything that was written to its last connection. */
async function waitForRead(socket: RawSocket["socket"]): Promise<void> {
  while (socket.writable && (await readOfLast()) < socket.bytesWritten) {}
}

describe("a message of 4 MiB is taken", () => {
  const empty = encodeEnvelope("ping", { ts: 7, padding: "p".repeat(70_000) }).length - 70_000;
  const padding = "p".repeat(HEADER_BYTES + PAYLOAD_BYTES_MAX - empty);
  const bytes = encodeEnvelope("ping", { ts: 7, padding });

  test.each([1024, 4096, 65_536])("in frames of %i bytes", async (fragmentBytes) => {
    await using client = await WireClient.connect(steward.wireUrl);
    sendFragments(client, bytes, fragmentBytes);
    expect((await client.next("pong")).fields.echo).toBe(7);
  });

  test("in frames of 4,096 bytes, an empty one at the end", async () => {
    await using client = await WireClient.connect(steward.wireUrl);
    const [socket, frames] = [toSocket(client), toFragments(bytes, 4096)];
    const last = frames.at(-1) as Uint8Array;
    last[0] = (last[0] as number) & 0x7f;
    socket.write(Buffer.concat([...frames, toClientFrame(new Uint8Array(), { opcode: 0 })]));
    expect((await client.next("pong")).fields.echo).toBe(7);
  });

  test("in one frame that comes in more than 2,000 packets", { timeout: 60_000 }, async () => {
    await using client = await WireClient.connect(steward.wireUrl);
    const socket = toSocket(client);
    const frame = toClientFrame(bytes);
    const reads = Math.ceil(frame.length / 2000);
    for (let at = 0; at < frame.length; at += 2000) {
      socket.write(frame.subarray(at, at + 2000));
      // The steward has read it: packets that arrive together are one.
      await waitForRead(socket);
    }
    expect(reads).toBeGreaterThan(2000);
    expect((await client.next("pong")).fields.echo).toBe(7);
  });
});

test("what is kept alive by control frames inside a message is bounded", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const pings = Array.from({ length: 300 }, () =>
    toClientFrame(new Uint8Array(120), { opcode: 9 }),
  );
  const part = (opcode: number) => toClientFrame(new Uint8Array(1100), { opcode, final: false });
  const socket = toSocket(client);
  for (let i = 0; i < 10; i++) socket.write(Buffer.concat([part(i === 0 ? 2 : 0), ...pings]));
  await client.waitClosed();
  expect(client.closeCode).toBe(1008);
});

test("a frame that comes byte by byte for ever is closed with 1008", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  const socket = toSocket(client);
  socket.write(toClientFrame(new Uint8Array(), { announced: 100_000 }));
  let sent = 0;
  while (socket.writable && sent < 5000) {
    socket.write(new Uint8Array(1));
    sent++;
    await waitForRead(socket);
  }
  await client.waitClosed();
  expect(client.closeCode).toBe(1008);
  expect(sent).toBeLessThan(2000);
});

test("a message in more than sixteen tiny fragments is closed with 1008", async () => {
  await using client = await WireClient.connect(steward.wireUrl);
  sendFragments(client, encodeEnvelope("ping", { ts: 7, padding: "p".repeat(16) }).slice(0, 16), 1);
  expect((await client.next("error")).fields.code).toBe(2003);
  sendFragments(client, new Uint8Array(18), 1);
  await client.waitClosed();
  expect(client.closeCode).toBe(1008);
});

test("16,000 one-byte fragments end the connection before and after Verify and hold nothing", async () => {
  const before = await steward.measure();
  const bytes = new Uint8Array(16_000);
  const clients = [];
  for (let i = 0; i < 40; i++) {
    const open = i % 2 === 0 ? WireClient.open : WireClient.connect;
    const client = await open(steward.wireUrl);
    clients.push(client);
    sendFragments(client, bytes, 1);
  }
  for (const client of clients) {
    await client.waitClosed();
    expect(client.closeCode).toBe(1008);
  }
  const after = await steward.measure();
  for (const read of after.bytesRead.slice(-clients.length)) {
    expect(read).toBeLessThan(3 * READ_BYTES_MAX);
  }
  const held = after.heapUsed + after.external - before.heapUsed - before.external;
  expect(held / clients.length).toBeLessThan(HELD_BYTES_MAX);
});
