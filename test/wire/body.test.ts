import { expect, test } from "vitest";
import {
  assertBodyValue,
  BODY_ARRAY_ITEMS_MAX,
  BODY_DEPTH_MAX,
  parseBody,
} from "../../src/wire/body.ts";
import { thrownBy } from "./vectors.ts";

function nest(depth: number): unknown {
  return depth === 1 ? [] : [nest(depth - 1)];
}

test("a body may be 32 deep, itself included", () => {
  expect(BODY_DEPTH_MAX).toBe(32);
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
  expect(BODY_ARRAY_ITEMS_MAX).toBe(10_000);
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
