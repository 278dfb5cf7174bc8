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

/** Copies what a build and `npm pack` need. */
export function copyForPack(): Copy {
  const pages = ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "docs", "packaging"];
  const sources = ["src", "scripts/build.ts", "tsconfig.json", "tsconfig.build.json"];
  return copy(["package.json", ".npmrc", "bin", "migrations", ...pages, ...sources]);
}

function copy(names: readonly string[]): Copy {
  const dir = mkdtempSync(join(tmpdir(), "steward-checkout-"));
  for (const name of names) cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}
