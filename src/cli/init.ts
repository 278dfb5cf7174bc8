import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { ensureFirstToken } from "../admin/tokens.ts";
import { openDataDir } from "../data-dir.ts";
import { loadOrCreateNodeKey } from "../identity/node-key.ts";
import { loadOrCreateWalletKey } from "../identity/wallet-key.ts";
import { Store } from "../store/database.ts";

const CONFIG_FILE = "steward.config.json";

/** Creates what a steward needs to start; what exists already is kept. */
export async function runInit(options: { data: string }): Promise<void> {
  const path = resolve(options.data);
  await using dataDir = openDataDir(path);
  const key = loadOrCreateNodeKey(dataDir.nodeKey);
  loadOrCreateNodeKey(dataDir.creatorKey);
  const wallet = privateKeyToAccount(loadOrCreateWalletKey(dataDir.walletKey));
  const raise = (error: unknown): void => {
    throw error;
  };
  await using store = Store.open(dataDir.database, { onFatal: raise, onEffectError: raise });
  const token = ensureFirstToken(store, Math.floor(Date.now() / 1000));
  await store.committed();
  const config = join(path, CONFIG_FILE);
  if (!existsSync(config)) {
    writeFileSync(config, `${JSON.stringify({ data_dir: ".", chains: [] }, null, 2)}\n`);
  }
  const lines = [
    `node id      ${key.nodeId}`,
    `wallet       ${wallet.address} (fund it with gas before you take payments)`,
    `data         ${path}`,
    `config       ${config}`,
    token === undefined ? "admin token  made by an earlier init" : `admin token  ${token}`,
    ...(token === undefined ? [] : ["             shown this once: keep it"]),
    "",
    `Next: npx steward start --config ${config}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
