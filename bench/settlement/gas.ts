import { startEngine } from "./engine.ts";
import { startWorld } from "./world.ts";

const BLOCK_SECS = 0.1;
const BATCHES = 4;

/**
 * Settles full batches of one size through the engine and returns the gas per payment: each payer
 * pays once and keeps a rest, every payee holds tokens, three payees per payment.
 * @throws Error where the engine made other batches
 */
export async function measureGas(batch: number, blockGas: number): Promise<number> {
  const count = batch * BATCHES;
  const world = await startWorld({ blockSecs: BLOCK_SECS, agents: count, blockGas });
  await using engine = await startEngine(world, { batch_max: batch });
  const tickets = await engine.prepare(world.agents);
  const before = await world.nextBlock();
  // All are accepted within this turn, before anything is sent.
  const settled = Promise.all(tickets.map((ticket) => engine.settle(ticket)));
  setImmediate(() => engine.resume());
  const failures = (await settled).filter((failure) => failure !== undefined);
  const { transactions, gasUsed } = await world.readUse(before);
  if (failures.length > 0 || transactions !== BATCHES) {
    throw new Error(`${failures.length} failed, ${transactions} transactions`);
  }
  return Number(gasUsed) / count;
}
