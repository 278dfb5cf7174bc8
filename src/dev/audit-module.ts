import { createHash } from "node:crypto";

interface AuditParams {
  readonly text: string;
}

/** What an audit finds in a text. */
interface AuditReport {
  readonly sha256: string;
  readonly words: number;
  readonly lines: number;
  /** Words that stand twice in a row, which is nearly always a slip. */
  readonly repeated: readonly string[];
}

/** Audits a text: counts it, hashes it, and finds words that were written twice. */
export default function audit(invocation: { readonly params: AuditParams }): AuditReport {
  const { text } = invocation.params;
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [];
  const lower = words.map((word) => word.toLowerCase());
  return {
    sha256: createHash("sha256").update(text).digest("hex"),
    words: words.length,
    lines: text === "" ? 0 : text.split("\n").length,
    repeated: [...new Set(lower.filter((word, i) => word === lower[i - 1]))],
  };
}
