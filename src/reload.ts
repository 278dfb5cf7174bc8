import type { ActionTable } from "./actions/action-table.ts";
import type { Logger } from "./base/log.ts";
import type { Config } from "./config/config.ts";
import { ConfigError, type ConfigProblem } from "./config/problem.ts";
import { type ConfigChanges, findChanges, putInForce } from "./config/reload.ts";

/** What a reload changes. */
export interface ReloadDeps {
  /** In force; changed in place. */
  readonly config: Config;
  readonly log: Logger;
  readonly actions: ActionTable;
  /** Reads the configuration anew, from where the start read it. Throws ConfigError. */
  readonly readConfig: () => Config;
}

/** What came of a reload: what changed, or why nothing did. */
export type ReloadOutcome =
  | ({ readonly ok: true } & ConfigChanges)
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Reads the configuration again and puts into force what can be: limits, handlers, retention, scanner, log level.
 * Where anything of it is wrong nothing changes.
 */
export function reloadConfig({ config, log, actions, readConfig }: ReloadDeps): ReloadOutcome {
  const { level } = log;
  try {
    const next = readConfig();
    const changes = findChanges(config, next);
    // Before modules start: what they say is logged at the level of their start.
    log.level = next.log.level;
    // Whatever can fail comes first. Secrets and modules are read anew though their entries are the same.
    actions.replace(next.handlers);
    putInForce(config, next);
    log.info(changes, "the configuration was read again");
    if (changes.restart.length > 0)
      log.warn({ keys: changes.restart }, "these keys take effect with the next start");
    return { ok: true, ...changes };
  } catch (error) {
    log.level = level;
    const problems = toProblems(error);
    log.error({ problems }, "the configuration was not taken over; nothing changed");
    return { ok: false, problems };
  }
}

function toProblems(error: unknown): readonly ConfigProblem[] {
  if (error instanceof ConfigError) return error.problems;
  const message = error instanceof Error ? error.message : String(error);
  return [{ key: "handlers", message, source: "the configuration" }];
}
