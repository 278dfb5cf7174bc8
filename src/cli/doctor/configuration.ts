import { type LoadedConfig, loadConfig } from "../../config/config.ts";
import { findModuleProblems } from "../../config/modules.ts";
import { ConfigError, type ConfigProblem } from "../../config/problem.ts";
import { createFindings, type Finding } from "./finding.ts";

const { good, note, bad } = createFindings("configuration");

/** A configuration as far as it can be used, and what is wrong with it. */
export interface Diagnosed {
  /** Undefined where it cannot be used. */
  readonly loaded: LoadedConfig | undefined;
  readonly findings: readonly Finding[];
}

/** Says every problem of the configuration. */
export function diagnoseConfig(options: { config?: string; data?: string }): Diagnosed {
  try {
    const loaded = loadConfig({
      file: options.config,
      environment: process.env,
      overrides: { ...(options.data !== undefined && { data_dir: options.data }) },
    });
    const { config, file, findSource, ignoredVariables } = loaded;
    const modules = findModuleProblems(config, findSource).map(toFinding);
    const ignored = ignoredVariables.map((name) =>
      note(name, "is not read", "The configuration's variables are STEWARD_<SECTION>__<KEY>."),
    );
    const from = good("source", file ?? "no file: defaults, environment and flags");
    return { loaded, findings: [from, ...modules, ...ignored] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { loaded: undefined, findings: error.problems.map(toFinding) };
  }
}

function toFinding({ key, message, source }: ConfigProblem): Finding {
  return bad(key, message, `Correct it where it is set: ${source}.`);
}
