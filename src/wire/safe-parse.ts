import { z } from "zod";
import { toIssueText } from "./issue-text.ts";

/**
 * Parses what strangers sent. zod compares the `length` of whatever stands where a text or a list
 * is expected, and a map's own `length` may be nothing that compares: it then throws a TypeError,
 * which here is a value that does not fit. Issues name MessagePack's types.
 */
export function safeParse<T extends z.ZodType>(
  schema: T,
  value: unknown,
): z.ZodSafeParseResult<z.output<T>> {
  try {
    return schema.safeParse(value, { error: toIssueText });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message = "a field has a type that cannot be read";
    const issue = { code: "custom" as const, path: [], message, input: undefined };
    return { success: false, error: new z.ZodError([issue]) as z.ZodError<z.output<T>> };
  }
}
