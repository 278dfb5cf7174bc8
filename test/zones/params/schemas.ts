import { StewardError } from "../../../src/errors.ts";
import type { JsonObject } from "../../../src/protocol/json.ts";
import { PackedValue } from "../../../src/wire/packed-value.ts";
import { ParamsChecker } from "../../../src/zones/params/check.ts";

export const DRAFT = "https://json-schema.org/draft/2020-12/schema";

/** A schema whose property `a` has this one. */
export const withProperty = (schema: unknown): JsonObject =>
  ({ type: "object", properties: { a: schema } }) as JsonObject;

/** Returns the StewardError that a function throws. */
export function refusalOf(run: () => void): StewardError {
  try {
    run();
  } catch (error) {
    if (error instanceof StewardError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

/** A checker of params that are not packed yet. */
export function createChecker() {
  const checker = new ParamsChecker();
  return {
    assert: (expected: JsonObject | undefined, params: JsonObject) =>
      checker.assert(expected, PackedValue.from(params)),
  };
}
