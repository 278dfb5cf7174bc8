import { z } from "zod";
import { NODE_ID_PATTERN } from "./ids.ts";

const optionalFields = new WeakSet<z.ZodType>();

/** Reads an optional field: absent and nil both mean undefined; `docs/protocol.md` §2. */
export function optionalField<T extends z.ZodType>(schema: T) {
  const field = schema.nullish().transform((value) => value ?? undefined);
  optionalFields.add(field);
  return field;
}

/** Whether a field may be absent, and then is undefined. */
export function isOptionalField(schema: z.ZodType): boolean {
  return optionalFields.has(schema);
}

/** Reads bytes written as an array of integers or as bin; `docs/protocol.md` §2. */
export const byteField = z.unknown().transform((value, context): Uint8Array => {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value) && value.length <= 1024 && value.every(isByte)) {
    return Uint8Array.from(value);
  }
  context.addIssue({ code: "custom", message: "expected bytes" });
  return z.NEVER;
});

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

/** Unix seconds. */
export const timestampField = z.int();
/** A node id; `docs/protocol.md` §1. */
export const nodeIdField = z.string().regex(NODE_ID_PATTERN, "expected atlas_ and 64 hex digits");

/**
 * Says where a value failed its schema, in one short line without the value itself.
 * @param root the field that holds the value
 */
export function toSchemaMessage(error: z.ZodError, root?: string): string {
  const issue = error.issues[0];
  if (issue === undefined) return "The value does not fit its schema.";
  const path = [...(root === undefined ? [] : [root]), ...issue.path.map(String)].join(".");
  return `${path || "value"}: ${issue.message}`;
}
