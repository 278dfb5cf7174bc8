import { startEngine } from "./engine.ts";
import {
  AS_DOCUMENTED,
  type FacilitatorOptions,
  findBest,
  startFacilitator,
} from "./facilitator.ts";
import { type LoadPlan, type LoadResult, runLoad } from "./load.ts";
import { countRpcCalls } from "./rpc-count.ts";
import type { Settler } from "./settler.ts";
import { AMOUNT, startWorld, type World, type WorldPlan } from "./world.ts";

/** Who settles: this engine, and the facilitator in four set-ups. */
export const SYSTEMS = ["ours", "documented", "nonce-manager", "best", "settle-only"] as const;
export type System = (typeof SYSTEMS)[number];

/** One cell of the table; runs in a process and on a chain of its own. */
export interface CellPlan extends WorldPlan, LoadPlan {
  readonly system: System;
  /** Payments prepared for each agent. */
  readonly perAgent: number;
  /** Payments of the past that the engine keeps. */
  readonly kept: number;
  /** Of the engine's configuration, where it is not the default. */
  readonly payments: Record<string, unknown>;
}

/** What a cell found; per payment means per settled payment. */
export interface CellResult extends LoadResult {
  readonly transactions: number;
  readonly reverted: number;
  readonly gasPerPayment: number;
  readonly rpcCallsPerPayment: number;
  readonly rpcCalls: Record<string, number>;
  /** Payments whose money moved, whatever was answered. */
  readonly moved: number;
  /** CPU time per payment of the process that settles, the load included. */
  readonly cpuMs: number;
  readonly anvilCpuMs: number;
}

/** Runs one cell. */
export async function runCell(plan: CellPlan): Promise<CellResult> {
  const world = await startWorld(plan);
  if (plan.system !== "ours") {
    const options = chooseOptions(plan.system, plan.blockSecs);
    return measure(plan, world, await startFacilitator(world, plan.blockSecs, options));
  }
  await using engine = await startEngine(world, plan.payments, plan.kept);
  engine.resume();
  return await measure(plan, world, engine);
}

function chooseOptions(system: Exclude<System, "ours">, blockSecs: number): FacilitatorOptions {
  const best = findBest(blockSecs);
  switch (system) {
    case "documented":
      return AS_DOCUMENTED;
    case "nonce-manager":
      return { ...best, fixedGas: false, batch: false };
    case "best":
      return best;
    case "settle-only":
      return { ...best, verify: false };
  }
}

async function measure<Ticket>(
  plan: CellPlan,
  world: World,
  settler: Settler<Ticket>,
): Promise<CellResult> {
  const stock = await prepareStock(world, settler, plan.perAgent);
  const paidBefore = await world.readPaid();
  const firstBlock = await world.nextBlock();
  const rpc = countRpcCalls();
  const [cpuBefore, anvilBefore] = [process.cpuUsage(), world.anvilCpuSecs()];
  const load = await runLoad(stock, settler.settle, plan);
  const cpu = process.cpuUsage(cpuBefore);
  const anvilCpuSecs = world.anvilCpuSecs() - anvilBefore;
  const rpcCalls = Object.fromEntries(rpc.calls);
  const calls = Object.values(rpcCalls).reduce((sum, count) => sum + count, 0);
  const { transactions, reverted, gasUsed } = await world.readUse(firstBlock);
  return {
    ...load,
    transactions,
    reverted,
    gasPerPayment: Number(gasUsed) / load.settled,
    rpcCallsPerPayment: calls / load.settled,
    rpcCalls,
    moved: Number(((await world.readPaid()) - paidBefore) / AMOUNT),
    cpuMs: (cpu.user + cpu.system) / 1e3 / load.settled,
    anvilCpuMs: (anvilCpuSecs * 1e3) / load.settled,
  };
}

/** Prepared in rounds, so that the oldest quote is the one that is paid first. */
async function prepareStock<Ticket>(
  { agents }: World,
  settler: Settler<Ticket>,
  perAgent: number,
): Promise<Ticket[][]> {
  const stock: Ticket[][] = agents.map(() => []);
  for (let round = 0; round < perAgent; round++) {
    const tickets = await settler.prepare(agents);
    for (const [index, own] of stock.entries()) {
      const ticket = tickets[index];
      if (ticket !== undefined) own.push(ticket);
    }
  }
  return stock;
}
