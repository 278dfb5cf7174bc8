// Compiles `dist/` for publishing; a checkout runs from its sources: `npm run build`.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
const run = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
process.exitCode = run.status ?? 1;
