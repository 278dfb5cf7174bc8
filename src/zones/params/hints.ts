import { StewardError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";

const HINT_TYPES = new Set(["string", "number", "integer", "boolean", "object", "array"]);

/**
 * Checks an action's params against the manifest's hint form, such as
 * `{"text": "string", "n": "number?"}`; hints nest, and fields without a
 * hint are let through; `docs/protocol.md` §6.
 * @throws StewardError `invalid_params`; its message names the field
 */
export function assertHints(hints: JsonObject, params: JsonObject): void {
  assertObject(hints, params, "params");
}

function assertObject(hints: JsonObject, value: JsonValue, path: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse(path, "expected an object");
  }
  const fields = value as JsonObject;
  for (const [name, hint] of Object.entries(hints)) {
    assertField(hint, Object.hasOwn(fields, name) ? fields[name] : undefined, `${path}.${name}`);
  }
}

function assertField(hint: JsonValue | undefined, value: JsonValue | undefined, path: string) {
  if (typeof hint === "object" && hint !== null && !Array.isArray(hint)) {
    assertObject(hint as JsonObject, value ?? null, path);
    return;
  }
  if (typeof hint !== "string") return;
  const optional = hint.endsWith("?");
  const type = optional ? hint.slice(0, -1) : hint;
  if (value === undefined || (value === null && optional)) {
    if (optional) return;
    throw refuse(path, "missing");
  }
  if (HINT_TYPES.has(type) && !matches(type, value)) throw refuse(path, `expected ${type}`);
}

function matches(type: string, value: JsonValue): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object")
    return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function refuse(path: string, problem: string): StewardError {
  return new StewardError("invalid_params", { message: `${path}: ${problem}` });
}
