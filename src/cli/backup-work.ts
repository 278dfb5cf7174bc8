import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { restoreBackup } from "../backup/restore.ts";
import { verifyBackup } from "../backup/verify.ts";
import { CONFIG_FILE, type Config, loadConfig } from "../config/config.ts";
import { ConfigError } from "../config/problem.ts";
import { EXIT } from "./exit-codes.ts";
import { printAnswer, toFields, toPlain, toTime } from "./output.ts";
import { toOwnCommand, toShellWord } from "./own-command.ts";
import { startProgress } from "./progress.ts";

/** Checks a backup and prints what was found; ends with 1 where something is wrong. */
export async function runBackupVerify(
  folder: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const progress = startProgress();
  const found = await verifyBackup(folder, ({ step, done, total }) =>
    progress.show(`checking ${step}`, done, total),
  ).finally(() => progress.end());
  const { manifest, ok, problems, problems_total, ...rest } = found;
  const { id, node_id, version, started_at, ended_at, keys } = manifest;
  const value = {
    ...{ ok, id, node_id, version, started_at, ended_at, keys, ...rest },
    ...{ problems, problems_total },
  };
  const text = (): string => {
    const fields = toFields({
      ...{ backup: id, node: node_id, "complete at": toTime(ended_at), "made by": version },
      ...{ zones: rest.zones, envelopes: rest.envelopes, entries: rest.entries },
      ...{ "signed messages": rest.signed_messages, keys: keys ? "in it" : "NOT in it" },
    });
    const isOlder = !rest.zones_checked && ok;
    const verdict = ok
      ? `It is whole${isOlder ? ", as far as files and structure go: zones of another version's schema are not checked" : ": files, structure, hash chains and signatures"}.`
      : `${problems_total} things are wrong:\n${problems.map((one) => `- ${toPlain(one)}`).join("\n")}`;
    return `${fields}\n\n${verdict}`;
  };
  printAnswer({ value, text }, options.json);
  if (!ok) process.exitCode = EXIT.failed;
}

/** The options of `steward backup restore`. */
export interface RestoreOptions {
  readonly data?: string;
  readonly config?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Puts a backup into a data directory and prints what to do next. */
export async function runBackupRestore(from: string, options: RestoreOptions): Promise<void> {
  const { to, secrets } = findTarget(options);
  const masterKey = { secrets, environment: process.env };
  const restored = await restoreBackup({
    ...{ from, to, force: options.force === true, masterKey, nowMs: Date.now() },
  });
  const { manifest, replaced, lost_zones, sealed_otherwise } = restored;
  const value = {
    ...{ id: manifest.id, node_id: manifest.node_id, data_dir: to, files: restored.files },
    ...{ lost_zones, sealed_otherwise, ...(replaced !== undefined && { replaced }) },
  };
  const text = (): string => {
    const fields = toFields({
      ...{ restored: manifest.id, node: manifest.node_id, data: to, replaced },
      "complete at": toTime(manifest.ended_at),
    });
    const lost =
      lost_zones === 0
        ? []
        : [`Of ${lost_zones} replicated zones it says that what was acknowledged since is lost.`];
    return [
      fields,
      "",
      "What was acknowledged after that time is not there. Make sure that the steward it was made of does not",
      "run any more: both would have the same keys and the same wallet.",
      ...lost,
      ...sealed_otherwise.map((one) => `Before it starts: ${one}`),
      `Next: ${toOwnCommand()} start --data ${toShellWord(to)}`,
    ].join("\n");
  };
  printAnswer({ value, text }, options.json);
}

/** Where a backup goes, and what names the master key there: the configuration that is named, else the one there. */
function findTarget({ data, config: file }: RestoreOptions) {
  const overrides = data === undefined ? {} : { data_dir: resolve(data) };
  if (file !== undefined) {
    const { config } = loadConfig({ file, environment: process.env, overrides });
    return { to: config.data_dir, secrets: config.secrets };
  }
  const to = resolve(data ?? "./data");
  return { to, secrets: findSecrets(join(to, CONFIG_FILE)) };
}

/** What a configuration beside the data says of secrets; nothing where it cannot be used. */
function findSecrets(file: string): Config["secrets"] {
  if (!existsSync(file)) return {};
  try {
    return loadConfig({ file, environment: process.env }).config.secrets;
  } catch (error) {
    if (error instanceof ConfigError) return {};
    throw error;
  }
}
