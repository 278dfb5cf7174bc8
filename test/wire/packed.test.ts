import { Encoder } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { toCanonicalJson } from "../../src/protocol/json.ts";
import { CanonicalTooLarge } from "../../src/wire/canonical-writer.ts";
import { decodeEnvelope, encodeEnvelope } from "../../src/wire/envelope.ts";
import { toPacked } from "../../src/wire/json-to-packed.ts";
import { decodeValue } from "../../src/wire/messagepack-decode.ts";
import { asLongText, encodeMessagePack, PackedBytes } from "../../src/wire/messagepack-encode.ts";
import { PackedValue } from "../../src/wire/packed-value.ts";
import { BODY_LIMITS, StructureCount } from "../../src/wire/structure-limits.ts";
import { readCount } from "../support/counts.ts";

const runs = { numRuns: readCount("FUZZ_RUNS") };

const text = fc
  .string({ unit: "binary", maxLength: 400 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what no body holds
  .map((value) => value.replaceAll(/[\u0000\u202a-\u202e\u2066-\u2069]/g, "\\"));
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -200, max: 70_000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    number.map((value) => (Number.isInteger(value) && Math.abs(value) > 2 ** 53 ? 0.5 : value)),
    fc.constantFrom(null, true, false, "", {}, [], -0, 2 ** 64, -1e20, 1e21, 5e-324),
    fc.array(tie("json"), { maxLength: 20 }),
    fc.dictionary(fc.oneof(text, fc.nat(30).map(String)), tie("json"), { maxKeys: 20 }),
  ),
}));
const value = json.filter((it) => !JSON.stringify(it).includes("__proto__"));

test("a packed value's canonical JSON and its parts are those of the value it was packed from", () => {
  fc.assert(
    fc.property(value, (it) => {
      const packed = PackedValue.from(it);
      expect(packed.canonical).toBe(toCanonicalJson(it));
      expect(toCanonicalJson(packed.decode())).toBe(packed.canonical);
      const again = decodeValue(toPacked(packed.canonical), 0);
      expect(toCanonicalJson(again)).toBe(packed.canonical);
      const envelope = encodeEnvelope("message", { body: { type: "t", it: packed.packed } });
      expect(toCanonicalJson(decodeEnvelope(envelope).fields.body)).toBe(
        toCanonicalJson({ type: "t", it }),
      );
    }),
    runs,
  );
});

test("values are written as another library writes them, byte for byte", () => {
  const other = new Encoder({ ignoreUndefined: true });
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1), (it, absent) => {
      const fields = { it, absent, bytes: new Uint8Array(300) };
      expect(Buffer.from(encodeMessagePack(fields)).equals(other.encode(fields))).toBe(true);
    }),
    runs,
  );
  for (const length of [31, 32, 63, 64, 65, 85, 86, 255, 256, 16_384, 65_535, 65_536]) {
    for (const unit of ["x", "é", "語", "😀"]) {
      const it = unit.repeat(length / unit.length);
      expect(Buffer.from(encodeMessagePack(it)).equals(other.encode(it)), `${unit} ${length}`).toBe(
        true,
      );
      expect(Buffer.from(encodeMessagePack(asLongText(it))).equals(other.encode(it))).toBe(true);
      expect(
        Buffer.from(toPacked(JSON.stringify([it, { [it]: it }]))).equals(
          other.encode([it, { [it]: it }]),
        ),
      ).toBe(true);
    }
  }
  for (const length of [15, 16, 65_535, 65_536]) {
    const list = new Array(length).fill(7);
    expect(Buffer.from(toPacked(JSON.stringify(list))).equals(other.encode(list))).toBe(true);
  }
  expect(encodeMessagePack([2n ** 64n - 1n, -(2n ** 63n), 5n])).toEqual(
    Uint8Array.from([0x93, 0xcf, ...new Array(8).fill(255), 0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0, 5]),
  );
  expect(() => encodeMessagePack(2n ** 64n)).toThrow(RangeError);
  expect(encodeMessagePack({ a: new PackedBytes(Uint8Array.of(0xc3)) })).toEqual(
    encodeMessagePack({ a: true }),
  );
});

/** Returns the body as it was read, or why it was not. */
function read(frame: Uint8Array, isPacked: boolean): string {
  try {
    const options = isPacked ? { scanBody: PackedValue.scan } : {};
    const { body } = decodeEnvelope(frame, options).fields;
    if (body instanceof PackedValue) return body.canonical;
    return body === undefined ? "none" : toCanonicalJson(body);
  } catch (error) {
    expect(error).toBeInstanceOf(StewardError);
    return (error as StewardError).message;
  }
}

test("what is scanned is refused exactly where what is built is", () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
  let refused = 0;
  fc.assert(
    fc.property(value, edits, (it, changes) => {
      const frame = encodeEnvelope("message", { id: "m", body: { type: "t", it } });
      const start = frame.length - encodeMessagePack(it).length;
      for (const [at, byte] of changes) frame[start + (at % (frame.length - start))] = byte;
      const scanned = read(frame, true);
      const built = read(frame, false);
      if (built.startsWith("{")) {
        expect(scanned).toBe(built);
      } else {
        expect(scanned.startsWith("{")).toBe(false);
        refused++;
      }
    }),
    { numRuns: 4 * runs.numRuns },
  );
  expect(refused).toBeGreaterThan(100);
});

test("UTF-8 is held to its rules in short texts and long ones", () => {
  const bad = ["c0af", "c1bf", "e08080", "eda080", "edbfbf", "f08080af", "f4908080", "f5808080"];
  const cut = ["c3", "e8aa", "f09f98", "80", "fe", "c328", "e8aa28", "f09f9828"];
  for (const hex of [...bad, ...cut]) {
    for (const fill of [0, 10, 300]) {
      const bytes = Buffer.concat([Buffer.alloc(fill, "x"), Buffer.from(hex, "hex")]);
      const head = Buffer.from([0xda, bytes.length >> 8, bytes.length & 255]);
      const packed = Buffer.concat([head, bytes]);
      const frame = encodeEnvelope("message", { body: { t: new PackedBytes(packed) } });
      expect(read(frame, true), hex).toBe("A string is not valid UTF-8.");
      expect(read(frame, false), hex).toBe("A string is not valid UTF-8.");
    }
  }
});

test("keys are put in the order of UTF-16, whatever their number", () => {
  const keys = [
    "\u{1f600}",
    "\uff21",
    "z",
    "",
    "10",
    "9",
    "é",
    "a\u0001",
    "a",
    "\ue000",
    "aa",
    '"',
  ];
  for (const count of [0, 50]) {
    const more = Array.from({ length: count }, (_, i) => [`k${(i * 37) % 50}`, { b: i, a: [i] }]);
    const map = Object.fromEntries([...keys.map((key) => [key, key]), ...more]);
    const packed = encodeMessagePack(map);
    const scanned = read(encodeEnvelope("message", { body: new PackedBytes(packed) }), true);
    expect(scanned).toBe(toCanonicalJson(map));
  }
});

test("JSON text is packed as deep as a body may be, and no deeper", () => {
  const nest = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(PackedValue.fromJson(nest(32)).canonical).toBe(nest(32));
  expect(() => PackedValue.fromJson(nest(33))).toThrow("nested deeper than 32");
  expect(() => PackedValue.fromJson(nest(100_000))).toThrow("nested deeper than 32");
});

test("canonical JSON of more than 6 MiB is not written", () => {
  for (const it of ["\u0001".repeat(1_050_000), new Array(9000).fill("\u0001".repeat(200))]) {
    expect(() => PackedValue.from(it).canonical).toThrow(CanonicalTooLarge);
  }
  expect(PackedValue.from("\u0001".repeat(1_040_000)).canonical.length).toBe(6_240_002);
});

test("a whole float is sent on as the integer that it is in JSON", () => {
  const double = (value: number) => {
    const bytes = Buffer.alloc(9);
    bytes[0] = 0xcb;
    bytes.writeDoubleBE(value, 1);
    return bytes;
  };
  const bytes = Buffer.concat([Buffer.from([0x93]), double(5), double(-0), double(2.5)]);
  const packed = PackedValue.scan(bytes, 0, new StructureCount(BODY_LIMITS));
  expect(Buffer.from(packed.packed.bytes)).toEqual(
    Buffer.concat([Buffer.from([0x93, 5, 0]), double(2.5)]),
  );
});
