import { StewardError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import type { PackedValue } from "../../wire/packed-value.ts";

const HINT_TYPES = new Set(["string", "number", "integer", "boolean", "object", "array"]);

/**
 * Checks an action's params against the manifest's hint form, such as
 * `{"text": "string", "n": "number?"}`; hints nest, and fields without a
 * hint are let through; `docs/protocol.md` §6.
 * @throws StewardError `invalid_params`; its message names the field
 */
export function assertHints(hints: JsonObject, params: PackedValue): void {
  assertObject(hints, params, "params");
}

function assertObject(hints: JsonObject, value: PackedValue | undefined, path: string): void {
  if (!value?.isMap) throw refuse(path, "expected an object");
  const names = Object.keys(hints);
  const fields = value.pick(names);
  for (const name of names) assertField(hints[name], fields.get(name), `${path}.${name}`);
}

function assertField(hint: JsonValue | undefined, value: PackedValue | undefined, path: string) {
  if (typeof hint === "object" && hint !== null && !Array.isArray(hint)) {
    assertObject(hint as JsonObject, value, path);
    return;
  }
  if (typeof hint !== "string") return;
  const optional = hint.endsWith("?");
  const type = optional ? hint.slice(0, -1) : hint;
  if (value === undefined || (value.isNil && optional)) {
    if (optional) return;
    throw refuse(path, "missing");
  }
  if (HINT_TYPES.has(type) && !matches(type, value)) throw refuse(path, `expected ${type}`);
}

function matches(type: string, value: PackedValue): boolean {
  const { wireType } = value;
  if (type === "object") return wireType === "map";
  if (type === "number") return wireType === "integer" || wireType === "float";
  return wireType === type;
}

function refuse(path: string, problem: string): StewardError {
  return new StewardError("invalid_params", { message: `${path}: ${problem}` });
}
