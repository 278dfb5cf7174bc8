import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { loadConfig } from "../../config/config.ts";
import { toDatabasePath, tryOpenDataDir } from "../../data-dir.ts";
import { insertAuditEntry } from "../../store/admin/audit.ts";
import { createToken, deleteOtherAdmins } from "../../store/admin/tokens.ts";
import { Store } from "../../store/database.ts";
import { installEventTriggers } from "../../store/events/triggers.ts";
import { UsageError } from "../exit-codes.ts";
import { printAnswer, toFields } from "../output.ts";

/** The options of `steward token reset`. */
export interface TokenResetOptions {
  readonly config?: string;
  readonly data?: string;
  readonly name: string;
  /** Every other token of scope admin becomes worthless. */
  readonly revokeOthers?: boolean;
  readonly json?: boolean;
}

/**
 * Makes a token of scope admin in the data directory itself, whether its steward runs or not, and says so
 * in the audit log.
 * @throws UsageError where there is no database; StartupError where it cannot be used
 */
export async function runTokenReset(options: TokenResetOptions): Promise<void> {
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
  // Undefined where a steward runs: it finds the token by its next look.
  await using lock = tryOpenDataDir(config.data_dir);
  const open = lock === undefined ? Store.openBeside : Store.open;
  const raise = (error: unknown): void => {
    throw error;
  };
  await using store = open(database, { onFatal: raise, onEffectError: raise });
  const unheard = () => undefined;
  installEventTriggers(store, { nowMs: Date.now, added: unheard, headMoved: unheard });
  const made = resetToken(store, options);
  await store.committed();
  printAnswer(
    {
      value: made,
      text: () =>
        toFields({
          token: made.id,
          scope: "admin",
          revoked: made.revoked.length > 0 ? made.revoked.join(", ") : undefined,
          secret: `${made.token} (shown this once)`,
        }),
    },
    options.json,
  );
}

function resetToken(store: Store, { name, revokeOthers }: TokenResetOptions) {
  const now = Math.floor(Date.now() / 1000);
  return store.write((write) => {
    const { text, row } = createToken(write, store, { name, scope: "admin", now });
    const revoked = revokeOthers ? deleteOtherAdmins(write, store, row.tokenId) : [];
    insertAuditEntry(write, store, {
      kind: "change",
      at: now,
      tokenId: null,
      actor: userInfo().username,
      address: "this machine",
      action: "steward token reset",
      requestId: null,
      status: 201,
      detail: { after: { id: row.tokenId, name, scope: "admin", prefix: row.prefix }, revoked },
    });
    return { id: row.tokenId, token: text, revoked };
  });
}
