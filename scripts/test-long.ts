// Runs the suite with the counts that the issues name: `npm run test:long`.
import { spawn } from "node:child_process";

const LONG_COUNTS = {
  FUZZ_RUNS: "200000",
  FUZZ_FRAMES: "200000",
  MODEL_RUNS: "2000",
  KILL_RUNS: "50",
  CONTRACT_FUZZ_RUNS: "1000",
  PAYMENT_FAULTS: "all",
  PAYMENT_SOAK_RUNS: "1000",
  PAYMENT_SOAK_PAYERS: "100",
  PAYMENT_SOAK_KILLS: "20",
  LOWEST_NODE: "1",
};

const child = spawn("vitest", ["run", "--testTimeout=1800000", ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, ...LONG_COUNTS },
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
