import Database from "better-sqlite3";
import { type BetterSQLite3Database, drizzle } from "drizzle-orm/better-sqlite3";
import { BATCH_SIZES, Histogram } from "../base/metrics.ts";
import { StartupError } from "../base/startup-error.ts";
import { StewardError } from "../errors.ts";
import { secureDatabaseFile, toDatabaseError } from "./database-file.ts";
import { applyMigrations, findMigrationFault } from "./migrations.ts";
import { SharedReads } from "./shared-reads.ts";
import { isFatal, toSqliteCode } from "./sqlite-code.ts";
import { UsageBook } from "./usage.ts";
import { isLost, type Turn, Write } from "./write.ts";

export type { Write };

/** One call gives pages back for so long: how long one takes depends on where the free ones are. */
const GIVING_BACK_MS = 3;
const PAGES_PER_STEP = 16;
const LOG_BYTES_KEPT = 64 * 1024 * 1024;
/** Seconds. */
const COMMIT_SECS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1];
/** How long another process may hold the database meanwhile. */
const BESIDE_WAIT_MS = 10_000;
/** Of the event loop, for which a turn is left open beyond its own. */
const MORE_ROUNDS_MAX = 2;
const TAKEN_BACK = "SQLite rolled the transaction back.";

/** What the store tells its owner. */
export interface StoreEvents {
  /** The database can no longer be trusted to be durable; the process must end. */
  readonly onFatal: (error: unknown) => void;
  /** An effect threw; a bug, since effects run after their operation was acknowledged. */
  readonly onEffectError: (error: unknown) => void;
}

/** What runs at the end of every operation: of the outermost one, and of those that are one by themselves. */
export interface OperationHook {
  /** Names the place where an operation inside another one begins. */
  place(): number;
  /** Runs at the end of what began at a place; 0: of the outermost one. */
  end(write: Write, place: number): void;
  /** Runs in the place of `end` where what changed is nobody else's affair. */
  drop(write: Write, place: number): void;
}

interface Effect {
  readonly run: () => void;
  readonly abort: ((error: Error) => void) | undefined;
}

/**
 * The steward's SQLite database with group commit and the output gate: the writes of one turn of
 * the event loop share one transaction, and nothing leaves the process before its COMMIT. The
 * reasons and the measurements are in `docs/decisions/group-commit.md`.
 */
export class Store implements AsyncDisposable {
  /** The connection; hot paths prepare their statements on it. */
  readonly raw: Database.Database;
  readonly db: BetterSQLite3Database;
  /** Operations that one COMMIT made durable, and the seconds that it took, its sync of the disk included. */
  readonly stats = { operations: new Histogram(BATCH_SIZES), commits: new Histogram(COMMIT_SECS) };
  /** How much is stored for whom. */
  readonly usage: UsageBook;
  private readonly events: StoreEvents;
  private readonly reads: SharedReads;
  private readonly statements;
  private queue: Effect[] = [];
  private draining: Effect[] | undefined;
  private commitTimer: NodeJS.Immediate | undefined;
  private turn: Turn;
  /** Begun in this turn. */
  private operations = 0;
  /** Whether it is left open for more, and for how long it was. */
  private isShared = false;
  private rounds = 0;
  /** Operations under way, one inside the other. */
  private depth = 0;
  private readonly rollbackListeners = new Set<() => void>();
  private readonly undoneListeners: (() => void)[] = [];
  private operationHook: OperationHook | undefined;

  private constructor(raw: Database.Database, events: StoreEvents) {
    this.raw = raw;
    this.db = drizzle(raw);
    this.events = events;
    this.usage = new UsageBook(raw);
    this.reads = new SharedReads(raw);
    this.turn = { raw, isOpen: false };
    this.statements = {
      begin: raw.prepare("BEGIN IMMEDIATE"),
      commit: raw.prepare("COMMIT"),
      rollback: raw.prepare("ROLLBACK"),
      savepoint: raw.prepare("SAVEPOINT operation"),
      release: raw.prepare("RELEASE operation"),
      rollbackTo: raw.prepare("ROLLBACK TO operation"),
    };
  }

  /**
   * Opens the database file, creating and migrating it; only its owner may read it then.
   * @throws StartupError where it cannot be written, is no database, or is of a newer version; Error
   *   when an applied migration differs from its file, or one was skipped
   */
  static open(path: string, events: StoreEvents): Store {
    secureDatabaseFile(path);
    let raw: Database.Database | undefined;
    try {
      raw = new Database(path);
      return Store.prepare(raw, events);
    } catch (error) {
      raw?.close();
      const code = toSqliteCode(error);
      throw code === undefined ? error : toDatabaseError(path, code, error);
    }
  }

  /**
   * Opens a database that another process has open, too, for a write or two: nothing of it is changed by
   * opening it.
   * @throws StartupError where it cannot be opened, or is not of this version
   */
  static openBeside(path: string, events: StoreEvents): Store {
    let raw: Database.Database | undefined;
    try {
      raw = new Database(path, { fileMustExist: true, timeout: BESIDE_WAIT_MS });
      raw.pragma("synchronous = FULL");
      raw.pragma("foreign_keys = ON");
      if (findMigrationFault(raw) === undefined) return new Store(raw, events);
      throw new StartupError(
        `${path} is in use by a steward of another version: use that version's command, or stop it first.`,
      );
    } catch (error) {
      raw?.close();
      const code = toSqliteCode(error);
      throw code === undefined ? error : toDatabaseError(path, code, error);
    }
  }

  private static prepare(raw: Database.Database, events: StoreEvents): Store {
    // Of a new file only, and before anything is in it.
    raw.pragma("auto_vacuum = INCREMENTAL");
    raw.pragma("journal_mode = WAL");
    // What one long transaction made of the log beside the file does not stay.
    raw.pragma(`journal_size_limit = ${LOG_BYTES_KEPT}`);
    raw.pragma("synchronous = FULL");
    raw.pragma("busy_timeout = 5000");
    // Kibibytes; a turn's pages must fit, or they are written once before the COMMIT and once with it.
    raw.pragma("cache_size = -32768");
    // In pages; copying them back seldom, all at once, spares a busy steward some of its fsyncs.
    raw.pragma("wal_autocheckpoint = 4000");
    // Inside migrate()'s transaction it would be too late to turn them off for rebuilt tables.
    raw.pragma("foreign_keys = OFF");
    // A file that can only be read is opened without a word.
    raw.exec("BEGIN IMMEDIATE; ROLLBACK");
    const store = new Store(raw, events);
    applyMigrations(store.db, raw);
    raw.pragma("foreign_keys = ON");
    // An operation's savepoint keeps the pages that it changes; past 64 KiB a turn they went to a temporary file.
    raw.pragma("temp_store = MEMORY");
    return store;
  }

  /**
   * Rewrites a file of an earlier version, which could not give unused pages back, where it is no
   * longer than so many bytes; blocks meanwhile. Call before anything is written or made temporary.
   * @returns whether the file can give pages back now
   */
  makeShrinkable(bytesMax: number): boolean {
    const read = (name: string): number => this.raw.pragma(name, { simple: true }) as number;
    if (read("auto_vacuum") !== 0) return true;
    if (read("page_count") * read("page_size") > bytesMax) return false;
    this.raw.pragma("auto_vacuum = INCREMENTAL");
    try {
      // The new file is temporary until it is whole.
      this.raw.pragma("temp_store = FILE");
      this.raw.exec("VACUUM");
      return true;
    } catch (error) {
      // It needs the file's size again, twice; where that fails the file is what it was.
      if (/^SQLITE_(FULL|IOERR)/.test(toSqliteCode(error) ?? "")) return false;
      throw error;
    } finally {
      this.raw.pragma("temp_store = MEMORY");
    }
  }

  /**
   * Gives some of the file's unused pages back, but for so many bytes of them.
   * @returns whether there are more
   */
  giveBack(write: Write, keptBytes: number): boolean {
    write.assertOpen();
    const read = (name: string): number => this.raw.pragma(name, { simple: true }) as number;
    if (read("auto_vacuum") === 0) return false;
    const kept = Math.ceil(keptBytes / read("page_size"));
    const startMs = performance.now();
    for (;;) {
      const excess = read("freelist_count") - kept;
      if (excess <= 0) return false;
      if (performance.now() - startMs > GIVING_BACK_MS) return true;
      this.raw.pragma(`incremental_vacuum(${Math.min(excess, PAGES_PER_STEP)})`);
    }
  }

  /**
   * Runs one synchronous operation in the turn's transaction; a throw undoes this operation only,
   * the effects it queued included. What it is handed ends with it.
   * @throws whatever `fn` throws; StewardError `internal` when the whole turn was lost with it
   */
  write<T>(fn: (write: Write) => T): T {
    // Inside an operation whose turn is lost nothing may begin another one; outside one a new turn does.
    if (this.depth > 0 && (!this.turn.isOpen || isLost(this.turn)))
      throw new StewardError("internal");
    if (isLost(this.turn)) this.loseTurn(new Error(TAKEN_BACK), false);
    this.openTurn();
    const operation = { turn: this.turn, isEnded: false };
    const queued = this.queue.length;
    const noted = this.usage.place;
    if (this.depth === 0) this.operations++;
    this.depth++;
    try {
      this.statements.savepoint.run();
      const write = new Write(operation);
      const result = fn(write);
      if (!this.turn.isOpen) throw new StewardError("internal");
      if (this.operationHook !== undefined && this.depth === 1) this.operationHook.end(write, 0);
      this.statements.release.run();
      return result;
    } catch (error) {
      if (!this.turn.isOpen) throw error;
      if (!this.undo()) throw this.loseTurn(error, isFatal(error));
      this.queue.length = queued;
      this.usage.undo(noted);
      if (isFatal(error)) this.events.onFatal(error);
      throw error;
    } finally {
      operation.isEnded = true;
      this.depth--;
    }
  }

  /**
   * Leaves the turn open for a further round of the event loop, and for another if something came in it: each of many
   * that do the same at a time would be a turn of its own.
   */
  shareTurn(): void {
    this.isShared = true;
  }

  /**
   * Runs an operation that is one by itself also inside another one: what is to hold at the end of each
   * holds at its end, and a throw then undoes it alone. Throws as `write`.
   */
  operate<T>(fn: (write: Write) => T): T {
    return this.write((write) => {
      const hook = this.operationHook;
      if (hook === undefined || this.depth === 1) return fn(write);
      const place = hook.place();
      const result = fn(write);
      hook.end(write, place);
      return result;
    });
  }

  /**
   * Runs an operation that forgets what has expired: each steward does so for itself, and nothing is made
   * of it at its end. Throws as `write`.
   */
  forget<T>(fn: (write: Write) => T): T {
    return this.write((write) => {
      const hook = this.operationHook;
      if (hook === undefined) return fn(write);
      const place = hook.place();
      const result = fn(write);
      hook.drop(write, place);
      return result;
    });
  }

  /**
   * Runs an operation that may fail by itself, as `operate` does: inside another one, what is around it goes on.
   * @returns what it threw; undefined where it is written
   * @throws StewardError `internal` where the whole turn is lost with it
   */
  tryWrite(fn: (write: Write) => void): Error | undefined {
    try {
      this.operate(fn);
      return undefined;
    } catch (error) {
      if (!this.turn.isOpen || isLost(this.turn)) throw error;
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Has what is read until immediates next run share one transaction. */
  shareReads(): void {
    if (!this.turn.isOpen) this.reads.open();
  }

  /** Whether what is told now waits for a COMMIT. */
  get isTurnOpen(): boolean {
    return this.turn.isOpen;
  }

  /**
   * Runs an effect (a frame, an HTTP answer, a cache update) after the COMMIT of everything the
   * process has read or written so far: at once where no turn is open.
   * @param abort runs instead where the turn is lost; it must not write
   */
  gate(run: () => void, abort?: (error: Error) => void): void {
    if (this.turn.isOpen) this.queue.push({ run, abort });
    else if (this.draining) this.draining.push({ run, abort });
    else this.runEffect({ run, abort });
  }

  /**
   * Resolves when everything written so far is durable.
   * @throws StewardError `internal` where the turn is lost
   */
  committed(): Promise<void> {
    return new Promise((resolve, reject) => this.gate(resolve, reject));
  }

  /** Calls back when a turn was lost, so that caches can be read anew. */
  onRollback(listener: () => void): void {
    this.rollbackListeners.add(listener);
  }

  /** Calls back when an operation or a turn was taken back: what is kept of its rows is to be read anew. */
  onUndone(listener: () => void): void {
    this.undoneListeners.push(listener);
  }

  /**
   * Has something run at the end of every operation, as a part of it: a throw takes the operation back.
   * There is one at most, and none costs nothing.
   * @throws Error where there is one already
   */
  onOperation(hook: OperationHook): void {
    if (this.operationHook !== undefined) throw new Error("There is an operation hook already.");
    this.operationHook = hook;
  }

  /**
   * Makes something temporary that is to live as long as the connection, whatever becomes of the turns
   * around it. Call it outside of operations.
   */
  createTemporary(sql: string): void {
    while (this.turn.isOpen) this.commitTurn();
    this.reads.close();
    this.raw.exec(sql);
  }

  /** Commits what is open and closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    // An effect may write, and its write has effects again.
    while (this.turn.isOpen) this.commitTurn();
    this.raw.close();
  }

  /** Takes the innermost operation back; false where SQLite took the whole transaction back. */
  private undo(): boolean {
    if (!this.raw.inTransaction) return false;
    try {
      this.statements.rollbackTo.run();
      this.statements.release.run();
    } catch {
      return false;
    }
    for (const listener of this.undoneListeners) listener();
    return true;
  }

  private openTurn(): void {
    if (this.turn.isOpen) return;
    try {
      this.reads.close();
      this.statements.begin.run();
    } catch (error) {
      if (isFatal(error)) this.events.onFatal(error);
      throw error;
    }
    this.turn = { raw: this.raw, isOpen: true };
    this.operations = 0;
    this.isShared = false;
    this.rounds = 0;
    this.awaitMore();
  }

  private awaitMore(): void {
    const { operations } = this;
    this.commitTimer = setImmediate(() => {
      const isMore = this.isShared && this.operations > operations;
      if (isMore && this.turn.isOpen && this.rounds++ < MORE_ROUNDS_MAX) this.awaitMore();
      else this.commitTurn();
    });
  }

  private commitTurn(): void {
    clearImmediate(this.commitTimer);
    if (!this.turn.isOpen) return;
    if (isLost(this.turn)) {
      this.loseTurn(new Error(TAKEN_BACK), false);
      return;
    }
    const beganMs = performance.now();
    try {
      this.usage.flush(new Write({ turn: this.turn, isEnded: false }));
    } catch (error) {
      this.loseTurn(error, isFatal(error));
      return;
    }
    try {
      this.statements.commit.run();
    } catch (error) {
      this.loseTurn(error, true);
      return;
    }
    this.stats.commits.observe((performance.now() - beganMs) / 1000);
    this.stats.operations.observe(this.operations);
    this.turn.isOpen = false;
    this.drain();
  }

  private drain(): void {
    this.draining = this.queue;
    this.queue = [];
    for (let i = 0; i < this.draining.length; i++) this.runEffect(this.draining[i] as Effect);
    this.draining = undefined;
  }

  private runEffect(effect: Effect): void {
    try {
      effect.run();
    } catch (error) {
      this.events.onEffectError(error);
    }
  }

  private loseTurn(cause: unknown, fatal: boolean): StewardError {
    clearImmediate(this.commitTimer);
    this.turn.isOpen = false;
    const lost = this.queue;
    this.queue = [];
    this.usage.clear();
    if (fatal) this.events.onFatal(cause);
    if (this.raw.inTransaction) this.statements.rollback.run();
    const error = new StewardError("internal", { cause });
    for (const listener of this.undoneListeners) listener();
    for (const listener of this.rollbackListeners) listener();
    for (const { abort } of lost) {
      if (abort !== undefined) this.runEffect({ run: () => abort(error), abort: undefined });
    }
    return error;
  }
}
