import { expect, test } from "vitest";
import { assertBodyValue, parseBody } from "../../src/wire/body.ts";
import { decodeEnvelope, encodeEnvelope, findMessageId } from "../../src/wire/envelope.ts";
import { PackedBody } from "../../src/wire/packed-body.ts";
import { PackedValue } from "../../src/wire/packed-value.ts";
import { thrownBy } from "./vectors.ts";

function nest(depth: number): unknown {
  return depth === 1 ? [] : [nest(depth - 1)];
}

test("a body may be 32 deep, itself included", () => {
  expect(() => parseBody({ type: "t", deep: nest(31) })).not.toThrow();
  expect(() => parseBody({ type: "t", deep: nest(32) })).toThrow("deeper than 32");
  const asText = (depth: number) => JSON.stringify({ type: "t", deep: nest(depth) });
  expect(() => parseBody(asText(31))).not.toThrow();
  expect(() => parseBody(asText(32))).toThrow("deeper than 32");
});

test("text that is nested a million deep is refused without being built", () => {
  const text = `{"type":"t","deep":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;
  expect(() => parseBody(text)).toThrow("deeper than 32");
});

test("brackets inside strings are not nesting", () => {
  const body = { type: "t", text: `${"[{".repeat(50)}"\\`, "{[": 1 };
  expect(parseBody(JSON.stringify(body))).toEqual(body);
});

test("an array may have 10,000 items", () => {
  const list = (length: number) => ({ type: "t", list: new Array<null>(length).fill(null) });
  expect(() => parseBody(list(10_000))).not.toThrow();
  expect(() => parseBody(list(10_001))).toThrow("more than 10000 items");
  expect(() => parseBody(JSON.stringify(list(10_001)))).toThrow("more than 10000 items");
});

test("the same key may stand in different objects, and twice in none", () => {
  expect(() =>
    parseBody('{"type":"t","a":{"b":1},"c":{"b":1},"d":[{"b":1},{"b":1}]}'),
  ).not.toThrow();
  expect(() => parseBody('{"type":"t","d":[1,{"b":1,"c":[],"b":1}]}')).toThrow("same key twice");
  expect(() => parseBody('{"type":"t","s":["type","type"]}')).not.toThrow();
});

test("JSON text keeps what MessagePack keeps of numbers", () => {
  const body = parseBody(
    '{"type":"t","n":[9007199254740991,-9007199254740991,1e20,0.1,1E2,-0.5e-3]}',
  );
  expect(body.n).toEqual([9_007_199_254_740_991, -9_007_199_254_740_991, 1e20, 0.1, 100, -0.0005]);
  for (const number of ["9007199254740992", "-9007199254740992", "1".repeat(400), "2e308"]) {
    expect(() => parseBody(`{"type":"t","n":${number}}`), number).toThrow();
  }
});

test("the first strong directional marks are allowed, embedding and isolates are not", () => {
  expect(() => parseBody({ type: "t", text: "\u200e\u200f\u061c\u2065\u206a" })).not.toThrow();
  for (const code of [0, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]) {
    expect(() => parseBody({ type: "t", text: String.fromCharCode(code) })).toThrow(
      "NUL or a bidi",
    );
    expect(() => parseBody({ type: "t", [String.fromCharCode(code)]: 1 })).toThrow("NUL or a bidi");
  }
});

test("a handler's result is held to the same limits", () => {
  for (const value of [null, "text", 5, { a: [1, { b: "é" }] }]) {
    expect(() => assertBodyValue(value)).not.toThrow();
  }
  const refused = [
    nest(33),
    "\ud800",
    { a: "\udc00" },
    [Number.NaN],
    JSON.parse('{"__proto__":1}'),
  ];
  for (const value of refused) {
    expect(thrownBy(() => assertBodyValue(value))).toMatchObject({ code: 2003 });
  }
});

/** Encodes a message around a body, and reads it as the SDK does and as the steward does. */
function read(body: unknown): void {
  const frame = encodeEnvelope("message", { body });
  let error: unknown;
  try {
    parseBody(decodeEnvelope(frame).fields.body);
  } catch (thrown) {
    error = thrown;
  }
  try {
    PackedBody.parse(decodeEnvelope(frame, { scanBody: PackedValue.scan }).fields.body);
  } catch (thrown) {
    expect(thrown).toEqual(error);
    throw thrown;
  }
  expect(error).toBeUndefined();
}

const keysOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 0]));
/** That many values in all, the list included. */
const valuesOf = (count: number) => {
  const lists = Array.from({ length: Math.floor((count - 1) / 1001) }, () =>
    new Array(1000).fill(0),
  );
  return [...lists, ...new Array((count - 1) % 1001).fill(0)];
};

test.each([
  ["as MessagePack", (body: object) => body],
  ["as JSON text", (body: object) => JSON.stringify(body)],
])("a body's structure is bounded, itself included, and the refusal says how: %s", (_form, to) => {
  const atMost = (body: object) => expect(() => read(to(body))).not.toThrow();
  const refused = (body: object, why: string) => {
    const error = thrownBy(() => read(to(body)));
    expect(error).toMatchObject({ code: 2003, message: `The body ${why}.` });
  };
  atMost({ type: "t", map: keysOf(10_000) });
  refused({ type: "t", map: keysOf(10_001) }, "holds a map of more than 10000 keys");
  refused({ type: "t", ...keysOf(10_000) }, "holds a map of more than 10000 keys");
  atMost({ type: "t", list: new Array(10_000).fill(0) });
  refused(
    { type: "t", list: new Array(10_001).fill(0) },
    "holds an array of more than 10000 items",
  );
  atMost({ type: "t", values: valuesOf(99_998) });
  refused({ type: "t", values: valuesOf(99_999) }, "holds more than 100000 values in all");
  atMost({ type: "t", deep: nest(31) });
  refused({ type: "t", deep: nest(32) }, "is nested deeper than 32");
});

test("what stands beside the body is bounded alike, and counts apart", () => {
  const body = { type: "t", values: valuesOf(99_998) };
  const decode = (fields: object) => decodeEnvelope(encodeEnvelope("message", { ...fields }));
  expect(() => decode({ body, other: valuesOf(90_000) })).not.toThrow();
  for (const [other, why] of [
    [keysOf(10_001), "a map of more than 10000 keys"],
    [new Array(10_001).fill(0), "an array of more than 10000 items"],
    [valuesOf(100_001), "more than 100000 values in all"],
  ]) {
    expect(() => decode({ body, other })).toThrow(`The payload holds ${why}.`);
  }
  expect(() => decode(keysOf(10_001))).toThrow("The payload holds a map of more than 10000 keys.");
});

test("a refused message's id is found wherever it stands, whatever stands before it", () => {
  const body = { type: "t", list: new Array(10_001).fill({ a: [1.5, -1, "x".repeat(40), null] }) };
  const frame = encodeEnvelope("message", {
    body,
    other: nest(90),
    bytes: new Uint8Array(300),
    id: "msg_1",
  });
  expect(() => decodeEnvelope(frame)).toThrow("10000 items");
  expect(findMessageId(frame)).toBe("msg_1");
});

test("text that is no JSON is refused before much of it is read", () => {
  for (const text of ["1 ", '"" ', "{}", "[1,", '{"a",', "t "]) {
    const startedMs = performance.now();
    expect(thrownBy(() => parseBody(text.repeat(1_000_000)))).toMatchObject({ code: 2003 });
    expect(performance.now() - startedMs, text).toBeLessThan(200);
  }
});

test("a steward refuses a body of more than 1 MiB of JSON text, and says what to send", () => {
  const take = (unit: string, count: number) => () =>
    PackedBody.parse(JSON.stringify({ type: "t", pad: unit.repeat(count) }));
  for (const [unit, most] of [
    ["x", 1_048_500],
    ["語", 349_400],
  ] as const) {
    expect(take(unit, most)).not.toThrow();
    expect(thrownBy(take(unit, most + 200))).toMatchObject({
      code: 2003,
      message: "The body is more than 1 MiB of JSON text: send it as a MessagePack map.",
    });
  }
});
