// What counting costs: `node bench/metrics-cost.ts [runs] [seconds]`, on a machine that does nothing else.
// Alternates fan-out and requests with metrics and without them; prints medians and their difference.
import { execFileSync } from "node:child_process";

const RUNS = Number(process.argv[2] ?? 10);
const SECONDS = Number(process.argv[3] ?? 4);
const GOAL_PERCENT = 5;
/** What `bench/fan-out.ts` prints first of each of its parts. */
const PARTS = {
  FanOut: /^deliveries .*?: ([0-9,]+)\/s, ([0-9.]+) µs/m,
  Requests: /^requests .*?: ([0-9,]+)\/s, ([0-9.]+) µs/m,
};

interface Run {
  readonly perSecond: number;
  readonly micros: number;
}

function measure(part: keyof typeof PARTS, without: boolean): Run {
  const env = { ...process.env, WITHOUT_METRICS: without ? "1" : "0" };
  const args = ["bench/fan-out.ts", String(SECONDS), part];
  const text = execFileSync(process.execPath, args, { env, encoding: "utf8" });
  const [, perSecond = "", micros = ""] = PARTS[part].exec(text) ?? [];
  if (perSecond === "") throw new Error(`Not what was expected: ${text}`);
  return { perSecond: Number(perSecond.replaceAll(",", "")), micros: Number(micros) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

let late = 0;
for (const part of ["FanOut", "Requests"] as const) {
  const withMetrics: Run[] = [];
  const without: Run[] = [];
  for (let i = 0; i < RUNS; i++) {
    // The first of a pair may find the machine in another state than the second.
    for (const isWithout of i % 2 === 0 ? [false, true] : [true, false]) {
      (isWithout ? without : withMetrics).push(measure(part, isWithout));
    }
  }
  const rates = [withMetrics, without].map((runs) => median(runs.map((run) => run.perSecond)));
  const micros = [withMetrics, without].map((runs) => median(runs.map((run) => run.micros)));
  const slower = 100 * (1 - (rates[0] ?? 0) / (rates[1] ?? 1));
  const dearer = 100 * ((micros[0] ?? 0) / (micros[1] ?? 1) - 1);
  if (slower > GOAL_PERCENT) late++;
  console.log(
    `${part}: ${rates[0]}/s with, ${rates[1]}/s without: ${slower.toFixed(1)} % slower; ${micros[0]} and ${micros[1]} µs of CPU each: ${dearer.toFixed(1)} % dearer`,
  );
}
process.exitCode = late === 0 ? 0 : 1;
