import type { Context } from "hono";
import { StewardError } from "../../errors.ts";
import type { AdminEnv } from "../deps.ts";

/** The ETag of a zone's epoch. */
export function toEtag(epoch: number): string {
  return `"${epoch}"`;
}

/** Checks If-Match against the epoch the change would replace; undefined where none was sent. */
export type EpochMatch = (epoch: number) => void;

/**
 * Parses If-Match; the returned function must run in the write that changes the resource.
 * @throws StewardError `precondition_required` where it is missing and required; the function
 *   throws `precondition_failed`
 */
export function parseIfMatch(
  context: Context<AdminEnv>,
  { required }: { required: boolean },
): EpochMatch {
  const header = context.req.header("If-Match");
  if (header === undefined) {
    if (required) throw new StewardError("precondition_required");
    return () => {};
  }
  const tags = header.split(",").map((tag) => tag.trim());
  return (epoch) => {
    if (tags.includes("*") || tags.includes(toEtag(epoch))) return;
    throw new StewardError("precondition_failed", {
      message: `The zone is at epoch ${epoch}.`,
      details: { epoch },
    });
  };
}
