import { AgentError } from "../../../src/client/agent.ts";
import { chooseRows } from "../../support/counts.ts";
import { MEANING_FAULTS, type MeaningFaultKind } from "../../support/meaning-faults.ts";
import { RPC_FAULTS, RPC_METHODS } from "../../support/rpc-proxy.ts";
import type { RpcFault } from "./fault-cell.ts";
import type { KillPoint } from "./killed-steward.ts";

/** What can go wrong in what is said, each with the methods it is for. */
const OF_MEANING = Object.entries(MEANING_FAULTS).flatMap(([kind, methods]) =>
  methods.map((method): RpcFault => ({ method, kind: kind as MeaningFaultKind })),
);

/** Another chain's id in the place of code is code: a payer who has it is no account with a key. */
const isCode = ({ method, kind }: RpcFault) => method === "eth_getCode" && kind === "wrong-chain";

/** Kinds that `PAYMENT_FAULT_KINDS` names, with commas between them; all by default. */
const isWanted = ({ kind }: RpcFault) =>
  process.env.PAYMENT_FAULT_KINDS?.split(",").includes(kind) ?? true;

/** Everything that can go wrong with every method: on the way, and in what is said. */
export const FAULTS: readonly RpcFault[] = [
  ...RPC_METHODS.flatMap((method) => RPC_FAULTS.map((kind): RpcFault => ({ method, kind }))),
  ...OF_MEANING,
].filter((fault) => !isCode(fault) && isWanted(fault));

/** Deaths before and after the commit that brings a row into each of these states. */
export function toKills(states: readonly (readonly [table: string, state: string])[]): KillPoint[] {
  return states.flatMap(([table, value]) =>
    (["before", "after"] as const).map((when) => ({ table, value, when })),
  );
}

/** All cells with `PAYMENT_FAULTS=all`, else so many as it says, spread over all of them. */
export function chooseCells<Cell>(all: readonly Cell[], few: number): readonly Cell[] {
  return chooseRows(all, few, (count) => spread(all, count));
}

/** So many of all, each far from the one before in every dimension, and none of them twice. */
export function spread<Item>(all: readonly Item[], count: number): Item[] {
  let step = Math.floor(all.length * 0.618);
  while (step > 1 && gcd(step, all.length) > 1) step -= 1;
  return Array.from({ length: count }, (_, i) => all[(i * step) % all.length] as Item);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Does as an agent should: again what an error says to retry. */
export async function persist<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted || !(error instanceof AgentError) || error.recovery !== "retry") {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(error.retryAfterMs ?? 0, 500)));
    }
  }
}
