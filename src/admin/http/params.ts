import { z } from "zod";
import type { ErrorCode } from "../../error-catalogue.ts";
import { StewardError } from "../../errors.ts";
import { NODE_ID_PATTERN, ZONE_ID_PATTERN } from "../../protocol/ids.ts";

interface Param {
  readonly schema: z.ZodString;
  readonly description: string;
  /** What a value that can be none is answered with. */
  readonly code: ErrorCode;
  readonly message?: string;
}

/** What names something that is here or not. */
const name = z.string().regex(/^[\x21-\x7e]{1,256}$/);

/** What may stand in braces in a path. */
export const PARAMS = {
  zone_id: {
    schema: z.string().regex(ZONE_ID_PATTERN),
    description: "zone_ and a UUIDv7",
    code: "zone_not_found",
  },
  node_id: {
    schema: z.string().regex(NODE_ID_PATTERN),
    description: "atlas_ and 64 hex digits",
    code: "invalid_request",
    message: "node_id: expected atlas_ and 64 hex digits",
  },
  invite_id: { schema: name, description: "an invitation's id", code: "not_found" },
  payment_id: { schema: name, description: "a payment's id", code: "not_found" },
  escrow_id: { schema: name, description: "an escrow's id, 0x-hex", code: "not_found" },
  session_id: { schema: name, description: "a session's id", code: "not_found" },
  token_id: { schema: name, description: "a token's id", code: "not_found" },
  backup_id: { schema: name, description: "a backup's id", code: "not_found" },
  cut_id: { schema: name, description: "the id of what was set aside", code: "not_found" },
  webhook_id: { schema: name, description: "a webhook's id", code: "not_found" },
  delivery_id: { schema: name, description: "an event's number", code: "not_found" },
  breaker: {
    schema: name,
    description: "a breaker's name: host and port, or a webhook's id",
    code: "not_found",
  },
} as const satisfies Record<string, Param>;

/** The name of something that a path may hold. */
export type ParamName = keyof typeof PARAMS;

/** The names in braces of a path, in their order. */
export function listParams(path: string): ParamName[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, found]) => found as ParamName);
}

/**
 * Parses a value of the path.
 * @throws StewardError with the code of its kind
 */
export function parseParam(param: ParamName, value: string | undefined): string {
  const { schema, code, ...more }: Param = PARAMS[param];
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new StewardError(code, { ...(more.message !== undefined && { message: more.message }) });
}
