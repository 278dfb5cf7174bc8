import { StewardError } from "../errors.ts";
import type { JsonObject } from "./json.ts";
import { parseJsonText } from "./json-text.ts";

/** Containers inside containers a body may have, itself included; `docs/protocol.md` §5. */
export const BODY_DEPTH_MAX = 32;
/** Elements one array of a body may have; `docs/protocol.md` §5. */
export const BODY_ARRAY_ITEMS_MAX = 10_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const FORBIDDEN_CHARACTERS = /[\u0000\u202a-\u202e\u2066-\u2069]/;

/** A message body: a map with a string `type`. */
export type Body = JsonObject & { readonly type: string };

/**
 * Returns a message's body as a map, parsing JSON text, after the structural limits of
 * `docs/protocol.md` §5.
 * @throws StewardError 2003; its message says which limit
 */
export function parseBody(raw: unknown): Body {
  const value = typeof raw === "string" ? parseJsonText(raw, BODY_DEPTH_MAX) : raw;
  assertBodyValue(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse("The body is not a map.");
  }
  const type = (value as Record<string, unknown>).type;
  if (typeof type !== "string") throw refuse("The body has no string type.");
  return value as Body;
}

function refuse(message: string): StewardError {
  return new StewardError(2003, { message });
}

/**
 * Refuses a value that no body may hold, wherever it comes from: what a handler returned must pass
 * here too, or its receiver could not read it; `docs/protocol.md` §5.
 * @throws StewardError 2003; its message says which limit
 */
export function assertBodyValue(value: unknown): void {
  assertStructure(value, 1);
}

function assertStructure(value: unknown, depth: number): void {
  if (typeof value === "string") return assertText(value);
  if (typeof value === "number") return assertNumber(value);
  if (typeof value !== "object" || value === null) return;
  if (depth > BODY_DEPTH_MAX) throw refuse(`The body is nested deeper than ${BODY_DEPTH_MAX}.`);
  if (Array.isArray(value)) {
    if (value.length > BODY_ARRAY_ITEMS_MAX) {
      throw refuse(`An array of the body has more than ${BODY_ARRAY_ITEMS_MAX} items.`);
    }
    for (const item of value) assertStructure(item, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    assertText(key);
    if (key === "__proto__") throw refuse("A map of the body holds the key __proto__.");
    assertStructure((value as Record<string, unknown>)[key], depth + 1);
  }
}

function assertText(text: string): void {
  if (!text.isWellFormed()) throw refuse("A string of the body holds a lone surrogate.");
  if (FORBIDDEN_CHARACTERS.test(text)) {
    throw refuse("A string of the body holds NUL or a bidirectional control character.");
  }
}

function assertNumber(value: number): void {
  if (!Number.isFinite(value)) throw refuse("The body holds a number that is not finite.");
  // Some encoders write integers past 2^53 as floats, already rounded.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 2 ** 64) {
    throw refuse("The body holds an integer beyond 2^53-1.");
  }
}
