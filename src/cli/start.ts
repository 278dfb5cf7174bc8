import { createLogger, type Logger } from "../base/log.ts";
import { type Config, type LoadedConfig, loadConfig } from "../config/config.ts";
import { findMissingFiles } from "../data-dir.ts";
import { createSteward, type Steward } from "../steward.ts";
import { EXIT, UsageError } from "./exit-codes.ts";
import { toOwnCommand, toShellWord } from "./own-command.ts";
import { waitForEnd } from "./signals.ts";

/** Beside what runs and requests under way are given. */
const ENDING_MS = 2500;
/** From the steward's end to the process's, where somebody else's connection would keep it. */
const LEFT_MS = 250;

export interface StartOptions {
  readonly config?: string;
  readonly data?: string;
  /** Keys and a database may be made. */
  readonly create?: boolean;
  /** The database is an older copy's. */
  readonly restored?: boolean;
}

/**
 * Runs the service until it is asked to end.
 * @throws UsageError where keys or the database are missing and `create` is not given
 */
export async function runStart(options: StartOptions): Promise<void> {
  const sources = {
    environment: process.env,
    overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
  };
  const loaded = loadConfig({ ...sources, file: options.config });
  const { config, ignoredVariables } = loaded;
  if (!options.create) assertComplete(loaded);
  const log = createLogger(config.log.level);
  if (ignoredVariables.length > 0) {
    log.info(
      { variables: ignoredVariables },
      "these variables are not the configuration's and are ignored: STEWARD_<SECTION>__<KEY> is",
    );
  }
  const running: { steward?: Steward } = {};
  const ended = waitForEnd({ log, onHangup: () => running.steward?.reload?.() });
  // It is done after the steward's end.
  using _leaving = { [Symbol.dispose]: () => running.steward && leaveSoon() };
  await using steward = await createSteward(config, {
    log,
    isRestored: options.restored,
    readConfig: () => loadConfig({ ...sources, file: loaded.file }).config,
  });
  running.steward = steward;
  const lines = [
    `http   ${steward.httpUrl}`,
    `wire   ${steward.wireUrl}`,
    `node   ${steward.nodeId}`,
    `data   ${config.data_dir}`,
    `config ${loaded.file ?? "none: defaults, environment and flags"}`,
    ...(steward.firstToken === undefined
      ? []
      : [`token  ${steward.firstToken}  (the first admin token, shown this once)`]),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  await ended;
  limitEnd(config, log);
}

/** What hangs at the end does not keep the process: nothing that was acknowledged is lost by its end. */
function limitEnd({ wire }: Config, log: Logger): void {
  const ms = wire.shutdown_timeout_ms + ENDING_MS;
  const end = (): never => {
    log.fatal({ ms }, "the steward did not stop in time; it is ended");
    process.exit(EXIT.failed);
  };
  setTimeout(end, ms).unref();
}

/**
 * A connection that is being opened keeps the process until it is given up, though nobody waits for it any
 * more; all is closed by then, and the exit code is the one that was set.
 */
function leaveSoon(): void {
  setTimeout(() => process.exit(), LEFT_MS).unref();
}

/** A start from the wrong folder, or after a loss, must not become a second steward in silence. */
function assertComplete({ config, file }: LoadedConfig): void {
  const missing = findMissingFiles(config.data_dir, config.chains.length > 0);
  if (missing.length === 0) return;
  const command = `${toOwnCommand()} init --data ${toShellWord(config.data_dir)}`;
  throw new UsageError(
    [
      `The data directory ${config.data_dir} lacks:`,
      ...missing.map(({ name, holds }) => `- ${name}: ${holds}`),
      `Configuration: ${file ?? "no file"}. Nothing was created. If this is not the directory you mean, name it`,
      "with --data or the configuration with --config; if files were lost, restore them from a backup.",
      "To make new ones for a new steward, add --create, or first run:",
      `  ${command}`,
    ].join("\n"),
  );
}
