import fc from "fast-check";
import { Packr } from "msgpackr";
import { expect, test } from "vitest";
import { parseBody } from "../../src/wire/body.ts";
import { decodeEnvelope, encodeEnvelope, HEADER_BYTES } from "../../src/wire/envelope.ts";
import { parseMessageFields } from "../../src/wire/messages.ts";
import { frameHex } from "./independent/messagepack.ts";
import { CHALLENGE } from "./sources/cast.ts";

// msgpackr is the foreign peer: another library, another author.
const packr = new Packr({ useRecords: false, int64AsType: "number" });

function toForeignFrame(type: number, fields: unknown): Buffer {
  return Buffer.from(frameHex(type, Buffer.from(packr.pack(fields)).toString("hex")), "hex");
}

const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value): unknown => JSON.parse(JSON.stringify(value))) // -0, which JSON writes as 0
  .filter((value) => !JSON.stringify(value).includes("__proto__"));
const text = fc.string({ unit: "grapheme", maxLength: 300 }).filter(isPlain);

function isPlain(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is refused
  return !/[\u0000\u202a-\u202e\u2066-\u2069]/.test(value);
}

test("what msgpackr writes is read: numbers, texts, lists, maps", () => {
  fc.assert(
    fc.property(json, text, (value, words) => {
      fc.pre(isPlain(JSON.stringify(value)) && !JSON.stringify(value).includes("\\u0000"));
      const body = { type: "t", value, words };
      const fields = { id: "m", from: "a", to: "b", timestamp: 1_790_000_000, body };
      try {
        const decoded = decodeEnvelope(toForeignFrame(0x10, fields));
        const message = parseMessageFields("message", decoded.fields);
        expect(message.timestamp).toBe(1_790_000_000);
        expect(parseBody(message.body)).toEqual(body);
      } catch (error) {
        // The one thing JSON has and a body has not: whole numbers between 2^53 and 2^64.
        expect(String(error)).toContain("beyond 2^53-1");
      }
    }),
    { numRuns: 500 },
  );
});

test("what this steward writes msgpackr reads", () => {
  fc.assert(
    fc.property(json, text, (value, words) => {
      const fields = { id: "m", body: { type: "t", value, words } };
      const frame = encodeEnvelope("message", fields);
      // msgpackr leaves out nothing and adds nothing; -0 has no integer form.
      const read = packr.unpack(frame.subarray(HEADER_BYTES));
      expect(JSON.stringify(read)).toBe(JSON.stringify(fields));
    }),
    { numRuns: 500 },
  );
});

test("msgpackr's byte strings and its arrays of integers are the same bytes", () => {
  for (const challenge of [Buffer.from(CHALLENGE), [...CHALLENGE]]) {
    const frame = toForeignFrame(0x03, { signature: challenge, challenge });
    const fields = parseMessageFields("verify", decodeEnvelope(frame).fields);
    expect(fields).toEqual({ signature: CHALLENGE, challenge: CHALLENGE });
  }
});

test("byte fields leave as arrays of integers, which a plain Rust Vec<u8> reads", () => {
  const frame = encodeEnvelope("verify", { signature: CHALLENGE, challenge: CHALLENGE });
  expect(packr.unpack(frame.subarray(HEADER_BYTES))).toEqual({
    signature: [...CHALLENGE],
    challenge: [...CHALLENGE],
  });
});
