// Runs every benchmark, one after the other; each prints what it compares: `npm run bench`.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";

const wanted = process.argv[2] ?? "";
for (const file of readdirSync("bench").filter((name) => name.endsWith(".ts"))) {
  if (!file.includes(wanted)) continue;
  process.stdout.write(`\n== bench/${file}\n`);
  const run = spawnSync(process.execPath, [`bench/${file}`], { stdio: "inherit" });
  if (run.status !== 0) process.exitCode = 1;
}
