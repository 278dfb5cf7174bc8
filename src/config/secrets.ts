import type { HandlersConfig } from "../actions/config.ts";
import { readHandlerSecret } from "../actions/handler-secret.ts";
import { findMasterKey } from "../identity/master-key.ts";
import { parseCollectorHeaders } from "../tracing/headers.ts";
import type { Environment } from "./environment.ts";
import type { ConfigProblem } from "./problem.ts";
import type { SourceFinder } from "./sources.ts";

/** What of a configuration names secrets. */
interface SecretSources {
  readonly handlers: HandlersConfig;
  readonly baseDir: string;
  readonly tracing: { readonly headers_env?: string | undefined };
  readonly secrets: { readonly master_key_file?: string | undefined };
}

/**
 * Finds secrets that cannot be read or used: handlers could not sign what they send, a collector not be
 * told who posts, keys not be opened.
 */
export function findSecretProblems(
  { handlers, baseDir, tracing, secrets }: SecretSources,
  environment: Environment,
  findSource: SourceFinder,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [zone, actions] of Object.entries(handlers)) {
    for (const [action, handler] of Object.entries(actions)) {
      if (handler.type !== "http") continue;
      const from = handler.secret_env === undefined ? "secret_file" : "secret_env";
      const path = ["handlers", zone, action, from];
      try {
        readHandlerSecret(handler, baseDir, environment);
      } catch (error) {
        const { message } = error as Error;
        problems.push({ key: path.join("."), message, source: findSource(path) });
      }
    }
  }
  const { headers_env: variable } = tracing;
  try {
    parseCollectorHeaders((variable && environment[variable]) ?? "");
  } catch (error) {
    const { message } = error as Error;
    const key = "tracing.headers_env";
    const source = `the variable ${variable}`;
    problems.push({ key, message, source });
  }
  try {
    findMasterKey(secrets, environment);
  } catch (error) {
    const { message } = error as Error;
    const isTold = Boolean(environment.STEWARD_MASTER_KEY);
    const key = isTold ? "STEWARD_MASTER_KEY" : "secrets.master_key_file";
    const source = isTold ? "the environment" : findSource(["secrets", "master_key_file"]);
    problems.push({ key, message, source });
  }
  return problems;
}
