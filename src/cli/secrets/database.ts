import { rmSync } from "node:fs";
import type { Config } from "../../config/config.ts";
import { openDataDir, toDatabasePath, toSecretsKeyPath, tryOpenDataDir } from "../../data-dir.ts";
import { openKeyring } from "../../secrets/keyring.ts";
import {
  listMasterKeys,
  loadOrCreateOwnKey,
  type MasterKey,
  type MasterKeySources,
} from "../../secrets/master-keys.ts";
import { type Resealed, resealSecrets } from "../../secrets/resealing.ts";
import { Store } from "../../store/database.ts";
import { findSealedContent } from "../../store/secrets/look.ts";

/** The master key that secrets are to be sealed with: the data directory's own, where none is named. */
export type NextMasterKey = MasterKey | undefined;

/**
 * Seals the secrets of a data directory's database with another master key. The directory's own is made
 * where it is to be that one, and removed where nothing is sealed with it any more.
 * @throws StartupError where there are secrets and a steward runs on the directory; SecretFileError where
 *   they are sealed with an unknown master key
 */
export async function resealDatabase(config: Config, next: NextMasterKey): Promise<Resealed> {
  const path = toDatabasePath(config.data_dir);
  const hasSecrets = findSealedContent(path).keys.length > 0;
  await using dataDir = hasSecrets ? openDataDir(config.data_dir) : tryOpenDataDir(config.data_dir);
  if (dataDir === undefined) return { sealed: 0, unreadable: [] };
  const sources = toSources(config);
  const from = [...listMasterKeys(sources), ...(next === undefined ? [] : [next])];
  const to = () => next ?? loadOrCreateOwnKey(sources.ownFile);
  if (!hasSecrets) to();
  const found = hasSecrets ? await resealFile(path, from, to) : { sealed: 0, unreadable: [] };
  if (next !== undefined) rmSync(sources.ownFile, { force: true });
  return found;
}

/** Says what is sealed in a data directory's database, and whether it can be opened. */
export function describeDatabase(config: Config) {
  const { keys, inUse, secrets } = findSealedContent(toDatabasePath(config.data_dir));
  const { locked } = openKeyring(inUse, listMasterKeys(toSources(config)));
  const problem =
    locked.length === 0
      ? ""
      : "sealed with a master key that is neither configured nor in secrets-key; where it is lost for good: steward secrets forget";
  return { secrets, keys: keys.length, problem };
}

/** Where the master keys of a data directory are. */
export function toSources(config: Config): MasterKeySources {
  const ownFile = toSecretsKeyPath(config.data_dir);
  return { secrets: config.secrets, environment: process.env, ownFile };
}

async function resealFile(
  path: string,
  from: readonly MasterKey[],
  to: () => MasterKey,
): Promise<Resealed> {
  const raise = (error: unknown): void => {
    throw error;
  };
  await using store = Store.openBeside(path, { onFatal: raise, onEffectError: raise });
  return await resealSecrets({ store, now: Math.floor(Date.now() / 1000), from, to });
}
