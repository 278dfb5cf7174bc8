import { describe, expect, test } from "vitest";
import { StewardError } from "../../src/errors.ts";
import { parseBody } from "../../src/wire/body.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  HEADER_BYTES,
  MESSAGE_TYPES,
  PAYLOAD_BYTES_MAX,
  parseHeader,
} from "../../src/wire/envelope.ts";
import { MESSAGE_SCHEMAS, parseMessageFields } from "../../src/wire/messages.ts";
import type { EnvelopeVector } from "./sources/envelope-vector.ts";
import { readVectors, thrownBy } from "./vectors.ts";

type Fields = Readonly<Record<string, unknown>>;
const { vectors } = readVectors<{ vectors: (EnvelopeVector & { fields: Fields })[] }>(
  "envelopes.json",
);

/** What the schema leaves of fields that are absent. */
function withoutUndefined(fields: object): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

describe("envelope vectors", () => {
  test.each(vectors)("$name decodes to its fields", (vector) => {
    const frame = Buffer.from(vector.hex, "hex");
    const decoded = decodeEnvelope(frame);
    expect(decoded.type).toBe(vector.type);
    expect(MESSAGE_TYPES[decoded.type]).toBe(vector.type_number);
    expect(Buffer.from(decoded.payload).toString("hex")).toBe(vector.hex.slice(2 * HEADER_BYTES));
    expect(withoutUndefined(parseMessageFields(decoded.type, decoded.fields))).toEqual(
      vector.fields,
    );
    if (vector.type === "message") {
      expect(parseBody(decoded.fields.body)).toEqual(vector.parsed_body ?? vector.fields.body);
    }
  });

  test.each(vectors.filter((vector) => vector.canonical))("$name is written so", (vector) => {
    const type = vector.type as EnvelopeVector["type"] & keyof typeof MESSAGE_TYPES;
    const bytes = encodeEnvelope(type, vector.fields);
    expect(Buffer.from(bytes).toString("hex")).toBe(vector.hex);
  });

  test("every message type has a vector that is read and one that is written", () => {
    const types = Object.keys(MESSAGE_SCHEMAS).sort();
    expect([...new Set(vectors.map((vector) => vector.type))].sort()).toEqual(types);
    const written = vectors.filter((vector) => vector.canonical).map((vector) => vector.type);
    expect([...new Set(written)].sort()).toEqual(types);
  });
});

test("a decoded payload does not change when the transport reuses its buffer", () => {
  const frame = Buffer.from(encodeEnvelope("verify", { signature: [1, 2], challenge: [3] }));
  const { payload } = decodeEnvelope(frame);
  const before = Buffer.from(payload).toString("hex");
  frame.fill(0);
  expect(Buffer.from(payload).toString("hex")).toBe(before);
});

test("undefined fields are left out", () => {
  const bytes = encodeEnvelope("disconnect", { reason: "normal", message: undefined });
  expect(bytes).toEqual(encodeEnvelope("disconnect", { reason: "normal" }));
});

test("a payload of exactly 4 MiB passes both ways, one byte more is 2002", () => {
  const overhead = encodeEnvelope("message", { body: "a".repeat(70_000) }).length - 70_000;
  const largest = PAYLOAD_BYTES_MAX + HEADER_BYTES - overhead;
  const frame = encodeEnvelope("message", { body: "a".repeat(largest) });
  expect(frame.length).toBe(HEADER_BYTES + PAYLOAD_BYTES_MAX);
  expect(String(decodeEnvelope(frame).fields.body).length).toBe(largest);
  const error = thrownBy(() => encodeEnvelope("message", { body: "a".repeat(largest + 1) }));
  expect(error).toBeInstanceOf(StewardError);
  expect((error as StewardError).code).toBe(2002);
});

test("a header is parsed from the first eight bytes of a longer stream", () => {
  const stream = new Uint8Array(100).subarray(3);
  stream.set(encodeEnvelope("ping", { ts: 1 }));
  expect(parseHeader(stream)).toEqual({ typeNumber: 0xf0, payloadBytes: 5 });
});
