import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { CONFIG_FILE, loadConfig } from "../config/config.ts";
import { findMissingFiles, openDataDir } from "../data-dir.ts";
import { findMasterKey } from "../identity/master-key.ts";
import { loadOrCreateNodeKey } from "../identity/node-key.ts";
import { loadOrCreateWalletKey } from "../identity/wallet-key.ts";
import { loadOrCreateOwnKey } from "../secrets/master-keys.ts";
import { ensureFirstToken } from "../store/admin/tokens.ts";
import { Store } from "../store/database.ts";
import { toOwnCommand, toShellWord } from "./own-command.ts";

/** Creates what a steward needs to start; what exists already is kept. */
export async function runInit(options: { data: string }): Promise<void> {
  const path = resolve(options.data);
  const config = join(path, CONFIG_FILE);
  // Before anything is made: a token that is not shown in the end is lost.
  const start = toStartCommand(config, path);
  const made = findMissingFiles(path, true).map(({ name }) => name);
  await using dataDir = openDataDir(path);
  const known = existsSync(config)
    ? loadConfig({ file: config, environment: process.env }).config.secrets
    : { master_key_file: process.env.STEWARD_SECRETS__MASTER_KEY_FILE || undefined };
  const masterKey = findMasterKey(known, process.env);
  const key = loadOrCreateNodeKey(dataDir.nodeKey, masterKey);
  loadOrCreateNodeKey(dataDir.creatorKey, masterKey);
  const wallet = privateKeyToAccount(loadOrCreateWalletKey(dataDir.walletKey, masterKey));
  if (masterKey === undefined) loadOrCreateOwnKey(dataDir.secretsKey);
  const raise = (error: unknown): void => {
    throw error;
  };
  await using store = Store.open(dataDir.database, { onFatal: raise, onEffectError: raise });
  const token = ensureFirstToken(store, Math.floor(Date.now() / 1000));
  await store.committed();
  if (!existsSync(config)) {
    writeFileSync(config, `${JSON.stringify({ data_dir: ".", chains: [] }, null, 2)}\n`);
    made.push(CONFIG_FILE);
  }
  const lines = [
    `node id      ${key.nodeId}`,
    `wallet       ${wallet.address} (fund it with gas before you take payments)`,
    `data         ${path}`,
    `config       ${config}`,
    `made         ${made.join(", ") || "nothing: all of it was there"}`,
    token === undefined ? "admin token  made by an earlier init" : `admin token  ${token}`,
    ...(token === undefined ? [] : ["             shown this once: keep it"]),
    "",
    `Next: ${start}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/**
 * Returns the line that starts this steward from any folder; a file that was there before may name
 * another data directory.
 * @throws ConfigError where that file cannot be used
 */
function toStartCommand(file: string, dataDir: string): string {
  const start = `${toOwnCommand()} start --config ${toShellWord(file)}`;
  const leadsHere = !existsSync(file) || loadConfig({ file }).config.data_dir === dataDir;
  return leadsHere ? start : `${start} --data ${toShellWord(dataDir)}`;
}
