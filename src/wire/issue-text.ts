import type { z } from "zod";

/** What MessagePack calls the types of a schema; every number of the wire is an integer. */
const WIRE_TYPES: Readonly<Record<string, string>> = {
  string: "string",
  number: "integer",
  int: "integer",
  bigint: "integer",
  boolean: "boolean",
  object: "map",
  record: "map",
  array: "array",
  tuple: "array",
  null: "nil",
};

const UNITS: Readonly<Record<string, string>> = { string: "characters", array: "items" };

/** The MessagePack type of a decoded value; `docs/protocol.md` §2. */
export function toWireType(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "nil";
  if (Array.isArray(value)) return "array";
  if (value instanceof Uint8Array) return "bin";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "float";
  if (typeof value === "symbol") return "ext";
  return WIRE_TYPES[typeof value] ?? "something else";
}

/**
 * Says what is wrong with a value in the wire's words: zod's own texts name JavaScript's types.
 * Undefined where zod's text names none.
 */
export function toIssueText(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return toTypeText(issue.expected, issue.input);
    case "too_big":
    case "too_small":
      return toSizeText(issue);
    case "invalid_union":
      return toUnionText(issue.errors, issue.input);
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}`;
    default:
      return undefined;
  }
}

function toTypeText(expected: string, input: unknown): string {
  const name = WIRE_TYPES[expected] ?? expected;
  if (input === undefined) return `missing, expected ${name}`;
  const received = toWireType(input);
  if (received !== name) return `expected ${name}, received ${received}`;
  return `expected ${name} within ±(2^53-1)`;
}

type SizeIssue = z.core.$ZodRawIssue & { code: "too_big" | "too_small" };

function toSizeText(issue: SizeIssue): string {
  const isBig = issue.code === "too_big";
  const bound = isBig ? issue.maximum : issue.minimum;
  const unit = UNITS[issue.origin as string];
  const most = isBig ? "at most" : "at least";
  if (unit !== undefined) return `expected ${most} ${bound} ${unit}`;
  return `expected an integer of ${most} ${bound}`;
}

/** What is wrong with a value of a fitting type, else the types that would have fitted. */
function toUnionText(
  errors: readonly (readonly z.core.$ZodIssue[])[],
  input: unknown,
): string | undefined {
  const names = new Set<string>();
  for (const [issue] of errors) {
    if (issue === undefined) return undefined;
    if (issue.code !== "invalid_type" || issue.path.length > 0) {
      return [...issue.path.map(String), issue.message].join(": ");
    }
    names.add(WIRE_TYPES[issue.expected] ?? issue.expected);
  }
  return toTypeText([...names].join(" or "), input);
}
