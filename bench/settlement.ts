// What one key settles, this engine beside the x402 facilitator, on real chains: see `USAGE`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type CellPlan, type CellResult, runCell, type System } from "./settlement/cell.ts";
import { measureGas } from "./settlement/gas.ts";
import { formatGoals } from "./settlement/goals.ts";
import { type Options, parseOptions, USAGE } from "./settlement/options.ts";
import { installPeer, readPeerVersion } from "./settlement/peer.ts";
import {
  describeRun,
  formatFailures,
  formatHead,
  formatRow,
  type Measured,
} from "./settlement/report.ts";

const GAS_BATCHES = [1, 10, 50, 100];
/** More than each can settle per second, so that what is prepared lasts. */
const PER_SECOND_MAX: Record<System, number> = {
  ours: 1_200,
  documented: 300,
  "nonce-manager": 250,
  best: 350,
  "settle-only": 500,
};

const [command, order = ""] = process.argv.slice(2);
if (command === "--help") console.log(USAGE);
else if (command === "--cell") {
  answer(await runCell(JSON.parse(order) as CellPlan));
} else if (command === "--gas") {
  const { batch, blockGas } = JSON.parse(order) as { batch: number; blockGas: number };
  answer(await measureGas(batch, blockGas));
} else await runAll(parseOptions(process.argv.slice(2)));

/** Ends the process too: a facilitator may wait for minutes for what it lost. */
function answer(result: unknown): void {
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}

async function runAll(options: Options): Promise<void> {
  if (options.systems.some((system) => system !== "ours")) installPeer();
  console.log(describeRun({ ...options, peer: readPeerVersion() }));
  const measured: Measured[] = [];
  for (const blockSecs of options.blocks) {
    for (const agents of options.loads)
      measured.push(...(await runCells(options, blockSecs, agents)));
  }
  const gas = options.systems.includes("ours") ? await runGas(options.blockGas) : new Map();
  console.log("");
  const goals = formatGoals(measured, gas.get(50));
  for (const goal of goals) console.log(goal);
  if (options.json) {
    const all = { measured, gas: Object.fromEntries(gas), goals };
    writeFileSync(options.json, JSON.stringify(all, null, 2));
  }
  const broken = ({ plan, result }: Measured) =>
    plan.system === "ours" && (!result || result.settled < result.started);
  if (measured.some(broken)) process.exitCode = 1;
}

async function runCells(options: Options, blockSecs: number, agents: number): Promise<Measured[]> {
  console.log(formatHead(blockSecs, agents));
  const measured: Measured[] = [];
  for (const system of options.systems) {
    const plan = planCell(options, { system, blockSecs, agents });
    const result = await runChild<CellResult>(["--cell", JSON.stringify(plan)], options.profile);
    const cell = { plan, result, loadAverage: loadavg()[0] ?? 0 };
    measured.push(cell);
    console.log(
      formatRow(
        cell,
        measured.find((one) => one.plan.system === "ours"),
      ),
    );
  }
  for (const cell of measured) {
    const failures = formatFailures(cell);
    if (failures !== undefined) console.log(failures);
  }
  return measured;
}

function planCell(
  { quick, blockGas, kept, payments }: Options,
  cell: Pick<CellPlan, "system" | "blockSecs" | "agents">,
): CellPlan {
  const { system, blockSecs, agents } = cell;
  // Whole blocks and a half, so that the last one is not counted by chance.
  const secs = agents >= 1_000 ? 14.5 : blockSecs >= 1 ? (quick ? 6.5 : 12.5) : quick ? 4 : 8;
  const rounds = Math.min((PER_SECOND_MAX[system] * secs) / agents, secs / blockSecs);
  return {
    ...cell,
    blockGas,
    kept,
    payments,
    perAgent: Math.ceil(rounds) + 1,
    durationMs: secs * 1_000,
    graceMs: 5_500,
  };
}

async function runGas(blockGas: number): Promise<Map<number, number>> {
  console.log("\nGas per payment through the engine, three-way split, full batches");
  const found = new Map<number, number>();
  for (const batch of GAS_BATCHES) {
    const gas = await runChild<number>(["--gas", JSON.stringify({ batch, blockGas })], undefined);
    if (gas !== undefined) found.set(batch, gas);
    console.log(`${String(batch).padStart(5)} ${gas?.toFixed(0) ?? "failed"}`);
  }
  return found;
}

/** Runs a part in a process of its own; undefined where that broke, which it says on stderr. */
async function runChild<T>(args: readonly string[], profile?: string): Promise<T | undefined> {
  const nodeArgs = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...nodeArgs, fileURLToPath(import.meta.url), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return code === 0 ? (JSON.parse(output) as T) : undefined;
}
