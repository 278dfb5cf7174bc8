import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { type Answer, toFields, toTime } from "../output.ts";
import { startProgress } from "../progress.ts";
import { type AdminApi, ApiError } from "./admin-client.ts";
import {
  addListCommand,
  addOperatorCommand,
  addOperatorFamily,
  type ListOptions,
  list,
  type OperatorOptions,
  operate,
} from "./operate.ts";

const LOOK_MS = 200;

interface BackupBody {
  readonly id: string;
  readonly state: "running" | "complete" | "failed";
  readonly reason: string;
  readonly path?: string;
  readonly bytes?: number;
  readonly started_at: number;
  readonly ended_at?: number;
  readonly keys?: boolean;
  readonly progress?: { readonly pages: number; readonly pages_total: number };
  readonly error?: string;
}

/** Adds `steward backup …`. */
export function addBackupCommands(program: Command): Command {
  const backup = addOperatorFamily(program, "backup", "make, list, check and restore backups");
  addOperatorCommand(backup, "create", "make a backup while the steward goes on")
    .addHelpText("after", CREATE_HELP)
    .action((options: OperatorOptions) => operate(options, create, { isTelling: true }));
  addListCommand(backup, "list", "list backups, oldest first").action((options: ListOptions) =>
    operate(options, (api) =>
      list<BackupBody>(api, options, { path: "/v1/backups", field: "backups", toRow }),
    ),
  );
  return backup;
}

async function create(api: AdminApi): Promise<Answer> {
  const started = await api<BackupBody>("POST", "/v1/backups", { body: { wait: false } });
  const body = await watch(api, started);
  if (body.state === "failed") {
    throw new ApiError(500, {
      code: "internal",
      message: `The backup failed: ${body.error}`,
      hint: "Make room or let the steward write to backup.dir, and ask again.",
      details: { reason: "BACKUP_FAILED", recovery: "operator" },
    });
  }
  return { value: body, text: () => toText(body) };
}

/** Asks until it is made or failed. */
async function watch(api: AdminApi, started: BackupBody): Promise<BackupBody> {
  const progress = startProgress();
  let body = started;
  try {
    while (body.state === "running") {
      const { pages = 0, pages_total: total = 0 } = body.progress ?? {};
      progress.show("copying the database", pages, total);
      await sleep(LOOK_MS);
      body = await api<BackupBody>("GET", `/v1/backups/${body.id}`);
    }
    return body;
  } finally {
    progress.end();
  }
}

function toText(body: BackupBody): string {
  const fields = toFields({
    backup: body.id,
    path: body.path,
    bytes: body.bytes,
    holds: `everything acknowledged until ${toTime(body.ended_at)}`,
    keys: body.keys
      ? "the node's, the creator's and the wallet's are in it: keep it as you keep them"
      : "NOT in it: without the node's keys, kept elsewhere, it cannot be restored",
  });
  return `${fields}\n\nCheck it: steward backup verify ${body.path}`;
}

function toRow(body: BackupBody) {
  return {
    backup: body.id,
    state: body.state,
    reason: body.reason,
    ended: toTime(body.ended_at),
    bytes: body.bytes,
    keys: body.keys === undefined ? undefined : body.keys ? "yes" : "no",
    path: body.path ?? body.error,
  };
}

const CREATE_HELP = `
It is a folder in backup.dir (by default backups in the data directory), with everything that was acknowledged
before it was complete. Copy it to another disk: it is of no use on the one that fails.`;
