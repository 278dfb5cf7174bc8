import { AgentError } from "../../../src/client/agent.ts";
import { RPC_FAULTS, RPC_METHODS } from "../../support/rpc-proxy.ts";
import type { RpcFault } from "./fault-cell.ts";
import type { KillPoint } from "./killed-steward.ts";

/** Everything that can go wrong with every method. */
export const FAULTS = RPC_METHODS.flatMap((method) =>
  RPC_FAULTS.map((kind): RpcFault => ({ method, kind })),
);

/** Deaths before and after the commit that brings a row into each of these states. */
export function toKills(states: readonly (readonly [table: string, state: string])[]): KillPoint[] {
  return states.flatMap(([table, value]) =>
    (["before", "after"] as const).map((when) => ({ table, value, when })),
  );
}

/** All cells with `PAYMENT_FAULTS=all`, else so many as it says, spread over all of them. */
export function chooseCells<Cell>(all: readonly Cell[], few: number): Cell[] {
  const wanted = process.env.PAYMENT_FAULTS ?? String(few);
  if (wanted === "all") return [...all];
  const count = Math.min(Number(wanted), all.length);
  // Far from each other in every dimension, and none of them twice.
  let step = Math.floor(all.length * 0.618);
  while (step > 1 && gcd(step, all.length) > 1) step -= 1;
  return Array.from({ length: count }, (_, i) => all[(i * step) % all.length] as Cell);
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
