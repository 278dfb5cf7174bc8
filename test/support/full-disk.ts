import type Database from "better-sqlite3";
import type { TestSteward } from "./steward.ts";

/** A steward whose file may not grow further; disposed, there is room again. */
export interface FullDisk extends Disposable {
  /** Writes on the steward's own connection. */
  readonly raw: Database.Database;
}

/**
 * Lets a steward's file grow by so many pages and no further, as a disk that gets full. SQLite keeps this
 * bound for each connection, so it needs the steward's own: the only place where a test takes it.
 */
export function limitDisk({ steward }: TestSteward, pages: number): FullDisk {
  const { raw } = steward.zones.store;
  const used = raw.pragma("page_count", { simple: true }) as number;
  raw.pragma(`max_page_count = ${used + pages}`);
  return { raw, [Symbol.dispose]: () => raw.pragma("max_page_count = 1000000") };
}
