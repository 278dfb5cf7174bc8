import type { Store, Write } from "./database.ts";
import type { UsageKind } from "./zones/schema.ts";

/** How much there is of one kind. */
export interface Usage {
  readonly rows: number;
  readonly bytes: number;
}

const NONE: Usage = { rows: 0, bytes: 0 };
/** Owner of the row that sums up a kind. */
const ALL = "";

/**
 * Prepares the books of what is stored for others, by kind and owner and of each kind in all. Whoever
 * adds or removes rows of a kind notes it here within the same write.
 */
export function prepareUsageQueries({ raw }: Pick<Store, "raw">) {
  const add = raw.prepare<[{ kind: UsageKind; owner: string; rows: number; bytes: number }]>(
    `INSERT INTO usage (kind, owner, rows, bytes)
     VALUES (@kind, @owner, @rows, @bytes), (@kind, '${ALL}', @rows, @bytes)
     ON CONFLICT (kind, owner) DO UPDATE SET rows = rows + excluded.rows,
       bytes = bytes + excluded.bytes`,
  );
  const drop = raw.prepare<[UsageKind, string]>(
    "DELETE FROM usage WHERE kind = ? AND owner = ? AND rows <= 0",
  );
  const find = raw.prepare<[UsageKind, string], Usage>(
    "SELECT rows, bytes FROM usage WHERE kind = ? AND owner = ?",
  );
  return {
    /** Notes rows and bytes that were added, or with negative numbers removed. */
    addUsage: (write: Write, kind: UsageKind, owner: string, rows: number, bytes: number): void => {
      if (rows === 0 && bytes === 0) return;
      write.run(add, { kind, owner, rows, bytes });
      if (rows < 0) write.run(drop, kind, owner);
    },
    usageOf: (kind: UsageKind, owner: string): Usage => find.get(kind, owner) ?? NONE,
    totalUsage: (kind: UsageKind): Usage => find.get(kind, ALL) ?? NONE,
  };
}

/**
 * How much one owner may have: `each`, and the less the fuller it is in all, at most half of what is
 * left, so that a few who take all they can leave room for others.
 */
export function toShare(total: number, max: number, each: number): number {
  return Math.min(each, Math.max(0, (max - total) / 2));
}
