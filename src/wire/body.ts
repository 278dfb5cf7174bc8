import type { JsonObject } from "../protocol/json.ts";
import { parseJsonText } from "./json-text.ts";
import {
  assertBodyNumber,
  assertBodyText,
  assertWellFormed,
  BODY_LIMITS,
  refuse,
  StructureCount,
  type StructureLimits,
} from "./structure-limits.ts";

/** A message body: a map with a string `type`. */
export type Body = JsonObject & { readonly type: string };

/**
 * Returns a message's body as a map, parsing JSON text, after the structural limits of
 * `docs/protocol.md` §5.
 * @throws StewardError 2003; its message says which limit
 */
export function parseBody(raw: unknown): Body {
  if (typeof raw === "string") return toBody(parseBodyText(raw));
  assertBodyValue(raw);
  return toBody(raw);
}

/**
 * Parses JSON text that is to be a body or part of one; `docs/protocol.md` §5.
 * @throws StewardError 2003; its message says which limit
 */
export function parseBodyText(text: string): unknown {
  const value = parseJsonText(text, BODY_LIMITS);
  assertBodyValue(value);
  return value;
}

function toBody(value: unknown): Body {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse("The body is not a map.");
  }
  const type = (value as Record<string, unknown>).type;
  if (typeof type !== "string") throw refuse("The body has no string type.");
  return value as Body;
}

/**
 * Refuses a value that no body may hold, wherever it comes from: what a handler returned must pass
 * here too, or its receiver could not read it; `docs/protocol.md` §5.
 * @throws StewardError 2003; its message says which limit
 */
export function assertBodyValue(value: unknown, limits: StructureLimits = BODY_LIMITS): void {
  const structure = new StructureCount(limits);
  structure.addValues(1);
  assertStructure(value, 1, structure);
}

/** @param depth containers around the value, itself included */
function assertStructure(value: unknown, depth: number, structure: StructureCount): void {
  if (typeof value === "string") return assertText(value);
  if (typeof value === "number") return assertBodyNumber(value);
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    structure.enterArray(value.length, depth);
    for (const item of value) assertStructure(item, depth + 1, structure);
    return;
  }
  const keys = Object.keys(value);
  structure.enterMap(keys.length, depth);
  for (const key of keys) {
    assertText(key);
    if (key === "__proto__") throw refuse("A map of the body holds the key __proto__.");
    assertStructure((value as Record<string, unknown>)[key], depth + 1, structure);
  }
}

function assertText(text: string): void {
  assertWellFormed(text);
  assertBodyText(text);
}
