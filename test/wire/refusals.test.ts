import { describe, expect, test } from "vitest";
import { ZodError } from "zod";
import { StewardError } from "../../src/errors.ts";
import { isUsablePoint } from "../../src/protocol/public-key.ts";
import { toSchemaMessage } from "../../src/protocol/schema-fields.ts";
import { parseBody } from "../../src/wire/body.ts";
import { decodeEnvelope, findMessageId } from "../../src/wire/envelope.ts";
import { parseMessageFields } from "../../src/wire/messages.ts";
import { isZoneRequestType, ZONE_REQUEST_SCHEMAS } from "../../src/wire/zone-requests.ts";
import type { RefusalVector } from "./sources/refusal-vector.ts";
import { readVectors, thrownBy, toFrame } from "./vectors.ts";

const { vectors } = readVectors<{ vectors: RefusalVector[] }>("refused.json");
const of = (layer: RefusalVector["layer"]) => vectors.filter((vector) => vector.layer === layer);

function expectRefusal(error: unknown, code: RefusalVector["code"]): void {
  expect(error).toBeInstanceOf(StewardError);
  expect((error as StewardError).code).toBe(code);
  expect((error as StewardError).message).not.toBe("");
}

/** Decodes what a vector of a later layer must get past. */
function toFields(vector: RefusalVector) {
  const { type, fields } = decodeEnvelope(toFrame(vector));
  return { type, fields };
}

describe("refused envelopes", () => {
  test.each(of("envelope"))("$name → $code", (vector) => {
    expectRefusal(
      thrownBy(() => decodeEnvelope(toFrame(vector))),
      vector.code,
    );
  });
});

describe("refused fields", () => {
  test.each(of("schema"))("$name", (vector) => {
    const { type, fields } = toFields(vector);
    const error = thrownBy(() => parseMessageFields(type, fields));
    expect(error).toBeInstanceOf(ZodError);
    expect(toSchemaMessage(error as ZodError)).toMatch(/^[\w.]+: ./);
  });
});

describe("handshakes that fit the schema but not the rules", () => {
  test.each(of("handshake"))("$name reaches the session", (vector) => {
    const { type, fields } = toFields(vector);
    expect(() => parseMessageFields(type, fields)).not.toThrow();
  });

  test("a key of small order is known as one", () => {
    const vector = of("handshake").find(({ name }) => name.includes("small order"));
    const { fields } = toFields(vector as RefusalVector);
    expect(isUsablePoint(parseMessageFields("hello", fields).public_key)).toBe(false);
  });
});

describe("refused bodies", () => {
  test.each(of("body"))("$name", (vector) => {
    const { fields } = toFields(vector);
    expectRefusal(
      thrownBy(() => parseBody(parseMessageFields("message", fields).body)),
      2003,
    );
  });
});

describe("refused zone bodies", () => {
  test.each(of("zone"))("$name → $code", (vector) => {
    const body = parseBody(toFields(vector).fields.body);
    if (vector.code === 2003) return expect(isZoneRequestType(body.type)).toBe(false);
    if (!isZoneRequestType(body.type)) throw new Error(`${body.type} is unknown`);
    expect(ZONE_REQUEST_SCHEMAS[body.type].safeParse(body).success).toBe(false);
  });
});

describe("ref_msg_id", () => {
  test.each(vectors.filter(({ state }) => state === "verified"))("$name", (vector) => {
    if (vector.layer === "zone" && vector.code !== 2003) return; // a zone.error has none
    expect(findMessageId(toFrame(vector))).toBe(vector.ref_msg_id);
  });

  test("is not read from other types, nor from what is no id", () => {
    expect(findMessageId(Buffer.from("ac0101f00000000681a26964a16d", "hex"))).toBeUndefined();
    expect(
      findMessageId(Buffer.from("ac01011000000005 81a2696401".replace(" ", ""), "hex")),
    ).toBeUndefined();
    expect(findMessageId(Buffer.from("ac0101", "hex"))).toBeUndefined();
    const long = `81a26964d981${"61".repeat(129)}`;
    expect(findMessageId(Buffer.from(`ac01011000000087${long}`, "hex"))).toBeUndefined();
  });

  test("is found before and after the part that is refused", () => {
    const before = Buffer.from(
      "ac0101100000000d 82a26964a16da4626f6479c40100".replace(" ", ""),
      "hex",
    );
    const after = Buffer.from(
      "ac0101100000000d 82a4626f6479c40100a26964a16d".replace(" ", ""),
      "hex",
    );
    for (const frame of [before, after]) expect(findMessageId(frame)).toBe("m");
  });
});

test("only 1001, 2002 and what fails in the handshake close the connection", () => {
  for (const { name, code, closes, state } of vectors) {
    expect(closes, name).toBe(code === 1001 || code === 2002 || state === "handshake");
  }
});
