import fc from "fast-check";
import { expect, test } from "vitest";
import { StewardError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/protocol/json.ts";
import { assertParamsSchema } from "../../../src/zones/params/schema.ts";
import { readCount } from "../../support/counts.ts";
import { createChecker, DRAFT, refusalOf, withProperty } from "./schemas.ts";

test.each([
  ["pattern", withProperty({ pattern: "(a+)+$" }), "params.properties.a.pattern"],
  ["patternProperties", withProperty({ patternProperties: { a: {} } }), "a.patternProperties"],
  ["a remote $ref", withProperty({ $ref: "https://a.example/s.json" }), "a.$ref"],
  ["a relative $ref", withProperty({ $ref: "other.json" }), "a.$ref"],
  ["an anchor's $ref", withProperty({ $ref: "#name" }), "a.$ref"],
  ["$dynamicRef", withProperty({ $dynamicRef: "#a" }), "a.$dynamicRef"],
  ["$recursiveRef", withProperty({ $recursiveRef: "#" }), "a.$recursiveRef"],
  ["a $ref to nothing", withProperty({ $ref: "#/$defs/none" }), "leads nowhere"],
  [
    "a $ref into data",
    { ...withProperty({ $ref: "#/$defs/a/const" }), $defs: { a: { const: {} } } },
    "leads nowhere",
  ],
  [
    "a $ref to itself",
    { ...withProperty({ $ref: "#/$defs/a" }), $defs: { a: { $ref: "#/$defs/a" } } },
    "back to itself",
  ],
  ["a cycle through allOf", { ...withProperty({}), allOf: [{ $ref: "#" }] }, "back to itself"],
  [
    "a nested pattern behind not",
    withProperty({ not: { items: { pattern: "a" } } }),
    "not.items.pattern",
  ],
  [
    "a mistyped keyword",
    withProperty({ required: "a" }),
    "a.required: expected an array of strings",
  ],
  ["an unknown type", withProperty({ type: "text" }), "a.type"],
  ["properties that are none", withProperty({ properties: [1] }), "a.properties"],
  ["a schema that is none", withProperty(1), "properties.a: expected a schema"],
  ["anyOf that is no list", withProperty({ anyOf: {} }), "a.anyOf"],
  ["too large", withProperty({ description: "x".repeat(65_536) }), "larger than 64 KiB"],
  ["hints too large", { a: "x".repeat(65_536) }, "larger than 64 KiB"],
])("a manifest is refused for %s", (_name, params, message) => {
  const refusal = refusalOf(() =>
    assertParamsSchema({ name: "act", params: params as JsonObject }),
  );
  expect(refusal.code).toBe("invalid_params");
  expect(refusal.message).toContain("manifest.actions.act.params");
  expect(refusal.message).toContain(message);
});

function nest(levels: number, inner: JsonObject): JsonObject {
  return levels === 0 ? inner : { items: nest(levels - 1, inner) };
}

test("a schema nested 32 levels is taken, 33 levels are refused, in both forms", () => {
  const nested = (levels: number) => ({ $schema: DRAFT, ...nest(levels, {}) });
  assertParamsSchema({ name: "act", params: nested(31) });
  const refusal = refusalOf(() => assertParamsSchema({ name: "act", params: nested(32) }));
  expect(refusal.message).toContain("nested deeper than 32");
  assertParamsSchema({ name: "act", params: nest(31, {}) });
  expect(() => assertParamsSchema({ name: "act", params: nest(32, {}) })).toThrow("nested deeper");
});

test("a chain of more than 64 schemas on one value is refused, a long acyclic one is not slow", () => {
  const chain = (length: number) => {
    const $defs: Record<string, JsonObject> = { d0: {} };
    for (let i = 1; i < length; i++) $defs[`d${i}`] = { $ref: `#/$defs/d${i - 1}` };
    return { ...withProperty({ $ref: `#/$defs/d${length - 1}` }), $defs };
  };
  assertParamsSchema({ name: "act", params: chain(60) });
  expect(() => assertParamsSchema({ name: "act", params: chain(1000) })).toThrow("in a row");
});

const KEYWORDS = [
  ...["type", "enum", "const", "format", "required", "uniqueItems", "minimum", "multipleOf"],
  ...["minLength", "minContains", "maxProperties", "not", "if", "then", "contains", "items"],
  ...["propertyNames", "additionalProperties", "unevaluatedItems", "allOf", "oneOf", "prefixItems"],
  ...["properties", "$defs", "dependencies", "dependentRequired", "$ref", "$id", "title", "a", "b"],
];

test("whatever schema is accepted, checking any params ends in a typed error or none", () => {
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom(
        "string",
        "object",
        "array",
        "#",
        "#/$defs/a",
        "a",
        "b",
        0,
        1,
        2.5,
        true,
        null,
      ),
      fc.dictionary(fc.constantFrom(...KEYWORDS), tie("json"), { maxKeys: 4 }),
      fc.array(tie("json"), { maxLength: 3 }),
    ),
  }));
  const object = fc.dictionary(fc.constantFrom(...KEYWORDS), json, { maxKeys: 4 });
  const checker = createChecker();
  let accepted = 0;
  fc.assert(
    fc.property(object, object, (schema, params) => {
      const full = { $schema: DRAFT, ...schema } as JsonObject;
      try {
        assertParamsSchema({ name: "act", params: full });
        accepted++;
        checker.assert(full, params as JsonObject);
      } catch (error) {
        expect(error).toBeInstanceOf(StewardError);
      }
    }),
    { numRuns: readCount("SCHEMA_RUNS") },
  );
  expect(accepted).toBeGreaterThan(100);
});
