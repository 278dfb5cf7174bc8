import { readFileSync, statSync } from "node:fs";

/**
 * Reads a secret from a file that only its owner may read; undefined where there is none.
 * @throws Error when group or others may read it
 */
export function readSecretFile(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if ((stat.mode & 0o077) !== 0) {
    throw new Error(`${path} may be read by others; run: chmod 600 ${path}`);
  }
  return readFileSync(path, "utf8").trim();
}
