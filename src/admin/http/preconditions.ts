import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";

/** The ETag of a zone's epoch. */
export function toEtag(epoch: number): string {
  return `"${epoch}"`;
}

/** Checks If-Match against the epoch that the change replaces in the same write. */
export type EpochMatch = (write: Write, epoch: number) => void;

/**
 * Parses If-Match.
 * @param need undefined where the route does not look at it
 * @throws StewardError `precondition_required` where it is missing and required; the function
 *   throws `precondition_failed`
 */
export function parseIfMatch(
  header: string | undefined,
  need: "required" | "optional" | undefined,
): EpochMatch {
  if (header === undefined) {
    if (need === "required") throw new StewardError("precondition_required");
    return () => {};
  }
  const tags = header.split(",").map((tag) => tag.trim());
  return (_write, epoch) => {
    if (tags.includes("*") || tags.includes(toEtag(epoch))) return;
    throw new StewardError("precondition_failed", {
      message: `The zone is at epoch ${epoch}.`,
      details: { epoch },
    });
  };
}
