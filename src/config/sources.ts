import { type EnvironmentLayer, findVariable } from "./environment.ts";
import type { ConfigFile } from "./file.ts";

/** Says who set the value at a path: a flag, a variable, `FILE:LINE`, or `default`. */
export type SourceFinder = (path: readonly PropertyKey[]) => string;

/** What a configuration was put together from. */
export interface ConfigLayers {
  readonly environment: EnvironmentLayer;
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly file: ConfigFile | undefined;
}

/** Creates the function that says who set what, the one that wins first. */
export function createSourceFinder({ environment, overrides, file }: ConfigLayers): SourceFinder {
  return (path) => {
    if (overrides[String(path[0])] !== undefined) return "a flag";
    const variable = findVariable(environment, path);
    if (variable !== undefined) return variable;
    return file === undefined ? "default" : `${file.path}:${file.lineOf(path)}`;
  };
}
