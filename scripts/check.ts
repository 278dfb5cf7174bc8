// Runs every static check and says which failed: `npm run check`.
import { spawnSync } from "node:child_process";

const CHECKS: readonly (readonly [string, string, ...string[]])[] = [
  ["format and lint", "biome", "ci", "."],
  ["the house", "node", "scripts/check-house.ts"],
  ["types", "tsc", "--noEmit", "-p", "."],
  ["unused code", "knip", "--no-progress"],
  ["error docs in step", "node", "scripts/generate-error-docs.ts", "--check"],
  ["operation docs in step", "node", "scripts/generate-operation-docs.ts", "--check"],
  ["vectors in step", "node", "scripts/generate-vectors.ts", "--check"],
  ["contracts in step", "node", "scripts/compile-contracts.ts", "--check"],
  ["migrations in step and unedited", "node", "scripts/check-migrations.ts"],
];

let failed = 0;
for (const [name, command, ...args] of CHECKS) {
  const run = spawnSync(command, args, { encoding: "utf8" });
  const ok = run.status === 0;
  if (!ok) failed++;
  process.stdout.write(`${ok ? "ok    " : "FAILED"} ${name}\n`);
  if (!ok) process.stdout.write(`${run.stdout ?? ""}${run.stderr ?? ""}${run.error ?? ""}\n`);
}
process.stdout.write(`${CHECKS.length - failed} checks passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
