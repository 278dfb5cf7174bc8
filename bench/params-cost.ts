// What checking params costs per unit of src/zones/params/cost.ts, for shapes that are dear in different
// ways: the bound on units is right if the dearest stays under 50 ms. And what judging a schema takes.
import { validate } from "@cfworker/json-schema";
import type { JsonObject } from "../src/protocol/json.ts";
import { CHECK_COST_MAX, toCheckCost } from "../src/zones/params/cost.ts";
import { parseParamsSchema } from "../src/zones/params/schema.ts";

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const wide = (count: number) => Object.fromEntries(many(count, (i) => [`k${i}`, i]));
const of = (a: object, more: object = {}) => ({ type: "object", properties: { a }, ...more });
const text = (format: string) => of({ type: "string", format });
const variant = (i: number) => ({
  type: "object",
  required: [`r${i}`],
  properties: { [`r${i}`]: { type: "number" }, x: { type: "string" } },
});
const TREE = of({ type: "array", items: { $ref: "#" } });
const deep = (levels: number): object =>
  levels === 0 ? {} : { a: [deep(levels - 1), ...many(30, () => ({}))] };

const SHAPES: readonly (readonly [string, object, object])[] = [
  ["numbers", of({ items: { type: "number", minimum: 0 } }), { a: many(9000, (i) => i) }],
  ["one long text", of({ type: "string", maxLength: 1e7 }), { a: "x".repeat(3_800_000) }],
  ["a long uri", text("uri"), { a: `http://a/${"a/b".repeat(1_200_000)}` }],
  ["a long pointer", text("json-pointer"), { a: "/ab".repeat(1_200_000) }],
  [
    "ten alternatives",
    of({ items: { oneOf: many(10, variant) } }),
    { a: many(900, () => ({ r9: 1, x: "" })) },
  ],
  [
    "many members",
    { type: "object", properties: {}, additionalProperties: { type: "number" } },
    wide(9000),
  ],
  [
    "unevaluated members",
    {
      type: "object",
      properties: {},
      allOf: many(10, (i) => ({ properties: { [`k${i}`]: {} } })),
      unevaluatedProperties: { type: "number" },
    },
    wide(5000),
  ],
  [
    "a long enum",
    of({ items: { enum: many(1000, (i) => `c${i}`) } }),
    { a: many(900, () => "c999") },
  ],
  [
    "an enum of objects",
    of({ items: { enum: many(200, (i) => ({ i })) } }),
    { a: many(900, () => ({ i: 199 })) },
  ],
  ["unique items", of({ uniqueItems: true }), { a: many(400, (i) => ({ i })) }],
  [
    "many required",
    of({ items: { required: many(500, (i) => `k${i}`) } }),
    { a: many(300, () => wide(500)) },
  ],
  ["recursion", TREE, deep(12)],
];

console.log(`units per check at most: ${CHECK_COST_MAX}`);
for (const [name, schema, params] of SHAPES) {
  const startedMs = performance.now();
  const parsed = parseParamsSchema(schema as JsonObject, "params");
  const judgedMs = performance.now() - startedMs;
  const units = toCheckCost(parsed.cost, params as JsonObject);
  let bestMs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 4; run++) {
    const runMs = performance.now();
    validate(params, parsed.schema, parsed.draft, parsed.lookup, true);
    bestMs = Math.min(bestMs, performance.now() - runMs);
  }
  const nsPerUnit = (bestMs * 1e6) / units;
  const worstMs = (nsPerUnit * CHECK_COST_MAX) / 1e6;
  console.log(
    `${name.padEnd(20)} ${Math.round(units).toString().padStart(8)} units ${bestMs.toFixed(1).padStart(6)} ms` +
      `  ${nsPerUnit.toFixed(0).padStart(4)} ns a unit, ${worstMs.toFixed(1)} ms at the bound; judged in ${judgedMs.toFixed(1)} ms`,
  );
}
