import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KEY_FILES, toKeyFiles, toSecretsKeyPath } from "../data-dir.ts";
import { type KeyFile, readKeyFile } from "../identity/key-file.ts";
import { findMasterKey } from "../identity/master-key.ts";
import { SecretFileError } from "../identity/secret-file.ts";
import { findWalletAddress } from "../identity/wallet-key.ts";
import { openKeyring } from "../secrets/keyring.ts";
import { listMasterKeys, type MasterKeySources } from "../secrets/master-keys.ts";
import { findSealedContent } from "../store/secrets/look.ts";
import { type BackupManifest, DATABASE_FILE } from "./manifest.ts";

/** Where the configured master key is. */
export type ConfiguredMasterKey = Omit<MasterKeySources, "ownFile">;

/** The key files of a data directory and of a backup that is to take its place. */
export interface ComparedKeys {
  /** The data directory. */
  readonly to: string;
  /** What of the backup is to be put there. */
  readonly stage: string;
  readonly manifest: Pick<BackupManifest, "node_id">;
  readonly masterKey: ConfiguredMasterKey;
}

/**
 * Says of each key of a data directory that it is another one than the backup's, whatever seals the two: a key
 * that was sealed, opened or sealed anew since is the same key.
 */
export function findOtherKeys({ to, stage, manifest, masterKey }: ComparedKeys): string[] {
  const master = findMasterKey(masterKey.secrets, masterKey.environment);
  const differing = toKeyFiles(stage).filter(({ path }) => {
    const present = join(to, toName(path));
    return existsSync(path) && existsSync(present) && !isSameFile(path, present);
  });
  const node = findName({ path: join(to, "node-key.pem"), kind: "node" }, master);
  const isSameNode = node === manifest.node_id;
  return differing.flatMap(({ path, kind }) => {
    const name = toName(path);
    const present = { path: join(to, name), kind };
    if (name === KEY_FILES[0] && isSameNode) return [];
    const [here, there] = [findName(present, master), findName({ path, kind }, master)];
    if (here !== undefined && there !== undefined) return here === there ? [] : [toOther(name)];
    // A steward's creator key is made with its node key, and no command replaces it.
    if (kind === "node" && name !== KEY_FILES[0] && isSameNode) return [];
    const isKnown = name === KEY_FILES[0] && here !== undefined;
    return [isKnown ? toOther(name) : toUnknown(name)];
  });
}

/** Says what of a restored data directory cannot be opened with the master key that is configured now. */
export function findSealedOtherwise(dataDir: string, masterKey: ConfiguredMasterKey): string[] {
  const master = findMasterKey(masterKey.secrets, masterKey.environment);
  const files = toKeyFiles(dataDir).filter(({ path }) => existsSync(path));
  const problems = files.flatMap((file) => {
    const problem = findProblem(() => void readKeyFile(file, master).open());
    return problem === undefined ? [] : [problem];
  });
  const sources = { ...masterKey, ownFile: toSecretsKeyPath(dataDir) };
  const { inUse } = findSealedContent(join(dataDir, DATABASE_FILE));
  if (inUse.length === 0 || openKeyring(inUse, listMasterKeys(sources)).locked.length === 0)
    return problems;
  const advice = `put ${sources.ownFile} there, or configure the master key of that time, before it is started; where it is lost for good, steward secrets forget gives these secrets up`;
  return [
    ...problems,
    `The secrets in the database were sealed with another master key: ${advice}.`,
  ];
}

function toName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function isSameFile(left: string, right: string): boolean {
  return readFileSync(left).equals(readFileSync(right));
}

/** The public name of a key: a wallet's is read without opening it; undefined where it cannot be known. */
function findName({ path, kind }: KeyFile, master: string | undefined): string | undefined {
  let name: string | undefined;
  findProblem(() => {
    name =
      kind === "wallet" ? findWalletAddress(path) : readKeyFile({ path, kind }, master).open().name;
  });
  return name;
}

function findProblem(look: () => void): string | undefined {
  try {
    look();
    return undefined;
  } catch (error) {
    if (error instanceof SecretFileError) return error.message;
    throw error;
  }
}

function toOther(name: string): string {
  return `${name} there is another key than the backup's`;
}

function toUnknown(name: string): string {
  return `${name} cannot be told from the backup's, as one of them does not open with the master key that is configured: name its configuration with --config`;
}
