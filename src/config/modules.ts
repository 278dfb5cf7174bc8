import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { HandlersConfig } from "../actions/config.ts";
import type { ConfigProblem } from "./problem.ts";
import type { SourceFinder } from "./sources.ts";

/** Finds the module handlers whose file is not there: their actions would fail at every call. */
export function findModuleProblems(
  { handlers, baseDir }: { readonly handlers: HandlersConfig; readonly baseDir: string },
  findSource: SourceFinder,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [zone, actions] of Object.entries(handlers)) {
    for (const [action, handler] of Object.entries(actions)) {
      if (handler.type !== "module") continue;
      const file = resolve(baseDir, handler.path);
      if (isFile(file)) continue;
      const path = ["handlers", zone, action, "path"];
      const message = `${file} is no file: put the module there, or correct the path`;
      problems.push({ key: path.join("."), message, source: findSource(path) });
    }
  }
  return problems;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
