import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { createInterface } from "node:readline";
import { loadConfig } from "../../config/config.ts";
import { openDataDir, toDatabasePath } from "../../data-dir.ts";
import {
  findLostSecrets,
  forgetLostSecrets,
  type LostSecrets,
} from "../../secrets/lost-secrets.ts";
import { listMasterKeys } from "../../secrets/master-keys.ts";
import { insertAuditEntry } from "../../store/admin/audit.ts";
import { Store } from "../../store/database.ts";
import { UsageError } from "../exit-codes.ts";
import { printAnswer, toPlain } from "../output.ts";
import { toSources } from "./database.ts";
import type { SecretsOptions } from "./secrets.ts";

const WEBHOOK = "webhook:";

/** The options of `steward secrets forget`. */
export interface ForgetOptions extends SecretsOptions {
  /** Nobody is asked. */
  readonly yes?: boolean;
}

/**
 * Gives up the secrets of a database that were sealed with a master key that is lost, so that its steward
 * starts again, and says so in the audit log. Webhooks whose secret it was are disabled.
 * @throws UsageError where there is no database, or the answer is not yes; StartupError while a steward runs
 *   on the data directory; SecretFileError where a master key cannot be read
 */
export async function runForget(options: ForgetOptions): Promise<void> {
  const { config } = loadConfig({
    file: options.config,
    environment: process.env,
    overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
  });
  const database = toDatabasePath(config.data_dir);
  if (!existsSync(database)) {
    throw new UsageError(
      `${config.data_dir} holds no steward's database: name its folder with --data, or its configuration with --config.`,
    );
  }
  await using _dataDir = openDataDir(config.data_dir);
  const raise = (error: unknown): void => {
    throw error;
  };
  await using store = Store.open(database, { onFatal: raise, onEffectError: raise });
  const lost = findLostSecrets(store, listMasterKeys(toSources(config)));
  const isNothing = lost.keys.length === 0 && lost.secrets.length === 0;
  if (!isNothing) {
    if (lost.secrets.length > 0 && !options.yes) await confirm(lost);
    forget(store, lost);
    await store.committed();
  }
  const value = { secrets: lost.secrets.map(({ recordId }) => recordId), keys: lost.keys };
  const text = () => (isNothing ? "Nothing is lost: all secrets can be opened." : toText(value));
  printAnswer({ value, text }, options.json);
}

/** @throws UsageError where the answer is another one, or there is nobody to answer */
async function confirm({ secrets }: LostSecrets): Promise<void> {
  const names = secrets.map(({ recordId }) => recordId).join(", ");
  process.stderr.write(
    toPlain(
      `No master key that is configured, or in the data directory, opens ${names}. Given up, not even the right one opens them again.`,
    ),
  );
  process.stderr.write("\nGive them up? Type yes: ");
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    if (line.trim() === "yes") return;
    break;
  }
  throw new UsageError("Nothing was given up: type yes, or run it with --yes.");
}

function forget(store: Store, lost: LostSecrets): void {
  store.write((write) => {
    forgetLostSecrets(write, store, lost);
    insertAuditEntry(write, store, {
      kind: "change",
      at: Math.floor(Date.now() / 1000),
      tokenId: null,
      actor: userInfo().username,
      address: "this machine",
      action: "steward secrets forget",
      requestId: null,
      status: 200,
      detail: { secrets: lost.secrets.map(({ recordId }) => recordId), keys: [...lost.keys] },
    });
  });
}

function toText({ secrets }: { readonly secrets: readonly string[] }): string {
  const hooks = secrets
    .filter((recordId) => recordId.startsWith(WEBHOOK))
    .map((recordId) => `steward webhook secret ${recordId.slice(WEBHOOK.length)}`);
  const done = `${secrets.length} secrets were given up. The steward starts again.`;
  if (hooks.length === 0) return done;
  return [
    `${done} These webhooks are sent nothing until they have another`,
    "secret, which their receivers must know; once the steward runs:",
    ...hooks.map((command) => `  ${command}`),
  ].join("\n");
}
