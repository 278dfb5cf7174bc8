import { type OutputUnit, validate } from "@cfworker/json-schema";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { PackedValue } from "../../wire/packed-value.ts";
import { CHECK_COST_MAX, toCheckCost } from "./cost.ts";
import { assertHints } from "./hints.ts";
import { isJsonSchema, type ParamsSchema, parseParamsSchema } from "./schema.ts";

const COMPILED_MAX = 256;

/** Errors that only say that something inside does not fit. */
const OUTER_KEYWORDS = new Set([
  "$ref",
  "allOf",
  "if",
  "dependentSchemas",
  "properties",
  "additionalProperties",
  "unevaluatedProperties",
  "propertyNames",
  "items",
  "prefixItems",
  "additionalItems",
  "unevaluatedItems",
]);

/** Checks the params of requests against what manifests say; `docs/protocol.md` §6. */
export class ParamsChecker {
  private readonly compiled = new Map<string, ParamsSchema>();

  /**
   * Checks an action's params: against a JSON Schema where the manifest has one, else against the
   * hint form.
   * @throws StewardError `invalid_params`, its message names the field, or says that there are more
   *   values than such a schema can be checked for
   */
  assert(expected: JsonObject | undefined, params: PackedValue): void {
    if (expected === undefined) return;
    if (!isJsonSchema(expected)) return assertHints(expected, params);
    const errors = this.check(this.compile(expected), params.decode() as JsonObject);
    const error = errors.find(({ keyword }) => !OUTER_KEYWORDS.has(keyword)) ?? errors[0];
    if (error !== undefined) throw toRefusal(error);
  }

  private compile(expected: JsonObject): ParamsSchema {
    const text = JSON.stringify(expected);
    const known = this.compiled.get(text) ?? parseParamsSchema(expected, "params");
    // Set again, so that the first key is the one that was not used for the longest time.
    this.compiled.delete(text);
    this.compiled.set(text, known);
    const [oldest] = this.compiled.keys();
    if (this.compiled.size > COMPILED_MAX && oldest !== undefined) this.compiled.delete(oldest);
    return known;
  }

  private check({ schema, draft, lookup, cost }: ParamsSchema, params: JsonObject): OutputUnit[] {
    if (toCheckCost(cost, params) > CHECK_COST_MAX) {
      throw refuse("params", "more values than can be checked against the action's schema");
    }
    return validate(params, schema, draft, lookup, true).errors;
  }
}

function toRefusal({ keyword, instanceLocation, error }: OutputUnit): StewardError {
  const path = toPath(instanceLocation);
  const quoted = /"(.*)"/s.exec(error)?.[1] ?? "";
  if (keyword === "required") return refuse(`${path}.${quoted}`, "missing");
  if (keyword === "false") return refuse(path, "not allowed");
  if (keyword === "type") return refuse(path, `expected ${toTypes(error)}`);
  return refuse(path, error);
}

function toTypes(error: string): string {
  const [, types = ""] = error.split("Expected ");
  return types.replaceAll('"', "").replace(/\.$/, "");
}

/** `#/a/b` becomes `params.a.b`. */
function toPath(location: string): string {
  const parts = location.slice(1).split("/").slice(1);
  const names = parts.map((part) =>
    decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"),
  );
  return ["params", ...names].join(".");
}

function refuse(path: string, problem: string): StewardError {
  return new StewardError("invalid_params", { message: `${path}: ${problem}` });
}
