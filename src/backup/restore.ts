import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { StartupError } from "../base/startup-error.ts";
import { type DataDir, KEY_FILES, openDataDir } from "../data-dir.ts";
import { findMasterKey } from "../identity/master-key.ts";
import { findNodeKey } from "../identity/node-key.ts";
import { Store, type StoreEvents } from "../store/database.ts";
import { toDatabaseError } from "../store/database-file.ts";
import { prepareEventQueries } from "../store/events/events.ts";
import { prepareReplicatedZoneQueries } from "../store/replication/replicated-zones.ts";
import { toSqliteCode } from "../store/sqlite-code.ts";
import { makeFolder, syncPath } from "./files.ts";
import { type BackupManifest, DATABASE_FILE, readManifest, WAL_FILE } from "./manifest.ts";
import { findNewer } from "./newer.ts";
import { type ConfiguredMasterKey, findOtherKeys, findSealedOtherwise } from "./restored-keys.ts";
import { checkFiles } from "./verify.ts";

const STAGE_PREFIX = ".restoring-";
const REPLACED_PREFIX = "replaced-";
const SIDE_SUFFIXES = ["", "-wal", "-shm", "-journal"];
/** What a restore leaves as it is where it is there. */
const KEPT_FILES = ["steward.config.json"];

/** What is to be restored, and where. */
export interface RestoreInput {
  /** The backup's folder. */
  readonly from: string;
  /** The data directory. */
  readonly to: string;
  /** Also over data that the backup has not, or another steward's. */
  readonly force: boolean;
  /** Opens sealed keys there, to tell them from others. */
  readonly masterKey: ConfiguredMasterKey;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** What a restore did. */
export interface Restored {
  readonly manifest: BackupManifest;
  readonly files: readonly string[];
  /** Where what was there before is now; undefined where there was nothing. */
  readonly replaced: string | undefined;
  /** Zones with other stewards, of which this one says that it lost what it acknowledged since. */
  readonly lost_zones: number;
  /** What does not open with the master key that is configured now. */
  readonly sealed_otherwise: readonly string[];
}

/**
 * Puts a backup into a data directory that no steward uses. What was there is moved aside, never
 * removed. The database is brought to this version's schema first, says of each replicated zone that
 * what was acknowledged since is lost (`docs/protocol.md` §9.7), and gives ids of events above those given since.
 * @throws StartupError where it is in use, the backup is damaged, or would go over newer data
 */
export async function restoreBackup(input: RestoreInput): Promise<Restored> {
  const manifest = readManifest(input.from);
  const problems = await checkFiles(input.from, manifest);
  if (problems.length > 0) {
    throw new StartupError(
      [
        `${input.from} is damaged, and nothing was restored:`,
        ...problems.map((one) => `- ${one}`),
        "Take another backup (steward backup list).",
      ].join("\n"),
    );
  }
  await using dataDir = openDataDir(input.to);
  if (!manifest.keys) assertKeysOf(manifest, dataDir, input.masterKey);
  removeStages(input.to);
  const stage = join(input.to, STAGE_PREFIX + manifest.id);
  try {
    const files = stageFiles(input, manifest, stage);
    const lostZones = await prepareDatabase(join(stage, DATABASE_FILE), input.nowMs, (store) => {
      if (!input.force) assertReplaceable(input, manifest, stage, store);
    });
    const replaced = putInPlace(input, stage, files);
    const sealed = findSealedOtherwise(input.to, input.masterKey);
    return { manifest, files, replaced, lost_zones: lostZones, sealed_otherwise: sealed };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Without its keys a steward is another one, which no agent and no zone knows. */
function assertKeysOf(
  { node_id }: BackupManifest,
  { path, nodeKey }: DataDir,
  { secrets, environment }: ConfiguredMasterKey,
): void {
  const has = findNodeKey(nodeKey, findMasterKey(secrets, environment))?.nodeId;
  if (has === node_id) return;
  throw new StartupError(
    `The backup holds no keys, and ${path} ${has === undefined ? "has none" : `has those of ${has}`}: put those of ${node_id} there first (${KEY_FILES.join(", ")}).`,
    { fault: "usage" },
  );
}

function removeStages(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith(STAGE_PREFIX)) rmSync(join(dataDir, name), { recursive: true });
  }
}

/** Copies what is to be put in place; returns its names, the log aside, which the database takes in. */
function stageFiles({ from, to }: RestoreInput, { files }: BackupManifest, stage: string) {
  const isKept = (name: string) => KEPT_FILES.includes(name) && existsSync(join(to, name));
  const names = files.map(({ name }) => name).filter((name) => !isKept(name));
  for (const name of names) {
    makeFolder(dirname(join(stage, name)));
    copyFileSync(join(from, name), join(stage, name));
    // The copy has the source's mode, which a disk of another kind or an archive may have widened.
    chmodSync(join(stage, name), 0o600);
    syncPath(join(stage, name));
  }
  return names.filter((name) => name !== WAL_FILE);
}

/**
 * Returns how many zones it says are lost.
 * @throws StartupError where the log beside the database cannot be taken into it
 */
async function prepareDatabase(
  path: string,
  nowMs: number,
  check: (store: Store) => void,
): Promise<number> {
  let fault: unknown;
  const note = (error: unknown): void => {
    fault ??= error;
  };
  try {
    const lost = await completeDatabase(path, nowMs, { onFatal: note, onEffectError: note }, check);
    const rest = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (rest === 0) return lost;
    throw new StartupError(
      `Nothing was restored: ${rest} bytes of ${path}-wal were not taken into the database. Look at the disk and its room, and restore again.`,
    );
  } catch (error) {
    const cause = fault ?? error;
    const code = toSqliteCode(cause);
    if (code === undefined) throw error;
    const { message } = toDatabaseError(path, code, cause);
    throw new StartupError(`Nothing was restored: ${message}`, { cause });
  }
}

async function completeDatabase(
  path: string,
  nowMs: number,
  events: StoreEvents,
  check: (store: Store) => void,
): Promise<number> {
  await using store = Store.open(path, events);
  check(store);
  const zones = prepareReplicatedZoneQueries(store);
  const log = prepareEventQueries(store);
  const lost = store.write((write) => {
    const replicated = zones.listReplicated();
    for (const { zoneId } of replicated) zones.setLost(write, zoneId, true);
    log.noteRestored(write, nowMs);
    return replicated.length;
  });
  await store.committed();
  // Closing does it, too, but without a word where it fails: the file would be put in place without the rest.
  const [taken] = store.raw.pragma("main.wal_checkpoint(TRUNCATE)") as { busy: number }[];
  if (taken?.busy === 0) return lost;
  throw new StartupError(
    `Nothing was restored: another process reads ${path}. End it, and restore again.`,
  );
}

/** Refuses to go over another steward's data, or over what the backup has not. */
function assertReplaceable(
  { to, masterKey }: RestoreInput,
  manifest: BackupManifest,
  stage: string,
  store: Store,
): void {
  const found = findOtherKeys({ to, stage, manifest, masterKey });
  const database = join(to, DATABASE_FILE);
  if (existsSync(database)) found.push(...findNewer(database, store.raw));
  if (found.length === 0) return;
  throw new StartupError(
    [
      `${to} has what this backup, complete at ${toTime(manifest.ended_at)}, has not; nothing was restored:`,
      ...found.map((one) => `- ${one}`),
      "If it is to go, add --force: it is moved aside, not removed.",
    ].join("\n"),
    { fault: "usage" },
  );
}

/** Moves what is there aside and what was staged to its place; returns where the former is. */
function putInPlace(
  { to, nowMs }: RestoreInput,
  stage: string,
  files: readonly string[],
): string | undefined {
  const aside = join(to, REPLACED_PREFIX + toTime(Math.floor(nowMs / 1000)).replace(/[-:]/g, ""));
  const former = files
    .flatMap((name) => (name === DATABASE_FILE ? SIDE_SUFFIXES.map((end) => name + end) : [name]))
    .filter((name) => existsSync(join(to, name)));
  for (const name of former) {
    makeFolder(dirname(join(aside, name)));
    renameSync(join(to, name), join(aside, name));
  }
  // The database last: a folder without it is no data directory yet.
  const others = files.filter((name) => name !== DATABASE_FILE);
  for (const name of [...others, DATABASE_FILE]) {
    makeFolder(dirname(join(to, name)));
    renameSync(join(stage, name), join(to, name));
  }
  for (const folder of new Set(files.map((name) => dirname(join(to, name))))) syncPath(folder);
  return former.length === 0 ? undefined : aside;
}

function toTime(secs: number): string {
  return new Date(secs * 1000).toISOString().replace(".000Z", "Z");
}
