import { existsSync, renameSync, rmSync } from "node:fs";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { loadConfig } from "../../config/config.ts";
import { openDataDir } from "../../data-dir.ts";
import { readKeyFile, toKeyText } from "../../identity/key-file.ts";
import { findMasterKey } from "../../identity/master-key.ts";
import { createSecretFile } from "../../identity/secret-file.ts";
import { DatabaseInspection } from "../../store/inspection.ts";
import { UsageError } from "../exit-codes.ts";
import { printAnswer, toFields } from "../output.ts";
import type { SecretsOptions } from "./secrets.ts";

/**
 * Puts a new wallet key in the place of the old one, which stays beside it under its address. What the old
 * wallet has yet to bring to an end must be final: the new one neither repeats nor replaces its transactions.
 * @throws StartupError while a steward runs on the data directory; UsageError where money is in flight
 */
export async function runNewWallet(options: SecretsOptions): Promise<void> {
  const { config } = loadConfig({
    file: options.config,
    environment: process.env,
    overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
  });
  const masterKey = findMasterKey(config.secrets, process.env);
  if (!existsSync(config.data_dir))
    throw new UsageError(`${config.data_dir} is not there; name the data directory with --data.`);
  await using dataDir = openDataDir(config.data_dir);
  const file = { path: dataDir.walletKey, kind: "wallet" } as const;
  const old = readKeyFile(file, masterKey).open();
  assertNothingInFlight(dataDir.database, old.name);
  const key = generatePrivateKey();
  const address = privateKeyToAddress(key);
  const kept = `${file.path}.${old.name}`;
  const made = `${file.path}.new`;
  rmSync(made, { force: true });
  createSecretFile(made, toKeyText({ kind: "wallet", key, name: address }, masterKey));
  renameSync(file.path, kept);
  renameSync(made, file.path);
  const value = { wallet: address, before: old.name, kept_in: kept };
  printAnswer({ value, text: () => `${toFields(value)}\n\n${toNextSteps()}` }, options.json);
}

function assertNothingInFlight(database: string, wallet: string): void {
  if (!existsSync(database)) return;
  using inspection = new DatabaseInspection(database);
  const found = inspection.countMoneyInFlight(wallet);
  const open = Object.entries(found).filter(([, count]) => count > 0);
  if (open.length === 0) return;
  const what = open.map(([kind, count]) => `${count} ${kind}`).join(", ");
  throw new UsageError(
    `The old wallet is not done: ${what}. Start the steward again, wait until they are final (steward settlement list, steward escrow list, metrics steward_transactions), and stop it. Nothing was changed.`,
  );
}

function toNextSteps(): string {
  return [
    "Next, before the steward starts (docs/operations.md, Keys):",
    "- send the new wallet gas on every chain, and what of the token refunds may need;",
    "- have the old wallet hand its right to recover to the new one (handOverRecoverer, docs/contracts.md);",
    "- move what the old wallet holds. Its key stays beside the new one until you remove it.",
  ].join("\n");
}
