import { Random } from "../fuzz/random.ts";
import { readCount } from "../support/counts.ts";
import type { Operation, Schema } from "./api-document.ts";
import type { Ask } from "./api-world.ts";

const SEED = 20_261_127;
/** What is often handled wrongly, wherever it stands. */
const ODD: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 2 ** 53, 1e308, "", " ", "x".repeat(300), "../..", "%2e%2e%2f"],
  ...["\u0000", "\u202e", "é😀", "' OR 1=1 --", "<script>", "\r\nx: y", "__proto__", [], {}],
  ...[["a", 1, null], { constructor: {} }, "0x", `0x${"f".repeat(64)}`, "9".repeat(80)],
];
const DEPTH_MAX = 4;

/** Sends an operation what its schemas allow or nearly allow; the same every time. */
export async function fuzzOperation(
  operation: Operation,
  ids: Readonly<Record<string, string>>,
  send: (ask: Ask) => Promise<void>,
): Promise<void> {
  const random = new Random(
    SEED + [...operation.id].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7),
  );
  const count = readCount("API_FUZZ_RUNS");
  for (let i = 0; i < count; i++) await send(toAsk(random, operation, ids));
}

function toAsk(random: Random, operation: Operation, ids: Readonly<Record<string, string>>): Ask {
  const params: Record<string, string> = {};
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  for (const { name, in: place, required, schema } of operation.parameters) {
    if (place === "path") {
      params[name] = random.chance(0.7) ? (ids[name] ?? "x") : toText(toValue(random, schema));
    } else if (required || random.chance(0.4)) {
      const value = toText(toValue(random, schema));
      if (place === "query") query.set(name, value);
      else headers[name.toLowerCase()] = toHeader(random, name, value);
    }
  }
  if (random.chance(0.05)) query.set("nope", "1");
  const hasBody = operation.body !== undefined && (operation.isBodyRequired || random.chance(0.7));
  return {
    ...{ params, headers },
    ...(query.size > 0 && { query: `?${query}` }),
    ...(hasBody && { body: toValue(random, operation.body ?? {}) }),
  };
}

/** What an HTTP client may send as a header. */
function toHeader(random: Random, name: string, value: string): string {
  if (name === "If-Match") return random.pick(['"1"', "*", '"x"', "W/1", ""]);
  return value.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, 300);
}

function toText(value: unknown): string {
  // Half a pair cannot be put into a URL.
  return (typeof value === "string" ? value : JSON.stringify(value)).toWellFormed() || "x";
}

function toValue(random: Random, schema: Schema, depth = 0): unknown {
  if (depth > DEPTH_MAX || random.chance(0.08)) return random.pick(ODD);
  const { anyOf, oneOf, const: only, enum: list, type } = schema as Record<string, unknown>;
  const choices = (anyOf ?? oneOf) as readonly Schema[] | undefined;
  if (choices !== undefined) return toValue(random, random.pick(choices), depth);
  if (only !== undefined) return only;
  if (Array.isArray(list)) return random.pick(list);
  const kind = Array.isArray(type) ? random.pick(type) : type;
  switch (kind) {
    case "string":
      return toStringOf(random, schema);
    case "integer":
    case "number":
      return toNumber(random, schema);
    case "boolean":
      return random.chance(0.5);
    case "array": {
      const items = (schema.items ?? {}) as Schema;
      return Array.from({ length: random.below(4) }, () => toValue(random, items, depth + 1));
    }
    case "object":
      return toObject(random, schema, depth);
    default:
      return random.pick(ODD);
  }
}

function toObject(random: Random, schema: Schema, depth: number): unknown {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: readonly string[];
  };
  const named = Object.entries(properties).filter(([name]) =>
    random.chance(required.includes(name) ? 0.97 : 0.5),
  );
  const made = named.map(([name, inner]) => [name, toValue(random, inner, depth + 1)]);
  if (random.chance(0.05)) made.push(["nope", random.pick(ODD)]);
  return Object.fromEntries(made);
}

function toNumber(random: Random, { minimum, maximum }: Schema): number {
  const from = typeof minimum === "number" ? minimum : 0;
  const to = typeof maximum === "number" ? maximum : 2_000_000_000;
  return random.pick([
    from,
    to,
    from - 1,
    to + 1,
    from + random.below(Math.min(to - from, 1000) + 1),
  ]);
}

function toStringOf(random: Random, { pattern, maxLength, format }: Schema): string {
  if (format === "uri")
    return random.pick(["ws://127.0.0.1:1/", "http://[::1", "ws://x y", "wss://a"]);
  if (typeof pattern === "string") return toMatching(random, pattern);
  const length = random.below(Math.min(typeof maxLength === "number" ? maxLength + 2 : 80, 600));
  return Array.from({ length }, () => random.pick([..."abcXYZ019_-. é😀\u0007"])).join("");
}

/** A text of one of the patterns that the API has; of others anything. */
function toMatching(random: Random, pattern: string): string {
  const hex = (length: number) =>
    Array.from({ length }, () => random.pick([..."0123456789abcdef"])).join("");
  if (pattern.startsWith("^atlas_")) return `atlas_${hex(64)}`;
  if (pattern.startsWith("^zone_"))
    return `zone_${hex(8)}-${hex(4)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
  if (pattern.startsWith("^0x")) return `0x${hex(40)}`;
  if (pattern.includes("[0-9a-f]{64}")) return hex(64);
  return random.pick(["1", "a", "key-1", "0.5", "A.b_c", hex(16)]);
}
