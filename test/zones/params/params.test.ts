import { expect, test } from "vitest";
import { StewardError, toPeerText } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/protocol/json.ts";
import { assertParamsSchema } from "../../../src/zones/params/schema.ts";
import { startSteward } from "../../support/steward.ts";
import { WireClient } from "../../support/wire-client.ts";
import { createChecker, DRAFT, refusalOf, withProperty } from "./schemas.ts";

const ORDER = {
  $schema: DRAFT,
  type: "object",
  properties: {
    text: { type: "string", minLength: 1, maxLength: 5 },
    count: { type: "integer", minimum: 1 },
    kind: { enum: ["a", "b"] },
    address: { $ref: "#/$defs/address" },
    pattern: { type: "boolean" },
    either: { anyOf: [{ type: "string" }, { type: "integer" }] },
  },
  required: ["text"],
  additionalProperties: false,
  $defs: {
    address: { type: "object", properties: { zip: { type: ["string", "null"] } } },
  },
};

test("a request's params are held to the action's JSON Schema, and the answer names the field", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone({
    actions: [{ name: "echo", description: "Answers its params.", params: ORDER }],
  });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  let count = 0;
  const ask = (params: object) =>
    client.ask({
      type: "zone.request",
      request_id: `r${count++}`,
      zone_id,
      action: "echo",
      params,
    });
  const good = {
    text: "abc",
    count: 2,
    kind: "a",
    address: { zip: null },
    pattern: true,
    either: 1,
  };
  expect(await ask(good)).toMatchObject({ type: "zone.response", result: good });
  const refused: [object, string][] = [
    [{}, "params.text: missing"],
    [{ text: 1 }, "params.text: expected string"],
    [{ text: "" }, "params.text: String is too short"],
    [{ text: "abcdef" }, "params.text: String is too long"],
    [{ text: "a", count: 1.5 }, "params.count: expected integer"],
    [{ text: "a", kind: "c" }, "params.kind: Instance does not match any of"],
    [{ text: "a", address: { zip: 1 } }, "params.address.zip: expected string, null"],
    [{ text: "a", "x/y~z ü": 1 }, "params.x/y~z ü: not allowed"],
    [{ text: "a", either: true }, "params.either: Instance does not match any subschemas"],
  ];
  for (const [params, message] of refused) {
    const reply = await ask(params);
    expect(reply).toMatchObject({ type: "zone.error", code: "invalid_params" });
    expect(reply.message).toContain(toPeerText(message));
  }
});

test("without $schema, type object with properties is a JSON Schema; anything else is hints", () => {
  const checker = createChecker();
  const schema = { type: "object", properties: { n: { type: "integer" } } };
  expect(refusalOf(() => checker.assert(schema, { n: "x" })).message).toBe(
    "params.n: expected integer",
  );
  const hints = { type: "string", properties: "object?", inner: { n: "number" } };
  checker.assert(hints, { type: "t", inner: { n: 1 } });
  const refusal = refusalOf(() => checker.assert(hints, { type: "t", inner: { n: "1" } }));
  expect(refusal.message).toBe("params.inner.n: expected number");
});

/** 2^30 visits from a schema of 31 definitions. */
function createBomb(): JsonObject {
  const $defs: Record<string, JsonObject> = { d0: { type: "string" } };
  for (let i = 1; i <= 30; i++) {
    const next = { $ref: `#/$defs/d${i - 1}` };
    $defs[`d${i}`] = { anyOf: [next, next] };
  }
  return { $schema: DRAFT, type: "object", properties: { a: { $ref: "#/$defs/d30" } }, $defs };
}

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const $DEFS = {
  t: { items: { properties: { a: { anyOf: many(40, () => ({ $ref: "#/$defs/t" })) } } } },
};

test.each([
  ["anyOf that doubles with each reference", createBomb(), { a: 1 }],
  [
    "alternatives that multiply with each level of the params",
    withProperty({ anyOf: [{ $ref: "#/$defs/t" }, { $ref: "#/$defs/t" }] }),
    { a: many(200, () => ({ a: many(200, () => ({ a: [] })) })) },
  ],
  [
    "more alternatives for one value than a few values could be checked for",
    withProperty({ items: { anyOf: many(1000, (i) => ({ const: `x${i}` })) } }),
    { a: many(1000, () => "x999") },
  ],
])(
  "a schema is judged by its worst case when its manifest is accepted: %s",
  (_, schema, params) => {
    const full = { $defs: $DEFS, ...schema } as JsonObject;
    const startedMs = performance.now();
    const refusal = refusalOf(() => assertParamsSchema({ name: "act", params: full }));
    expect(refusal.code).toBe("invalid_params");
    expect(refusal.message).toContain("too many of its parts apply to one value");
    // One that is stored already costs no more: its action takes only few values.
    const stored = refusalOf(() => createChecker().assert(full, params as unknown as JsonObject));
    expect(stored.code).toBe("invalid_params");
    expect(stored.message).toBe(
      "params: more values than can be checked against the action's schema",
    );
    expect(performance.now() - startedMs).toBeLessThan(500);
  },
);

test("params of more values than can be checked for the schema's price are refused, fewer are not", () => {
  const checker = createChecker();
  const unique = withProperty({ uniqueItems: true });
  assertParamsSchema({ name: "act", params: unique });
  const refusal = refusalOf(() =>
    checker.assert(unique, { a: many(10_000, (i) => ({ i, b: [i] })) } as unknown as JsonObject),
  );
  expect(refusal.code).toBe("invalid_params");
  checker.assert(unique, { a: many(300, (i) => i) });
  const plain = withProperty({ items: { type: "number", minimum: 0, maximum: 9999 } });
  checker.assert(plain, { a: many(10_000, (i) => i) });
  checker.assert(withProperty({ type: "string", maxLength: 4_000_000 }), {
    a: "x".repeat(3_800_000),
  });
  const countries = withProperty({ items: { enum: many(1000, (i) => `country-${i}`) } });
  assertParamsSchema({ name: "act", params: countries });
  checker.assert(countries, { a: many(500, (i) => `country-${i}`) });
});

test("references inside the schema work, by pointer and recursively, whatever the names", () => {
  const tree = {
    $schema: DRAFT,
    $ref: "#/$defs/a b~1ü%25",
    $defs: {
      "a b/ü%": {
        type: "object",
        properties: { left: { $ref: "#/$defs/a b~1ü%25" }, value: { type: "number" } },
        required: ["value"],
      },
    },
  };
  assertParamsSchema({ name: "act", params: tree });
  const checker = createChecker();
  checker.assert(tree, { value: 1, left: { value: 2, left: { value: 3 } } });
  const wrong = { value: 1, left: { value: 2, left: {} } };
  expect(refusalOf(() => checker.assert(tree, wrong)).message).toBe(
    "params.left.left.value: missing",
  );
});

test("draft 7's dependencies and draft 4's exclusive bounds keep their meaning", () => {
  const checker = createChecker();
  const draft7 = {
    $schema: "http://json-schema.org/draft-07/schema#",
    dependencies: { a: ["b"], c: { required: ["d"] } },
  };
  assertParamsSchema({ name: "act", params: draft7 });
  checker.assert(draft7, { a: 1, b: 1 });
  expect(() => checker.assert(draft7, { a: 1 })).toThrow(StewardError);
  expect(() => checker.assert(draft7, { c: 1 })).toThrow("params.d: missing");
  const draft4 = {
    $schema: "http://json-schema.org/draft-04/schema#",
    properties: { n: { minimum: 1, exclusiveMinimum: true } },
  };
  checker.assert(draft4, { n: 1.5 });
  expect(() => checker.assert(draft4, { n: 1 })).toThrow("params.n");
});
