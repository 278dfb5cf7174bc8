import { existsSync, statfsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import Database from "better-sqlite3";
import { findMissingFiles, toDatabasePath, toKeyFiles, toSecretsKeyPath } from "../../data-dir.ts";
import { type KeyFile, readKeyFile } from "../../identity/key-file.ts";
import { findNodeKey } from "../../identity/node-key.ts";
import { SecretFileError } from "../../identity/secret-file.ts";
import { openKeyring } from "../../secrets/keyring.ts";
import { listMasterKeys, type MasterKeySources } from "../../secrets/master-keys.ts";
import { findSealedContent } from "../../store/secrets/look.ts";
import { toSqliteCode } from "../../store/sqlite-code.ts";
import { createFindings, type Finding } from "./finding.ts";

const { good, note, bad } = createFindings("files");
const OTHERS_BITS = 0o077;
const MIB = 1024 ** 2;

/** What a data directory is looked at for. */
export interface FilesInput {
  readonly path: string;
  readonly needsWallet: boolean;
  readonly diskFreeBytesMin: number;
  /** Opens sealed keys. */
  readonly masterKey: string | undefined;
  /** The `secrets` section of the configuration. */
  readonly secrets: MasterKeySources["secrets"];
}

/** What the other checks go by. */
export interface DiagnosedFiles {
  readonly findings: readonly Finding[];
  /** Whether a steward holds the data directory now. */
  readonly isHeld: boolean;
  readonly nodeId: string | undefined;
}

/** Looks at the data directory: who may read it, the keys in it, its disk, and whether it is in use. */
export function diagnoseFiles(input: FilesInput): DiagnosedFiles {
  const { path, needsWallet, masterKey } = input;
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const hint = "Name it with --data or data_dir, or make it with: steward init.";
    const findings = [bad("data directory", `${path} is not there`, hint)];
    return { findings, isHeld: false, nodeId: undefined };
  }
  const missing = findMissingFiles(path, needsWallet).map(({ name, holds }) =>
    bad(
      name,
      `is not there; it holds ${holds}`,
      "Restore it from a backup; only for a new steward make it: steward init.",
    ),
  );
  const isMissing = (name: string) => missing.some(({ item }) => item === name);
  const keys = toKeyFiles(path).filter(
    (file) => !isMissing(basename(file.path)) && existsSync(file.path),
  );
  const isHeld = isLocked(join(path, "lock.sqlite"));
  const nodeKey = readNodeId(join(path, "node-key.pem"), masterKey);
  return {
    isHeld,
    nodeId: nodeKey,
    findings: [
      diagnoseFolder(path),
      ...missing,
      ...keys.map((file) => diagnoseKey(file, masterKey)),
      ...diagnoseSecrets(input),
      diagnoseDisk(input),
      good("in use", isHeld ? "a steward runs on it" : "no steward runs on it"),
    ],
  };
}

function diagnoseFolder(path: string): Finding {
  const mode = statSync(path).mode & 0o777;
  if ((mode & OTHERS_BITS) === 0) return good("data directory", path);
  return note(
    "data directory",
    `${path} may be looked into by others (mode ${mode.toString(8)})`,
    `Its files are closed all the same; better: chmod 700 ${path}`,
  );
}

/** A key is of use where only its owner may read it, and where it is the one that the file's name says. */
function diagnoseKey(file: KeyFile, masterKey: string | undefined): Finding {
  const item = basename(file.path);
  try {
    const { name } = readKeyFile(file, masterKey).open();
    const [, former] = /^wallet-key\.(.*)$/.exec(item) ?? [];
    if (former === undefined) return good(item, "is a key that only its owner may read");
    if (former.toLowerCase() === name.toLowerCase())
      return good(item, "is the key of a former wallet that only its owner may read");
    return bad(
      item,
      `holds the key of ${name}`,
      "Put the key of the address in its name back from a backup: what that wallet holds is lost with it.",
    );
  } catch (error) {
    return toBad(item, error as Error);
  }
}

/** What is sealed in the database opens with the configured master key, or with the data directory's own. */
function diagnoseSecrets({ path, secrets }: FilesInput): Finding[] {
  const item = "sealed secrets";
  try {
    const sources = { secrets, environment: process.env, ownFile: toSecretsKeyPath(path) };
    const { inUse, secrets: count } = findSealedContent(toDatabasePath(path));
    const { locked } = openKeyring(inUse, listMasterKeys(sources));
    if (locked.length === 0) return [good(item, `${count} in the database, and all can be opened`)];
    return [
      bad(
        item,
        "were sealed with a master key that is neither configured nor in secrets-key",
        "Configure that one, or put secrets-key back from a backup; nothing starts without it. Where it is lost for good: steward secrets forget.",
      ),
    ];
  } catch (error) {
    // What is wrong with the database itself is found where it is looked at.
    return error instanceof SecretFileError ? [toBad(item, error)] : [];
  }
}

function toBad(item: string, { message }: Error): Finding {
  const [what = "", ...remedy] = message.split(/; |: |\. /);
  return bad(item, what, remedy.join(": ") || "Restore it from a backup.");
}

function readNodeId(file: string, masterKey: string | undefined): string | undefined {
  try {
    return findNodeKey(file, masterKey)?.nodeId;
  } catch {
    return undefined;
  }
}

function diagnoseDisk({ path, diskFreeBytesMin }: FilesInput): Finding {
  const { bavail, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const detail = `${Math.floor(free / MIB)} MiB left`;
  if (free >= diskFreeBytesMin) return good("disk space", detail);
  return bad(
    "disk space",
    `${detail}, less than store.disk_free_bytes_min (${Math.ceil(diskFreeBytesMin / MIB)} MiB)`,
    "Make room, or bound zones' logs with zones.retention: on a full disk nothing is taken any more.",
  );
}

/** Whether a process holds the lock that a steward holds while it runs. */
function isLocked(file: string): boolean {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return false;
  let lock: Database.Database | undefined;
  try {
    lock = new Database(file, { readonly: true, fileMustExist: true, timeout: 0 });
    lock.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    return /^SQLITE_(BUSY|LOCKED)/.test(toSqliteCode(error) ?? "");
  } finally {
    lock?.close();
  }
}
