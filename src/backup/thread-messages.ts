import type { BackupFile } from "./manifest.ts";
import type { WalPlace } from "./wal.ts";

/** What a backup's thread is given. */
export interface ThreadInput {
  /** The steward's database. */
  readonly database: string;
  /** The folder that the backup is made in; there and empty. */
  readonly folder: string;
  readonly dataDir: string;
  /** Files of the data directory that are copied beside the database. */
  readonly smallFiles: readonly string[];
  readonly logBytesMax: number;
}

/** What was copied, but for what comes to the log until the end. */
export interface Copied {
  readonly files: readonly BackupFile[];
  readonly counts: Readonly<Record<string, number>>;
  readonly migrations: number;
  readonly place: WalPlace;
  /** The stretches of the log's copy up to that place. */
  readonly parts: BackupFile["parts"];
}

/** What a backup's thread says. */
export type ThreadMessage =
  | { readonly type: "progress"; readonly pages: number; readonly pagesTotal: number }
  /** Little of the log is left: the steward itself takes the rest, and ends. */
  | { readonly type: "ready"; readonly copied: Copied };

/** What a backup's thread is told once it is ready: too much has come meanwhile, or all is done. */
export type ThreadOrder = "again" | "end";
