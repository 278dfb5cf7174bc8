import type { Database } from "better-sqlite3";

/**
 * One transaction for all that is read in a round of the event loop outside of turns: by itself each statement locks the
 * write-ahead log and unlocks it, a quarter of what a question takes; `docs/decisions/performance.md`.
 */
export class SharedReads {
  private readonly raw: Database;
  private readonly statements;
  private end: NodeJS.Immediate | undefined;

  constructor(raw: Database) {
    this.raw = raw;
    this.statements = { begin: raw.prepare("BEGIN"), commit: raw.prepare("COMMIT") };
  }

  /** Begins one, unless it has begun; it ends when immediates next run. Not while a turn is open. */
  open(): void {
    if (this.end !== undefined) return;
    this.statements.begin.run();
    this.end = setImmediate(() => this.close());
  }

  /** Ends it: what writes, or changes the file, begins after it. */
  close(): void {
    if (this.end === undefined) return;
    clearImmediate(this.end);
    this.end = undefined;
    // An I/O error of a statement that reads ends a transaction, too.
    if (this.raw.inTransaction) this.statements.commit.run();
  }
}
