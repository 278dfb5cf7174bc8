import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

/** A copy of some of this checkout, with its packages, that may be written to. */
export interface Copy extends Disposable {
  readonly dir: string;
}

/** Copies what a user has after a clone and `npm install`. */
export function copyCheckout(): Copy {
  return copy(["package.json", ".npmrc", "README.md", "bin", "src", "migrations"]);
}

/** Copies what `npm pack` packs, but for what is built. */
export function copyPackage(): Copy {
  return copy(["package.json", "bin", "migrations"]);
}

function copy(names: readonly string[]): Copy {
  const dir = mkdtempSync(join(tmpdir(), "steward-checkout-"));
  for (const name of names) cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}
