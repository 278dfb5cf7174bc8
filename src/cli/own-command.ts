import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const ENTRY = join(PACKAGE, "bin", "steward.mjs");

/**
 * Returns the start of a shell line that runs this very command from any folder: `steward` where a
 * shell finds it, else this Node and the entry file by their paths.
 */
export function toOwnCommand(): string {
  return isOnPath() ? "steward" : `${toShellWord(process.execPath)} ${toShellWord(ENTRY)}`;
}

/** Returns the shortest of such lines that works in the working directory. */
export function toOwnCommandHere(): string {
  const isCheckout = existsSync(join(PACKAGE, "src"));
  const isInside = !relative(PACKAGE, process.cwd()).startsWith("..");
  return isCheckout && isInside ? "npx steward" : toOwnCommand();
}

/** Quotes a word for a POSIX shell where it needs quotes. */
export function toShellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** npm and npx put folders in front of the PATH that the user's own shell does not have. */
function isOnPath(): boolean {
  const directories = (process.env.PATH ?? "").split(delimiter);
  const own = directories.filter((path) => path !== "" && !/[\\/]node_modules[\\/]/.test(path));
  const found = own.map((path) => join(path, "steward")).find(isExecutable);
  return found !== undefined && realpathSync(found) === realpathSync(ENTRY);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
