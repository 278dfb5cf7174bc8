import type { HandlersConfig } from "../actions/config.ts";
import { readHandlerSecret } from "../actions/handler-secret.ts";
import type { Environment } from "./environment.ts";
import type { ConfigProblem } from "./problem.ts";
import type { SourceFinder } from "./sources.ts";

/** Finds the handlers whose secret cannot be read: they could not sign what they send. */
export function findSecretProblems(
  { handlers, baseDir }: { readonly handlers: HandlersConfig; readonly baseDir: string },
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
  return problems;
}
