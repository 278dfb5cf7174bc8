import { cpus, loadavg } from "node:os";
import type { CellPlan, CellResult, System } from "./cell.ts";

/** A cell with what it found; `undefined` where it broke. */
export interface Measured {
  readonly plan: CellPlan;
  readonly result: CellResult | undefined;
  /** Of the machine, when the cell ended. */
  readonly loadAverage: number;
}

/** What the table calls them. */
export const NAMES: Record<System, string> = {
  ours: "this engine",
  documented: "x402, as documented",
  "nonce-manager": "x402, nonce manager",
  best: "x402, best",
  "settle-only": "x402, best, never verifies",
};
const COLUMNS = [
  ["who settles", -27],
  ["settled/s", 10],
  ["p50 ms", 8],
  ["p95 ms", 8],
  ["success", 9],
  ["gas", 8],
  ["RPC calls", 10],
  ["CPU ms", 8],
  ["anvil ms", 9],
  ["load", 6],
  ["ours is", 9],
] as const;

/** Says what is compared, how and where. */
export function describeRun(input: {
  readonly peer: string;
  readonly blockGas: number;
  readonly payments: Record<string, unknown>;
}): string {
  const machine = `${cpus()[0]?.model ?? "?"} × ${cpus().length}, Node ${process.version}`;
  return `Machine: ${machine}, load average ${formatLoad()} at the start.
Each cell has a fresh anvil (block gas ${input.blockGas / 1e6} M), a fresh process and one settling key; agents, token,
amounts and anvil's settings are the same for all. Each agent has one payment outstanding, its next one
starts when that is answered; all are quoted and signed before the clock starts, right after a block.
this engine: src/payments with SQLite on disk (WAL, FULL); from accept() to the durable settlement, split three
  ways on chain, every batch simulated first; settings: ${JSON.stringify(input.payments)} beside the defaults.
x402: @x402/evm ${input.peer}, exact scheme, EIP-3009, to one payee, verify() then settle(); nothing is stored.
  as documented: the adapter of its documentation and examples around a viem wallet client.
  nonce manager: and viem's nonceManager, fast polling. best: and batched JSON-RPC, gas and fees given.
  never verifies: the best, settle() alone, which neither simulates nor looks at balances.
Settled/s counts up to the last settlement within the cell's time; CPU is of the settling process with the load.`;
}

function formatLoad(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
}

function toRow(cells: readonly string[]): string {
  return cells
    .map((text, index) => {
      const width = COLUMNS[index]?.[1] ?? 0;
      return width < 0 ? text.padEnd(-width) : text.padStart(width);
    })
    .join("");
}

/** The head of the table of one load. */
export function formatHead(blockSecs: number, outstanding: number): string {
  const title = `\n${outstanding} outstanding, ${blockSecs} s blocks`;
  return `${title}\n${toRow(COLUMNS.map(([name]) => name))}`;
}

/** One line of the table. */
export function formatRow({ plan, result, loadAverage }: Measured, ours?: Measured): string {
  const name = NAMES[plan.system];
  if (!result) return `${name}: the cell broke`;
  const ratio = (ours?.result?.perSecond ?? Number.NaN) / result.perSecond;
  return toRow([
    name,
    result.perSecond.toFixed(result.perSecond < 10 ? 1 : 0),
    result.p50.toFixed(0),
    result.p95.toFixed(0),
    `${((100 * result.settled) / result.started).toFixed(1)} %`,
    (result.gasPerPayment / 1_000).toFixed(1).concat(" k"),
    result.rpcCallsPerPayment.toFixed(2),
    result.cpuMs.toFixed(2),
    result.anvilCpuMs.toFixed(2),
    loadAverage.toFixed(1),
    plan.system === "ours" || Number.isNaN(ratio) ? "" : `${ratio.toFixed(1)} ×`,
  ]);
}

/** Why payments of a cell failed, where any did, and whether money moved unreported. */
export function formatFailures({ plan, result }: Measured): string | undefined {
  if (!result || (result.settled === result.started && result.moved === result.settled)) return;
  const reasons = Object.entries(result.failures).map(([reason, count]) => `${count} × ${reason}`);
  if (result.timedOut > 0) reasons.push(`${result.timedOut} without an answer`);
  if (result.reverted > 0) reasons.push(`${result.reverted} transactions reverted`);
  const unreported = result.moved - result.settled;
  if (unreported !== 0) reasons.push(`${unreported} paid on chain but not reported settled`);
  return `  ${NAMES[plan.system]}: ${reasons.join(", ")}`;
}
