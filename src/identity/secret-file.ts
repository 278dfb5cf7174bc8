import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";

const OTHERS_BITS = 0o077;
/** Of a credential of systemd, which gives its service the right to read by an ACL: that shows as the group's. */
const CREDENTIAL_OTHERS_BITS = 0o037;

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
    if ((stat.mode & toOthersBits(path, stat)) !== 0) {
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

/**
 * Writes a secret into a file that is not there yet, for its owner only, durably.
 * @throws NodeJS.ErrnoException EEXIST where there is one
 */
export function createSecretFile(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: "wx", flush: mayFlush() });
  if (mayFlush()) syncFolder(dirname(path));
}

/** Makes the names in a folder survive a power failure. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A key file is sealed and there is nothing to open it with. */
export function toSealedError(path: string): SecretFileError {
  return new SecretFileError(
    `${path} is sealed: name the master key's file in secrets.master_key_file, or set STEWARD_MASTER_KEY. Nothing was changed.`,
  );
}

/** The master key is not the one that a key file was sealed with. */
export function toWrongKeyError(path: string): SecretFileError {
  return new SecretFileError(
    `${path} cannot be opened with this master key: it was sealed with another one, or is damaged. Nothing was changed; give the right one, or put the file back from your copy.`,
  );
}

/** The folder of a service's credentials is closed to everybody else, and the files are root's. */
function toOthersBits(path: string, { uid }: Stats): number {
  const folder = process.env.CREDENTIALS_DIRECTORY;
  const isCredential =
    folder !== undefined && uid === 0 && dirname(resolve(path)) === resolve(folder);
  return isCredential ? CREDENTIAL_OTHERS_BITS : OTHERS_BITS;
}

/** Node's permission model refuses every fsync of a file; it is the operator's choice then. */
function mayFlush(): boolean {
  return process.permission === undefined;
}
