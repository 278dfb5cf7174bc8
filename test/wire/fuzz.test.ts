import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ZodError } from "zod";
import { StewardError } from "../../src/errors.ts";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import { parseBody, parseBodyText } from "../../src/wire/body.ts";
import { decodeEnvelope, encodeEnvelope, findMessageId } from "../../src/wire/envelope.ts";
import { parseMessageFields } from "../../src/wire/messages.ts";
import { PackedValue } from "../../src/wire/packed-value.ts";
import { readCount } from "../support/counts.ts";
import type { EnvelopeVector } from "./sources/envelope-vector.ts";
import { readVectors } from "./vectors.ts";

const runs = { numRuns: readCount("FUZZ_RUNS") };
vi.setConfig({ testTimeout: 30_000 + runs.numRuns });
const TYPES = [0x01, 0x02, 0x03, 0x04, 0x10, 0x11, 0xe0, 0xf0, 0xf1, 0xff];
const { vectors } = readVectors<{ vectors: EnvelopeVector[] }>("envelopes.json");
const FRAMES = vectors.map(({ hex }) => Buffer.from(hex, "hex"));

/** Takes a frame through every layer of the wire; only typed errors may come out. */
function readThrough(frame: Uint8Array): "refused" | "read" {
  findMessageId(frame);
  let decoded: ReturnType<typeof decodeEnvelope>;
  try {
    decoded = decodeEnvelope(frame);
  } catch (error) {
    expect(error).toBeInstanceOf(StewardError);
    expect([1001, 2002, 2003]).toContain((error as StewardError).code);
    return "refused";
  }
  try {
    const fields = parseMessageFields(decoded.type, decoded.fields);
    if (!("body" in fields)) return "read";
    const body = parseBody(fields.body);
    // What was accepted can be hashed and written again, and then has the same hash.
    const again = decodeEnvelope(encodeEnvelope("message", { body }));
    expect(toCanonicalJson(again.fields.body)).toBe(toCanonicalJson(body));
    return "read";
  } catch (error) {
    if (error instanceof ZodError) return "refused";
    expect(error).toBeInstanceOf(StewardError);
    expect((error as StewardError).code).toBe(2003);
    return "refused";
  }
}

function toEnvelope(type: number, payload: Uint8Array): Buffer {
  const header = Buffer.from([0xac, 1, 1, type, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const bytes = fc.uint8Array({ maxLength: 300 });
/** Bytes that lead further than chance would: MessagePack heads and short pieces. */
const piece = fc.oneof(
  fc.constantFrom("81", "82", "91", "a0", "a174", "a474797065", "a26964", "a4626f6479", "c0", "c1"),
  fc.constantFrom(
    "c401ff",
    "d40100",
    "cb7ff8000000000000",
    "cf0020000000000000",
    "dc0002",
    "de0001",
  ),
  fc.constantFrom(
    "dfffffffff",
    "ddffffffff",
    "dbffffffff",
    "d97f",
    "a9e282ac5f5f6f746f5f",
    "00",
    "ff",
  ),
  fc.uint8Array({ minLength: 1, maxLength: 3 }).map((b) => Buffer.from(b).toString("hex")),
);
const pieces = fc.array(piece, { maxLength: 60 }).map((list) => Buffer.from(list.join(""), "hex"));
const mutation = fc.record({
  frame: fc.constantFrom(...FRAMES),
  edits: fc.array(fc.record({ at: fc.nat(1000), kind: fc.nat(3), value: fc.nat(255) }), {
    minLength: 1,
    maxLength: 4,
  }),
  fixLength: fc.boolean(),
});

function mutate({
  frame,
  edits,
  fixLength,
}: typeof mutation extends fc.Arbitrary<infer T> ? T : never): Buffer {
  let list = [...frame];
  for (const { at, kind, value } of edits) {
    const index = list.length === 0 ? 0 : at % list.length;
    if (kind === 0) list[index] = value;
    else if (kind === 1) list.splice(index, 1);
    else if (kind === 2) list.splice(index, 0, value);
    else list = list.slice(0, index);
  }
  const bytesNow = Buffer.from(list);
  return fixLength && bytesNow.length >= 8
    ? toEnvelope(bytesNow.readUInt8(3), bytesNow.subarray(8))
    : bytesNow;
}

test("arbitrary bytes: only typed errors escape", () => {
  fc.assert(
    fc.property(bytes, (frame) => void readThrough(frame)),
    runs,
  );
});

test("arbitrary payloads in a sound header: only typed errors escape", () => {
  const payload = fc.oneof(bytes, pieces);
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), payload, (type, content) => {
      readThrough(toEnvelope(type, content));
    }),
    runs,
  );
});

test("mutated valid frames: only typed errors escape", () => {
  let read = 0;
  fc.assert(
    fc.property(mutation, (change) => {
      if (readThrough(mutate(change)) === "read") read++;
    }),
    runs,
  );
  expect(read).toBeGreaterThan(0); // else the mutations never got past the header
});

test("what is accepted is what the common MessagePack library reads", () => {
  fc.assert(
    fc.property(mutation, (change) => {
      const frame = mutate({ ...change, fixLength: true });
      let fields: unknown;
      try {
        fields = decodeEnvelope(frame).fields;
      } catch {
        return;
      }
      // Beside the library's own ways with extensions and byte order marks.
      if (frame.includes(Buffer.from("efbbbf", "hex")) || hasSymbol(fields)) return;
      const read = decode(new Uint8Array(frame.subarray(8)), { useBigInt64: true });
      expect(fields).toEqual(withSafeNumbers(read));
    }),
    runs,
  );
});

/** The library makes a bigint of everything written in 64 bits. */
function withSafeNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withSafeNumbers);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withSafeNumbers(item)]);
  return Object.fromEntries(entries);
}

function hasSymbol(value: unknown): boolean {
  if (typeof value === "symbol") return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasSymbol);
}

/** Valid JSON, JSON with one character put in or out, and other text. */
function toTexts() {
  const json = fc.json({ maxDepth: 6 }).map((text) => `{"type":"t","value":${text}}`);
  const inserts = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom(
      " ",
      "\n",
      "\t",
      "\v",
      ",",
      "\\",
      '"',
      "{",
      "]",
      "-",
      "0",
      "9",
      ".",
      "e",
      "1e9",
    ),
    fc.constantFrom(
      "\\ud800",
      "\\u0000",
      "\\u202e",
      "\\/",
      "9007199254740993",
      '"type":1,',
      "null",
    ),
  );
  const broken = fc
    .tuple(json, fc.nat(80), inserts, fc.boolean())
    .map(([text, at, insert, cuts]) => {
      const index = at % text.length;
      return text.slice(0, index) + insert + text.slice(index + (cuts ? 1 : 0));
    });
  return fc.oneof(json, broken, fc.string());
}

test("JSON text is packed where it is parsed, to the same value, and refused where it is refused", () => {
  fc.assert(
    fc.property(toTexts(), (text) => {
      const read = (run: () => string) => {
        try {
          return run();
        } catch (error) {
          expect(error).toBeInstanceOf(StewardError);
          return (error as StewardError).code;
        }
      };
      const parsed = read(() => toCanonicalJson(parseBodyText(text)));
      expect(read(() => PackedValue.fromJson(text).canonical)).toBe(parsed);
    }),
    runs,
  );
});

test("JSON text as a body: only typed errors escape, and what passes is what JSON.parse reads", () => {
  fc.assert(
    fc.property(toTexts(), (text) => {
      try {
        expect(parseBody(text)).toEqual(JSON.parse(text));
      } catch (error) {
        expect(error).toBeInstanceOf(StewardError);
        expect((error as StewardError).code).toBe(2003);
      }
    }),
    runs,
  );
});
