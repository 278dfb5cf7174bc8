import { statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { findMissingFiles } from "../../data-dir.ts";
import { findNodeKey } from "../../identity/node-key.ts";
import { findWalletKey } from "../../identity/wallet-key.ts";
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
  const keys = ["node-key.pem", "creator-key.pem", "wallet-key"].filter(
    (name) =>
      !isMissing(name) && statSync(join(path, name), { throwIfNoEntry: false }) !== undefined,
  );
  const isHeld = isLocked(join(path, "lock.sqlite"));
  const nodeKey = keys.includes("node-key.pem")
    ? readNodeId(join(path, "node-key.pem"), masterKey)
    : undefined;
  return {
    isHeld,
    nodeId: nodeKey,
    findings: [
      diagnoseFolder(path),
      ...missing,
      ...keys.map((name) => diagnoseKey(path, name, masterKey)),
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

/** A key is of use where only its owner may read it, and where it is one. */
function diagnoseKey(path: string, name: string, masterKey: string | undefined): Finding {
  const file = join(path, name);
  try {
    if (name === "wallet-key") findWalletKey(file, masterKey);
    else findNodeKey(file, masterKey);
    return good(name, "is a key that only its owner may read");
  } catch (error) {
    const [what = "", ...remedy] = (error as Error).message.split(/; |: |\. /);
    return bad(name, what, remedy.join(": ") || "Restore it from a backup.");
  }
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
