// What an operator waits for where there is much of everything: `node bench/admin-sizes.ts [times] [share]`.
// 10,000 zones, 5,000 members of one, 1,000,000 log entries, 100,000 payments, or a share of these (0.1).
// Every list, its filters and its pages; one steward process, asked one question at a time.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Store } from "../src/store/database.ts";
import { fillDatabase } from "../test/support/large-database.ts";
import { listQuestions } from "../test/support/large-questions.ts";
import { StewardProcess } from "../test/support/steward-process.ts";

const TIMES = Number(process.argv[2] ?? 20);
const SHARE = Number(process.argv[3] ?? 1);
const GOAL_MS = 100;
const MIB = 1024 ** 2;
const toShare = (count: number) => Math.max(1, Math.round(count * SHARE));
const SIZES = {
  zones: toShare(10_000),
  members: toShare(5000),
  entries: toShare(1_000_000),
  payments: toShare(100_000),
  escrows: toShare(20_000),
  audits: toShare(100_000),
};

const dataDir = mkdtempSync(join(tmpdir(), "steward-sizes-"));
const config = {
  http: { port: 0 },
  chains: [
    {
      chain_id: 31337,
      network: "anvil",
      // Nobody listens there: what is asked here is in the database.
      rpc_urls: ["http://127.0.0.1:1"],
      usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
      settlement: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    },
  ],
};
const options = { dataDir, config: { ...config, log: { level: "fatal" } } };

let first = await StewardProcess.start(options);
const { nodeId, token } = first;
await first[Symbol.asyncDispose]();

const file = join(dataDir, "steward.sqlite");
const store = Store.open(file, {
  onFatal: (error) => {
    throw error;
  },
  onEffectError: (error) => {
    throw error;
  },
});
const beganMs = performance.now();
const filled = await fillDatabase(store, nodeId, SIZES);
await store[Symbol.asyncDispose]();
const filledSecs = ((performance.now() - beganMs) / 1000).toFixed(0);
console.log(
  `${JSON.stringify(SIZES)}: ${(statSync(file).size / MIB).toFixed(0)} MiB, filled in ${filledSecs} s`,
);

// What filling left in this process would be collected while an answer is waited for.
setFlagsFromString("--expose-gc");
runInNewContext("gc")();
const startMs = performance.now();
first = await StewardProcess.start({ ...options, measured: true });
console.log(`started in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
const headers = { authorization: `Bearer ${token}` };

/** Asks once; returns how long the whole answer took. */
async function ask(path: string): Promise<number> {
  const askedMs = performance.now();
  const response = await fetch(`${first.httpUrl}${path}`, { headers });
  const text = await response.text();
  // No node answers, which readiness says.
  if (!response.ok && response.status !== 503)
    throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
  return performance.now() - askedMs;
}

console.log(`${"ms".padEnd(34)}     p50     max     CPU    held`);
await ask("/v1/stats");
const before = await first.measure();
let late = 0;
for (const { name, path, isReport } of listQuestions(filled)) {
  const took: number[] = [];
  const { cpuMicros } = await first.measure("cpu");
  for (let i = 0; i < TIMES; i++) took.push(await ask(path));
  const spent = await first.measure("cpu");
  took.sort((left, right) => left - right);
  const [p50, max] = [took[TIMES >> 1] ?? 0, took.at(-1) ?? 0];
  // A report may take longer where it lets everything else go on meanwhile.
  const isLate = isReport ? spent.heldCpuMs > GOAL_MS : max > GOAL_MS;
  if (isLate) late++;
  const cpuMs = (spent.cpuMicros - cpuMicros) / 1000 / TIMES;
  const columns = [p50, max, cpuMs, spent.heldCpuMs].map((ms) => ms.toFixed(1).padStart(8));
  console.log(`${name.padEnd(34)}${columns.join("")}${isLate ? "  over" : ""}`);
}
const after = await first.measure();
const live = ({ heapUsed, external }: typeof after) => (heapUsed + external) / MIB;
console.log(
  `memory: ${live(before).toFixed(1)} MiB live before, ${live(after).toFixed(1)} MiB after; RSS ${(before.rss / MIB).toFixed(0)} and ${(after.rss / MIB).toFixed(0)} MiB`,
);
console.log(
  late === 0
    ? `every answer within ${GOAL_MS} ms`
    : `${late} questions took longer than ${GOAL_MS} ms`,
);
await first[Symbol.asyncDispose]();
rmSync(dataDir, { recursive: true, force: true });
process.exitCode = late === 0 ? 0 : 1;
