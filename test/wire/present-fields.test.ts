import { expect, test } from "vitest";
import { z } from "zod";
import { isOptionalField, optionalField } from "../../src/protocol/schema-fields.ts";
import { MESSAGE_SCHEMAS } from "../../src/wire/messages.ts";
import { PresentFields } from "../../src/wire/present-fields.ts";
import { safeParse } from "../../src/wire/safe-parse.ts";
import { ZONE_REQUEST_SCHEMAS } from "../../src/wire/zone-requests.ts";

const ID = "019a2f3d-0009-7a10-8b20-0123456789ab";
const NODE = `atlas_${"a".repeat(64)}`;
/** A value that fits each field somewhere, and one that fits none of that name. */
const VALUES: Readonly<Record<string, unknown>> = {
  ...{ id: `zmsg_${ID}`, reply_to: `zmsg_${ID}`, from: NODE, to: NODE, node_id: NODE },
  ...{ timestamp: 1, epoch: 2, after_seq: 3, min_seq: 4, limit: 5, max_uses: 6, expires_at: 7 },
  ...{ params: { a: 1 }, content: "hi", envelope: {}, chain: [], body: {}, result: null },
  ...{ filter: { topic: "t" }, actions: ["a"], op: "show", error: { message: "no" } },
  ...{ escrow_id: `0x${"1".repeat(64)}`, zone_id: `zone_${ID}` },
};
/** Fits nothing but what takes any value. */
const WRONG = -1.5;

const schemas: readonly (readonly [string, z.ZodObject])[] = [
  ["message", MESSAGE_SCHEMAS.message],
  ...Object.entries(ZONE_REQUEST_SCHEMAS),
];

/** Every way to leave out, to nil and to spoil optional fields, one at a time and all together. */
function* toFieldSets(schema: z.ZodObject): Generator<Record<string, unknown>> {
  const keys = Object.keys(schema.shape);
  const full = Object.fromEntries(keys.map((key) => [key, VALUES[key] ?? "text"]));
  const optional = keys.filter((key) => isOptionalField(schema.shape[key]));
  yield full;
  yield { ...full, beside: "dropped" };
  for (let set = 0; set < 2 ** Math.min(optional.length, 6); set++) {
    const absent = optional.filter((_, i) => (set & (1 << i)) !== 0);
    yield Object.fromEntries(Object.entries(full).filter(([key]) => !absent.includes(key)));
    yield { ...full, ...Object.fromEntries(absent.map((key) => [key, null])) };
  }
  for (const key of keys) {
    yield { ...full, [key]: WRONG };
    yield Object.fromEntries(Object.entries(full).filter(([name]) => name !== key));
  }
}

/** Of more forms than are kept. */
const MANY = z.object(
  Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((key) => [key, optionalField(z.string())])),
);

test.each([...schemas, ["many", MANY] as const])(
  "fields of %s that do not come are as if the whole schema were read",
  (_, schema) => {
    const present = new PresentFields(schema);
    let fitting = 0;
    let unfitting = 0;
    for (const fields of toFieldSets(schema)) {
      const whole = safeParse(schema, fields);
      const part = present.parse(fields);
      expect(part.success).toBe(whole.success);
      // An absent field and an undefined one are the same to `toEqual`, and to who reads them.
      expect(part.data).toEqual(whole.data);
      expect(part.error?.issues[0]).toEqual(whole.error?.issues[0]);
      if (part.success) fitting++;
      else unfitting++;
    }
    expect(fitting).toBeGreaterThan(0);
    expect(unfitting).toBeGreaterThan(0);
  },
);
