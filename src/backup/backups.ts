import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../base/log.ts";
import { listKeyNames } from "../data-dir.ts";
import { StewardError } from "../errors.ts";
import { findForeignFailure } from "../foreign-errors.ts";
import type { Store } from "../store/database.ts";
import type { BackupConfig } from "./config.ts";
import { listEnvelopeFiles, makeFolder } from "./files.ts";
import { type BackupProgress, createBackupId, makeBackup } from "./making.ts";
import {
  type BackupManifest,
  type FoundBackup,
  listBackups,
  removeUnfinished,
  UNFINISHED_PREFIX,
} from "./manifest.ts";

/** How often it is looked whether a scheduled backup is due. */
const LOOK_MS = 1000;
/** A scheduled backup that failed is tried again after so long at the latest. */
const RETRY_SECS_MAX = 600;
/** Backups that failed and are still told of. */
const FAILED_MAX = 16;
/** What is copied beside keys and database, where it is in the data directory. */
const CONFIG_FILE = "steward.config.json";

export interface BackupsDeps {
  readonly store: Pick<Store, "committed">;
  readonly log: Logger;
  /** Unix seconds. */
  readonly now: () => number;
  readonly config: BackupConfig;
  readonly dataDir: { readonly path: string; readonly database: string };
  readonly about: Pick<BackupManifest, "version" | "node_id" | "wallet">;
}

/** A backup that is being made, or failed. */
export interface BackupAttempt {
  readonly id: string;
  readonly reason: BackupManifest["reason"];
  readonly startedAt: number;
  readonly progress?: BackupProgress | undefined;
  /** Why it failed. */
  readonly error?: string;
  /** What happened and what to do, where that is known. */
  readonly help?: string | undefined;
}

/** A backup under way. */
export interface StartedBackup {
  readonly id: string;
  /** @throws StewardError `internal` BACKUP_FAILED */
  readonly done: Promise<FoundBackup>;
}

/** Makes backups of a running steward, one at a time: those asked for, and by schedule. */
export class Backups implements AsyncDisposable {
  readonly dir: string;
  private readonly deps: BackupsDeps;
  private readonly stop = new AbortController();
  private running: BackupAttempt | undefined;
  /** Resolves once no thread reads the database any more. */
  private left: Promise<unknown> = Promise.resolve();
  private failed: readonly BackupAttempt[] = [];
  private dueAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(deps: BackupsDeps) {
    this.deps = deps;
    this.dir = deps.config.dir ?? join(deps.dataDir.path, "backups");
  }

  /** Begins to make backups by schedule, where there is one, and removes what an earlier process left. */
  async start(): Promise<void> {
    await removeUnfinished(this.dir);
    const { interval_secs: interval } = this.deps.config;
    if (interval === undefined || this.stop.signal.aborted) return;
    const last = (await this.listScheduled()).at(-1);
    this.dueAt = last === undefined ? 0 : last.manifest.ended_at + interval;
    this.timer = setInterval(() => this.look(interval), LOOK_MS).unref();
  }

  /**
   * Begins a backup.
   * @throws StewardError `conflict` while one is made
   */
  create(reason: BackupManifest["reason"] = "request"): StartedBackup {
    if (this.running !== undefined || this.stop.signal.aborted) {
      const { id } = this.running ?? {};
      throw new StewardError("conflict", {
        message: "A backup is being made: wait until it is complete.",
        details: { id },
      });
    }
    const startedAt = this.deps.now();
    const id = createBackupId(startedAt);
    this.running = { id, reason, startedAt };
    const done = this.make(this.running);
    // Whoever asked may have gone.
    done.catch(() => {});
    return { id, done };
  }

  /** Complete backups of the folder, oldest first. */
  list(): Promise<FoundBackup[]> {
    return listBackups(this.dir);
  }

  /** What is being made, and what failed since the start, oldest first. */
  listAttempts(): readonly BackupAttempt[] {
    return [...this.failed, ...(this.running === undefined ? [] : [this.running])];
  }

  /** What an operator has to know: the last backup failed, why and what to do. */
  findProblems(): readonly { readonly key: string; what: string; remedy: string }[] {
    const last = this.failed.at(-1);
    if (last === undefined) return [];
    const problem = {
      key: "backup",
      what: `the last backup failed (${last.error}): there is none of what came since`,
      remedy: `In short: ${last.help ?? "look at the log"}. Backups go to ${this.dir}; then: steward backup create`,
    };
    return [problem];
  }

  /** Gives up what is being made. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await this.left;
  }

  private async make({ id, reason, startedAt }: BackupAttempt): Promise<FoundBackup> {
    try {
      const found = await this.run(id, reason);
      this.failed = [];
      this.deps.log.info({ backup: id, path: found.path }, "a backup is complete");
      return found;
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      const help = findForeignFailure(cause)?.hint;
      if (!this.stop.signal.aborted) {
        this.deps.log.error({ err: cause, backup: id }, "ALARM: a backup failed");
        this.failed = [...this.failed, { id, reason, startedAt, error, help }].slice(-FAILED_MAX);
      }
      const message = `The backup failed: ${error}`;
      throw new StewardError("internal", { reason: "BACKUP_FAILED", message, cause });
    } finally {
      this.running = undefined;
    }
  }

  private run(id: string, reason: BackupManifest["reason"]): Promise<FoundBackup> {
    makeFolder(this.dir);
    const { found, left } = makeBackup(this.deps, {
      ...{ id, reason, dir: this.dir, signal: this.stop.signal },
      input: this.toInput(),
      about: { ...this.deps.about, keys: this.deps.config.keys },
      onProgress: ({ pages, pagesTotal }) => {
        if (this.running) this.running = { ...this.running, progress: { pages, pagesTotal } };
      },
    });
    this.left = Promise.all([this.left, left]);
    return found;
  }

  private toInput() {
    const { config, dataDir } = this.deps;
    const { path, database } = dataDir;
    const keys = config.keys ? listKeyNames(path) : [];
    const smallFiles = [...keys, CONFIG_FILE, ...listEnvelopeFiles(path)];
    return { database, dataDir: path, smallFiles, logBytesMax: config.log_bytes_max };
  }

  private look(interval: number): void {
    if (this.running !== undefined || this.deps.now() < this.dueAt) return;
    const { done } = this.create("schedule");
    done
      .then(
        ({ manifest }) => {
          this.dueAt = manifest.ended_at + interval;
          return this.removeOld();
        },
        () => {
          this.dueAt = this.deps.now() + Math.min(interval, RETRY_SECS_MAX);
        },
      )
      .catch((err: unknown) => {
        this.deps.log.error({ err }, "old backups could not be removed");
      });
  }

  private async listScheduled(): Promise<FoundBackup[]> {
    return (await this.list()).filter(({ manifest }) => manifest.reason === "schedule");
  }

  private async removeOld(): Promise<void> {
    const scheduled = await this.listScheduled();
    for (const { path, manifest } of scheduled.slice(0, -this.deps.config.keep)) {
      // One that is half removed is none any more.
      const away = join(this.dir, UNFINISHED_PREFIX + manifest.id);
      await rename(path, away);
      await rm(away, { recursive: true, force: true });
    }
  }
}
