import { startEngine } from "./engine.ts";
import { AS_DOCUMENTED, type FacilitatorOptions, startFacilitator } from "./facilitator.ts";
import { type LoadPlan, type LoadResult, runLoad } from "./load.ts";
import { countRpcCalls } from "./rpc-count.ts";
import type { Settler } from "./settler.ts";
import { AMOUNT, type ChainUse, startWorld, type World, type WorldPlan } from "./world.ts";

/** Who settles. */
export type System = "ours" | "documented" | "best";

/** One cell of the table; runs in a process and on a chain of its own. */
export interface CellPlan extends WorldPlan, LoadPlan {
  readonly system: System;
  /** Payments prepared for each agent. */
  readonly perAgent: number;
  /** Of the engine's configuration, where it is not the default. */
  readonly payments: Record<string, unknown>;
  readonly facilitator: Partial<FacilitatorOptions>;
}

/** What a cell found. */
export interface CellResult extends LoadResult {
  readonly transactions: number;
  readonly reverted: number;
  readonly gasPerPayment: number;
  readonly rpcCallsPerPayment: number;
  readonly rpcCalls: Record<string, number>;
  /** Payments whose money moved, whatever was answered. */
  readonly moved: number;
  /** CPU time per settled payment, the settling process's and anvil's. */
  readonly cpuMs: number;
  readonly anvilCpuMs: number;
}

/** The best set-up found for the facilitator; what each part is worth is in `settlement.ts`. */
function findBest(blockSecs: number): FacilitatorOptions {
  return {
    nonceManager: true,
    fixedGas: true,
    pollingMs: blockSecs < 1 ? 50 : 100,
    batch: false,
    verify: true,
  };
}

/** Runs one cell. */
export async function runCell(plan: CellPlan): Promise<CellResult> {
  const world = await startWorld(plan);
  return plan.system === "ours"
    ? measure(plan, world, await startOurs(plan, world))
    : measure(plan, world, await startTheirs(plan, world));
}

async function startOurs({ payments }: CellPlan, world: World) {
  const engine = await startEngine(world, payments);
  engine.resume();
  return engine;
}

function startTheirs({ system, blockSecs, facilitator }: CellPlan, world: World) {
  const base = system === "best" ? findBest(blockSecs) : AS_DOCUMENTED;
  return startFacilitator(world, blockSecs, { ...base, ...facilitator });
}

async function measure<Ticket>(
  plan: CellPlan,
  world: World,
  settler: Settler<Ticket>,
): Promise<CellResult> {
  const stock: Ticket[][] = world.agents.map(() => []);
  for (let round = 0; round < plan.perAgent; round++) {
    const tickets = await settler.prepare(world.agents);
    stock.forEach((own, index) => {
      own.push(tickets[index] as Ticket);
    });
  }
  const [paidBefore, firstBlock] = [await readPaid(world), await world.nextBlock()];
  const rpc = countRpcCalls();
  const [cpuBefore, anvilBefore] = [process.cpuUsage(), world.anvilCpuSecs()];
  const load = await runLoad(stock, settler.settle, plan);
  const cpu = process.cpuUsage(cpuBefore);
  const anvilCpuSecs = world.anvilCpuSecs() - anvilBefore;
  const rpcCalls = Object.fromEntries(rpc.calls);
  const calls = Object.values(rpcCalls).reduce((sum, count) => sum + count, 0);
  const use: ChainUse = await world.readUse(firstBlock);
  return {
    ...load,
    transactions: use.transactions,
    reverted: use.reverted,
    gasPerPayment: Number(use.gasUsed) / load.settled,
    rpcCallsPerPayment: calls / load.settled,
    rpcCalls,
    moved: Number(((await readPaid(world)) - paidBefore) / AMOUNT),
    cpuMs: (cpu.user + cpu.system) / 1e3 / load.settled,
    anvilCpuMs: (anvilCpuSecs * 1e3) / load.settled,
  };
}

/** What the payers have paid so far, whoever got it. */
async function readPaid(world: World): Promise<bigint> {
  const left = await Promise.all(world.agents.map(({ address }) => world.balanceOf(address)));
  return -left.reduce((sum, balance) => sum + balance, 0n);
}
