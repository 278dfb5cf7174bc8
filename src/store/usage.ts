import type { Database } from "better-sqlite3";
import type { Write } from "./write.ts";

/** What is counted. */
export const USAGE_KINDS = ["request", "quote", "direct", "member"] as const;
export type UsageKind = (typeof USAGE_KINDS)[number];

/** How much there is of one kind. */
export interface Usage {
  readonly rows: number;
  readonly bytes: number;
}

/** Rows and bytes of one kind and owner that were added, or with negative numbers removed. */
interface Change extends Usage {
  readonly kind: UsageKind;
  readonly owner: string;
}

/** What an open turn's changes of one kind and owner come to. */
interface Sum {
  rows: number;
  bytes: number;
  /** What the file says, which nobody changes meanwhile; undefined until it is asked for. */
  stored: Usage | undefined;
}

const NONE: Usage = { rows: 0, bytes: 0 };
/** Owner of the row that sums up a kind. */
const ALL = "";

/**
 * The books of what is stored for others, by kind and owner and of each kind in all. Whoever adds or removes rows
 * of a kind notes it here within the same write; the store writes what a turn came to before its COMMIT, a row an
 * owner, however many operations were his.
 */
export class UsageBook {
  private readonly raw: Database;
  private statements: ReturnType<typeof prepareStatements> | undefined;
  /** Of the open turn, in order. */
  private changes: Change[] = [];
  /** Their sums by kind and owner, and those of each kind in all. */
  private readonly sums = new Map(USAGE_KINDS.map((kind) => [kind, new Map<string, Sum>()]));

  constructor(raw: Database) {
    this.raw = raw;
  }

  /** Notes rows and bytes that were added, or with negative numbers removed. */
  add(write: Write, kind: UsageKind, owner: string, rows: number, bytes: number): void {
    if (rows === 0 && bytes === 0) return;
    write.assertOpen();
    const change = { kind, owner, rows, bytes };
    this.changes.push(change);
    this.sum(change, 1);
  }

  of(kind: UsageKind, owner: string): Usage {
    const sum = this.sumsOf(kind).get(owner);
    if (sum === undefined) return this.read(kind, owner);
    sum.stored ??= this.read(kind, owner);
    return { rows: sum.stored.rows + sum.rows, bytes: sum.stored.bytes + sum.bytes };
  }

  total(kind: UsageKind): Usage {
    return this.of(kind, ALL);
  }

  /** Names the place that the changes of an operation begin at. */
  get place(): number {
    return this.changes.length;
  }

  /** Takes back what was noted from a place on, as its operation was. */
  undo(place: number): void {
    for (const change of this.changes.splice(place)) this.sum(change, -1);
  }

  /** Forgets the open turn's changes, which is lost. */
  clear(): void {
    this.changes = [];
    for (const sums of this.sums.values()) sums.clear();
  }

  /** Writes the open turn's changes, as a part of it. */
  flush(write: Write): void {
    for (const [kind, sums] of this.sums) {
      for (const [owner, sum] of sums) this.put(write, { kind, owner, ...sum });
    }
    this.clear();
  }

  private put(write: Write, { kind, owner, rows, bytes }: Change): void {
    if (rows === 0 && bytes === 0) return;
    const { put, drop } = this.prepared;
    write.run(put, kind, owner, rows, bytes);
    if (rows < 0 && owner !== ALL) write.run(drop, kind, owner);
  }

  private read(kind: UsageKind, owner: string): Usage {
    return this.prepared.find.get(kind, owner) ?? NONE;
  }

  /** Prepared late: a new database has no tables yet. */
  private get prepared(): ReturnType<typeof prepareStatements> {
    this.statements ??= prepareStatements(this.raw);
    return this.statements;
  }

  private sum({ kind, owner, rows, bytes }: Change, sign: 1 | -1): void {
    const sums = this.sumsOf(kind);
    for (const each of [owner, ALL]) {
      let sum = sums.get(each);
      if (sum === undefined) {
        sum = { rows: 0, bytes: 0, stored: undefined };
        sums.set(each, sum);
      }
      sum.rows += sign * rows;
      sum.bytes += sign * bytes;
    }
  }

  private sumsOf(kind: UsageKind): Map<string, Sum> {
    return this.sums.get(kind) as Map<string, Sum>;
  }
}

function prepareStatements(raw: Database) {
  return {
    put: raw.prepare<[UsageKind, string, number, number]>(
      `INSERT INTO usage (kind, owner, rows, bytes) VALUES (?, ?, ?, ?)
       ON CONFLICT (kind, owner) DO UPDATE SET rows = rows + excluded.rows,
         bytes = bytes + excluded.bytes`,
    ),
    drop: raw.prepare<[UsageKind, string]>(
      "DELETE FROM usage WHERE kind = ? AND owner = ? AND rows <= 0",
    ),
    find: raw.prepare<[UsageKind, string], Usage>(
      "SELECT rows, bytes FROM usage WHERE kind = ? AND owner = ?",
    ),
  };
}

/**
 * How much one owner may have: `each`, and the less the fuller it is in all, at most half of what is
 * left, so that a few who take all they can leave room for others.
 */
export function toShare(total: number, max: number, each: number): number {
  return Math.min(each, Math.max(0, (max - total) / 2));
}
