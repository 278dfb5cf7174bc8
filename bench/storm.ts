// What the worst messages cost that pass every limit, and what a storm of them does to somebody else:
// `node bench/storm.ts [seconds] [costs|strangers|members]`, all three by default. The steward has a
// process of its own; this one is the load.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TEST_ZONE } from "../test/support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../test/support/steward-process.ts";
import { measureCosts, type ShapeCost } from "./storm/costs.ts";
import { createShapes } from "./storm/shapes.ts";
import { runStorm } from "./storm/storm.ts";

const SECONDS = Number(process.argv[2] ?? 30);
const PARTS = process.argv[3] === undefined ? ["costs", "strangers", "members"] : [process.argv[3]];
const HANDLERS = { "*": { echo: { type: "echo" } } };
const CPU_MS_MAX = 50;
const P99_MS_MIN = 60;
const RSS_MB_MAX = 300;

/** Starts a steward as users do, or one that also tells its CPU time. */
async function withSteward<T>(
  {
    measured = false,
    config,
  }: { readonly measured?: boolean; readonly config: Record<string, unknown> },
  run: (steward: StewardProcess, zoneId: string) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-storm-"));
  const steward = await StewardProcess.start({
    dataDir,
    measured,
    config: { ...config, http: { port: 0 }, handlers: HANDLERS },
  });
  try {
    const { body } = await steward.api("POST", "/v1/zones", TEST_ZONE);
    return await run(steward, body.id);
  } finally {
    await steward[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function check(what: string, value: number, most: number, unit: string): void {
  const holds = value <= most;
  console.log(
    `${what}: ${value.toFixed(1)} ${unit} (at most ${most.toFixed(1)})${holds ? "" : " FAILED"}`,
  );
  if (!holds) process.exitCode = 1;
}

const toMb = (bytes: number) => bytes / 1_000_000;
async function showCosts(): Promise<void> {
  const costs: ShapeCost[] = await withSteward(
    { measured: true, config: NO_LIMITS },
    (steward, zoneId) => measureCosts(steward, zoneId, createShapes()),
  );
  console.log(`Node ${process.version}; CPU of the steward for one message, in ms`);
  for (const kind of new Set(costs.map((cost) => cost.kind))) {
    const of = costs.filter((cost) => cost.kind === kind);
    const worst = of.reduce((a, b) => (b.cpuMs > a.cpuMs ? b : a));
    console.log(
      `  ${kind}: ${of.map(({ shape, cpuMs }) => `${shape} ${cpuMs.toFixed(0)}`).join(", ")}`,
    );
    check(`${kind}, worst (${worst.shape})`, worst.cpuMs, CPU_MS_MAX, "ms");
  }
}

async function showStorm(isMember: boolean): Promise<void> {
  const storm = await withSteward({ config: {} }, (steward, zoneId) =>
    runStorm(steward, zoneId, { seconds: SECONDS, isMember }),
  );
  const { idle, stormy, sent, answered } = storm;
  console.log(
    `storm of 50 ${isMember ? "members" : "strangers"}, ${SECONDS} s: ${sent} messages, ` +
      `${toMb(storm.bytes).toFixed(0)} MB, ${answered} frames back; zone.discover idle ` +
      `p50 ${idle.p50.toFixed(1)} p99 ${idle.p99.toFixed(1)} ms, ` +
      `in the storm p50 ${stormy.p50.toFixed(1)} p99 ${stormy.p99.toFixed(1)} max ${stormy.max.toFixed(1)} ms`,
  );
  check("zone.discover p99", stormy.p99, Math.max(P99_MS_MIN, 5 * idle.p99), "ms");
  check("resident memory", toMb(storm.rssMax), RSS_MB_MAX, "MB");
}

if (PARTS.includes("costs")) await showCosts();
if (PARTS.includes("strangers")) await showStorm(false);
if (PARTS.includes("members")) await showStorm(true);
