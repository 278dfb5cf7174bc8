import { readFileSync, statSync } from "node:fs";

/** A file with a secret cannot be used: others may read it, or it cannot be read. */
export class SecretFileError extends Error {
  override readonly name = "SecretFileError";
}

/**
 * Reads a secret from a file that only its owner may read; undefined where there is none.
 * @throws SecretFileError when group or others may read it, or it is no readable file
 */
export function readSecretFile(path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isDirectory()) throw new SecretFileError(`${path} is a folder; name the file.`);
    if ((stat.mode & 0o077) !== 0) {
      throw new SecretFileError(`${path} may be read by others; run: chmod 600 ${path}`);
    }
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    if (cause instanceof SecretFileError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new SecretFileError(
      `${path} cannot be read (${code}); it must belong to the user that runs steward.`,
      { cause },
    );
  }
}
