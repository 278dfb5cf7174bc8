import { z } from "zod";
import type { BackupAttempt } from "../../backup/backups.ts";
import { type FoundBackup, toBackupBytes } from "../../backup/manifest.ts";
import { StewardError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const createSchema = z.strictObject({
  wait: z
    .boolean()
    .default(true)
    .describe("answers once it is complete; else at once, and it is asked for by its id"),
});

const backupBody = z.object({
  id: z.string(),
  state: z.enum(["running", "complete", "failed"]),
  reason: z.enum(["request", "schedule"]),
  path: z.string().optional().describe("its folder on the steward's machine"),
  bytes: z.int().optional(),
  started_at: z.int(),
  ended_at: z.int().optional().describe("everything acknowledged before is in it"),
  node_id: z.string().optional(),
  wallet: z.string().nullish(),
  version: z.string().optional(),
  keys: z.boolean().optional().describe("whether the steward's keys are in it"),
  counts: z.record(z.string(), z.int()).optional(),
  progress: z.object({ pages: z.int(), pages_total: z.int() }).optional(),
  error: z.string().optional(),
});
type BackupBody = z.output<typeof backupBody>;

/** `/v1/backups`: makes backups, and says which there are; `docs/operations.md`, Backup. */
export function createBackupRoutes(deps: AdminDeps): Route[] {
  return [createBackupList(deps), createBackupReading(deps), createBackupOrder(deps)];
}

function createBackupList(deps: AdminDeps): Route {
  return createRoute({
    id: "listBackups",
    method: "GET",
    path: "/v1/backups",
    tag: "backups",
    summary: "Backups, oldest first: complete, under way, and failed since the start",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("backups", backupBody) },
    kind: "read",
    read: async ({ query: { after, limit } }) => {
      const rows = (await listAll(deps)).filter(({ id }) => id > after);
      const { items, next } = toPage(rows, limit, {
        toCursor: ({ id }) => id,
        toItem: (row) => row,
      });
      return { status: 200, body: { backups: items, next } };
    },
  });
}

function createBackupReading(deps: AdminDeps): Route {
  return createRoute({
    id: "getBackup",
    method: "GET",
    path: "/v1/backups/{backup_id}",
    tag: "backups",
    summary: "A backup, and how far it is",
    scope: "read",
    answers: { 200: backupBody },
    errors: ["not_found"],
    kind: "read",
    read: async ({ params }) => ({ status: 200, body: await getOne(deps, params.backup_id) }),
  });
}

function createBackupOrder(deps: AdminDeps): Route {
  return createRoute({
    id: "createBackup",
    method: "POST",
    path: "/v1/backups",
    tag: "backups",
    summary: "Makes a backup while the steward goes on",
    scope: "operate",
    body: createSchema,
    isBodyOptional: true,
    answers: { 201: backupBody, 202: backupBody },
    errors: ["conflict", "internal"],
    toHeaders: ({ id }) => ({ Location: `/v1/backups/${id}` }),
    kind: "order",
    // Whatever is acknowledged before the answer is in the backup.
    isAnsweredAtEnd: true,
    run: async ({ body: { wait } }) => {
      const { id, done } = deps.backups.create();
      if (!wait) return { status: 202, body: await getOne(deps, id) };
      return { status: 201, body: toCompleteBody(await done) };
    },
  });
}

async function listAll({ backups }: AdminDeps): Promise<BackupBody[]> {
  const complete = (await backups.list()).map(toCompleteBody);
  const all = [...complete, ...backups.listAttempts().map(toAttemptBody)];
  return all.sort((left, right) => (left.id < right.id ? -1 : 1));
}

async function getOne(deps: AdminDeps, id: string): Promise<BackupBody> {
  const found = (await listAll(deps)).find((one) => one.id === id);
  if (found === undefined) throw new StewardError("not_found");
  return found;
}

function toCompleteBody({ path, manifest }: FoundBackup): BackupBody {
  const { id, reason, version, node_id, wallet, started_at, ended_at, keys, counts } = manifest;
  return {
    ...{ id, state: "complete", reason, path, bytes: toBackupBytes(manifest) },
    ...{ started_at, ended_at, node_id, wallet, version, keys, counts },
  };
}

function toAttemptBody({ id, reason, startedAt, progress, error }: BackupAttempt): BackupBody {
  return {
    ...{ id, state: error === undefined ? "running" : "failed", reason, started_at: startedAt },
    ...(progress !== undefined && {
      progress: { pages: progress.pages, pages_total: progress.pagesTotal },
    }),
    ...(error !== undefined && { error }),
  };
}
