import { createContext, Script } from "node:vm";
import { type OutputUnit, validate } from "@cfworker/json-schema";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { assertHints } from "./hints.ts";
import { countValues, isJsonSchema, type ParamsSchema, parseParamsSchema } from "./schema.ts";

const COMPILED_MAX = 256;
/** What one check of a schema that strangers wrote may take of the event loop. */
const CHECK_MS_MAX = 50;
/** Schema parts times params values below which a check cannot take that long. */
const PLAIN_COST_MAX = 10_000;
const CHARS_PER_VALUE = 32;
const RETRY_MS = 1000;

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
  private readonly sandbox: { check: () => void } = { check: () => {} };
  private readonly context = createContext(this.sandbox);
  private readonly script = new Script("check()");

  /**
   * Checks an action's params: against a JSON Schema where the manifest has one, else against the
   * hint form.
   * @throws StewardError `invalid_params`, its message names the field; `internal` OVERLOADED where
   *   the check takes too long
   */
  assert(expected: JsonObject | undefined, params: JsonObject): void {
    if (expected === undefined) return;
    if (!isJsonSchema(expected)) return assertHints(expected, params);
    const errors = this.check(this.compile(expected), params);
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

  private check(compiled: ParamsSchema, params: JsonObject): OutputUnit[] {
    const { schema, draft, lookup, nodes, isPlain } = compiled;
    const run = () => validate(params, schema, draft, lookup, true).errors;
    if (isPlain && nodes * toWeight(params) <= PLAIN_COST_MAX) return run();
    return this.runWatched(run);
  }

  /** Runs at most CHECK_MS_MAX, whatever the schema makes of the params. */
  private runWatched(run: () => OutputUnit[]): OutputUnit[] {
    let errors: OutputUnit[] = [];
    this.sandbox.check = () => {
      errors = run();
    };
    try {
      this.script.runInContext(this.context, { timeout: CHECK_MS_MAX });
    } catch (cause) {
      throw new StewardError("internal", {
        reason: "OVERLOADED",
        message: "params: checking them against the action's schema takes too long",
        retryAfterMs: RETRY_MS,
        cause,
      });
    }
    return errors;
  }
}

/** Counts the values of the params, long texts as several. */
function toWeight(params: JsonObject): number {
  return countValues(params) + JSON.stringify(params).length / CHARS_PER_VALUE;
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
