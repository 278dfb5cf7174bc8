import type { Database } from "better-sqlite3";
import { StewardError } from "../errors.ts";

/** One transaction, shared by the writes of one turn: of a few rounds of the event loop. */
export interface Turn {
  readonly raw: Database;
  isOpen: boolean;
}

/**
 * Whether SQLite took an open turn's transaction back by itself, which an I/O error of a statement that
 * only reads makes it do, too: a statement would be a transaction of its own now.
 */
export function isLost({ raw, isOpen }: Turn): boolean {
  return isOpen && !raw.inTransaction;
}

/** One operation in its turn. */
export interface Operation {
  readonly turn: Turn;
  isEnded: boolean;
}

/**
 * A write under way, which `Store.write` alone makes and hands to its function. What must run inside
 * a write takes it first, so that no call outside one compiles. It ends with its function: kept
 * longer, by a promise or an effect, it runs nothing any more.
 */
export class Write {
  private readonly operation: Operation;

  constructor(operation: Operation) {
    this.operation = operation;
  }

  /**
   * Runs a statement that writes.
   * @throws SqliteError; Error after the end of the write; StewardError `internal` where its turn is
   *   lost
   */
  run<P extends unknown[], R>(statement: { run(...params: P): R }, ...params: P): R {
    this.assertOpen();
    return statement.run(...params);
  }

  /** Runs a statement that returns the row it wrote; throws as `run`. */
  get<P extends unknown[], R>(statement: { get(...params: P): R }, ...params: P): R {
    this.assertOpen();
    return statement.get(...params);
  }

  /** @throws Error after the end of the write; StewardError `internal` where its turn is lost */
  assertOpen(): void {
    const { isEnded, turn } = this.operation;
    if (isEnded) throw new Error("A write was used after its end.");
    if (!turn.isOpen || isLost(turn)) throw new StewardError("internal");
  }
}
