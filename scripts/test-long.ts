// Runs the suite with the counts that the issues name: `npm run test:long`.
import { spawn } from "node:child_process";
import { CELLS, COUNTS } from "../test/support/counts.ts";

const counts = Object.entries(COUNTS).map(([name, { long }]) => [name, String(long)] as const);

const child = spawn("vitest", ["run", "--testTimeout=1800000", ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, ...Object.fromEntries(counts), [CELLS.name]: "all", LOWEST_NODE: "1" },
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
