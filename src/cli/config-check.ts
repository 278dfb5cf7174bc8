import { loadConfig } from "../config/config.ts";
import { findModuleProblems } from "../config/modules.ts";
import { ConfigError, type ConfigProblem } from "../config/problem.ts";
import { EXIT } from "./exit-codes.ts";
import { printAnswer, toPlain } from "./output.ts";

/** The options of `steward config check`. */
interface ConfigCheckOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/**
 * Says everything that is wrong with the configuration, and ends with 1 where something is. What
 * nodes and contracts say is left to `steward chain check`.
 */
export function runConfigCheck(options: ConfigCheckOptions): void {
  const { problems, file, ignored } = inspect(options);
  const ok = problems.length === 0;
  const value = { ok, file: file ?? null, problems, ignored_variables: ignored };
  printAnswer({ value, text: () => toText(problems, file, ignored) }, options.json);
  if (!ok) process.exitCode = EXIT.failed;
}

interface Inspection {
  readonly problems: readonly ConfigProblem[];
  readonly file: string | undefined;
  readonly ignored: readonly string[];
}

function inspect(options: ConfigCheckOptions): Inspection {
  try {
    const loaded = loadConfig({
      file: options.config,
      environment: process.env,
      overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
    });
    const problems = findModuleProblems(loaded.config, loaded.findSource);
    return { problems, file: loaded.file, ignored: loaded.ignoredVariables };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems, file: options.config, ignored: [] };
  }
}

function toText(
  problems: readonly ConfigProblem[],
  file: string | undefined,
  ignored: readonly string[],
): string {
  const where = `configuration: ${file ?? "no file; defaults, environment and flags"}`;
  const blocks = problems.map(({ key, message, source }) => [
    `${key}: ${message}`,
    `  set by ${source}`,
  ]);
  const note = ignored.length === 0 ? [] : [`not read: ${ignored.join(", ")}`];
  const end = problems.length === 0 ? "no problem found" : `${problems.length} problem(s)`;
  return [where, ...blocks.flat(), ...note, end].map(toPlain).join("\n");
}
