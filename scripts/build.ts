// Compiles `dist/` for publishing; a checkout runs from its sources: `npm run build`.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { BUILT_SCRIPT, bundlePlayScript } from "../src/admin/play/script.ts";

const SOURCE = "src";
const COMPILED = /\.ts$/;
/** For those who read the sources; the package has `docs/`. */
const NOT_SERVED = /(^|\/)README\.md$/;

/** Where it goes: `dist/`, or the folder that is named. */
const target = resolve(process.argv[2] ?? "dist");

rmSync(target, { recursive: true, force: true });
const run = spawnSync("tsc", ["-p", "tsconfig.build.json", "--outDir", target], {
  stdio: "inherit",
});
// What the compiler leaves where it is: stylesheets, scripts for browsers, pictures.
cpSync(SOURCE, target, {
  recursive: true,
  filter: (path) => !COMPILED.test(path) && !NOT_SERVED.test(relative(SOURCE, path)),
});
if (run.status === 0) {
  writeFileSync(join(target, "admin/play", BUILT_SCRIPT), await bundlePlayScript());
}
process.exitCode = run.status ?? 1;
