import { readFileSync, statSync } from "node:fs";
import { JsonSyntaxError, type LocatedJson, parseLocatedJson } from "./located-json.ts";
import { ConfigError } from "./problem.ts";

/** A configuration file that was read. */
export interface ConfigFile {
  readonly path: string;
  readonly values: Record<string, unknown>;
  /** The line of a key, or of the nearest one around it. */
  readonly lineOf: LocatedJson["lineOf"];
}

/**
 * Reads a configuration file.
 * @throws ConfigError where it cannot be read, is no JSON object, or shows secrets to others
 */
export function readConfigFile(path: string): ConfigFile {
  const { value, lineOf } = parse(path, readText(path));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw toError(path, "expected a JSON object", `${path}:1`);
  }
  const file = { path, values: value as Record<string, unknown>, lineOf };
  assertSecretsHidden(file);
  return file;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what =
      code === "ENOENT" ? "is not there; make it with: steward init" : `cannot be read (${code})`;
    throw toError(path, what, path);
  }
}

function parse(path: string, text: string): LocatedJson {
  try {
    return parseLocatedJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw toError(path, `is not valid JSON: ${error.message}`, `${path}:${error.line}`);
  }
}

/** A file with a secret in it must be readable by its owner only. */
function assertSecretsHidden({ path, values, lineOf }: ConfigFile): void {
  const hasSecret = JSON.stringify(values.handlers ?? {}).includes('"secret":');
  if (!hasSecret || (statSync(path).mode & 0o077) === 0) return;
  throw toError(
    path,
    `holds a secret and may be read by others; run: chmod 600 ${path}`,
    `${path}:${lineOf(["handlers"])}`,
  );
}

function toError(key: string, message: string, source: string): ConfigError {
  return new ConfigError([{ key, message, source }]);
}
