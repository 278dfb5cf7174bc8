import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeEnvelope, encodeEnvelope, PAYLOAD_BYTES_MAX } from "../../src/wire/envelope.ts";
import { RawSocket, toClientFrame } from "../faults/raw-socket.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";

let steward: TestSteward;
beforeAll(async () => {
  steward = await startSteward({ config: { wire: { handshake_failures_per_minute: 10_000 } } });
});
afterAll(() => steward[Symbol.asyncDispose]());

/** What a connection was told before it ended: codes of ErrorMessages, then the close frame. */
async function readEnd(socket: RawSocket) {
  await socket.waitClosed();
  const frames = socket.frames();
  const codes = frames
    .filter(({ opcode }) => opcode === 2)
    .map(({ payload }) => decodeEnvelope(payload).fields.code);
  const close = frames.at(-1);
  if (close?.opcode !== 8) throw new Error("No close frame came.");
  const closeCode = Buffer.from(close.payload).readUInt16BE(0);
  return { codes, closeCode, reason: Buffer.from(close.payload.subarray(2)).toString("utf8") };
}

const ping = encodeEnvelope("ping", { ts: 1 });

/** A frame whose first byte, or mask bit, is another. */
function toOddFrame(first: number, masked = true, payload: Uint8Array = ping): Uint8Array {
  const frame = toClientFrame(payload);
  frame[0] = first;
  if (!masked) frame[1] = (frame[1] as number) & 0x7f;
  return frame;
}

/** A frame that tells a length beyond 2^53. */
function toEndlessFrame(): Uint8Array {
  return Uint8Array.of(0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0);
}

function toLongMessage(): Uint8Array {
  const long = new Uint8Array(PAYLOAD_BYTES_MAX + 66 * 1024);
  long.set(ping);
  return toClientFrame(long);
}

/** The first frame's beginning of an envelope that is a byte too long. */
function toOversized(): Uint8Array {
  const header = Uint8Array.of(0xac, 1, 1, 0x10, 0, 0, 0, 0);
  new DataView(header.buffer).setUint32(4, PAYLOAD_BYTES_MAX + 1);
  return toClientFrame(header, { announced: PAYLOAD_BYTES_MAX + 9 });
}

function toShreds(): Uint8Array {
  const frames = Array.from({ length: 40 }, (_, index) =>
    toClientFrame(Uint8Array.of(1), { opcode: index === 0 ? 2 : 0, final: false }),
  );
  return Buffer.concat(frames);
}

describe("what breaks a rule of WebSocket is answered by an ErrorMessage, a close code and a reason", () => {
  test.each<[string, Uint8Array, number, number]>([
    ["an unmasked frame", toOddFrame(0x82, false), 2003, 1002],
    ["a reserved bit", toOddFrame(0xa2), 2003, 1002],
    ["compression that nobody agreed on", toOddFrame(0xc2), 2003, 1002],
    ["a reserved opcode", toOddFrame(0x83), 2003, 1002],
    ["a continuation of nothing", toOddFrame(0x80), 2003, 1002],
    ["a fragmented ping", toOddFrame(0x09), 2003, 1002],
    ["a ping of 126 bytes", toOddFrame(0x89, true, new Uint8Array(126)), 2003, 1002],
    ["a close frame with no valid code", toOddFrame(0x88, true, Uint8Array.of(0, 5)), 2003, 1002],
    ["text that is no UTF-8", toOddFrame(0x81, true, Uint8Array.of(0xc3, 0x28)), 2003, 1007],
    ["a frame longer than 2^53", toEndlessFrame(), 2002, 1009],
    ["a message longer than an envelope and 64 KiB", toLongMessage(), 2002, 1009],
    ["an envelope that announces too much", toOversized(), 2002, 1009],
    ["one-byte fragments", toShreds(), 2003, 1008],
  ])("%s", async (_name, bytes, code, closeCode) => {
    await using socket = await RawSocket.open(steward.wireUrl);
    socket.socket.write(bytes);
    const end = await readEnd(socket);
    expect(end).toMatchObject({ codes: [code], closeCode });
    expect(end.reason).toMatch(new RegExp(`^${code}:? \\S.{10,}`));
  });
});

test("what came whole before the fault is answered first, though both came at once", async () => {
  await using socket = await RawSocket.open(steward.wireUrl);
  const unknown = toClientFrame(Uint8Array.of(0xac, 1, 1, 0x20, 0, 0, 0, 1, 0x80));
  for (const fault of [toOversized(), toShreds()]) {
    await using other = await RawSocket.open(steward.wireUrl);
    other.socket.write(Buffer.concat([toClientFrame(ping), unknown, fault]));
    const { codes } = await readEnd(other);
    expect(codes.slice(0, 2)).toEqual([2001, 2003]);
    expect(codes).toHaveLength(3);
  }
  socket.socket.write(Buffer.concat([toClientFrame(ping), toOddFrame(0xa2)]));
  expect((await readEnd(socket)).codes).toEqual([2001, 2003]);
});

test("a session that ends for an error says so in its close frame, too", async () => {
  await using socket = await RawSocket.open(steward.wireUrl);
  socket.send(encodeEnvelope("hello", { protocol_v: 2 }));
  const { codes, closeCode, reason } = await readEnd(socket);
  expect({ codes, closeCode }).toEqual({ codes: [1001], closeCode: 1000 });
  expect(reason).toMatch(/^1001/);
});
