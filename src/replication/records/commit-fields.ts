import type { Commit } from "../../protocol/commit.ts";
import type { Write } from "../../store/database.ts";
import type { MadeCommit } from "../../store/replication/commits.ts";
import type { LogRow } from "../../store/zones/log.ts";

/** A commit of another steward, checked. */
export interface AppendedCommit {
  readonly commit: Omit<Commit, "entries" | "records">;
  /** Each with the canonical JSON of its data. */
  readonly entries: readonly { readonly data: string }[];
  /** Canonical JSON. */
  readonly records: string;
  /** After it. */
  readonly digest: string;
}

/**
 * Hears of a commit inside its operation: it gates its own effects. The entries are there where the operation
 * logged them all.
 */
export type CommitListener = (
  write: Write,
  zoneId: string,
  commit: MadeCommit,
  entries: readonly LogRow[] | undefined,
) => void;
