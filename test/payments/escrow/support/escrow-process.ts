// Runs an engine in a process of its own, so that a test can kill it at any moment: does the one
// order of the environment and says on stdout when it is ready and how the order was answered.
import type { RequestKey } from "../../../../src/payments/port.ts";
import type { EngineOptions, PayWorld } from "../../support/engine.ts";
import { startEscrowEngine } from "./escrow-engine.ts";

/** One thing to do: take an authorization, or change an escrow. */
export interface ProcessOrder {
  world: Pick<
    PayWorld,
    "usdc" | "settlement" | "escrow" | "walletKey" | "recipient" | "creator"
  > & { chain: { chainId: number } };
  options: EngineOptions;
  key: RequestKey;
  authorization?: unknown;
  change?: { escrowId: string; op: "release" | "refund" | "dispute"; signature?: string };
}

const order = JSON.parse(process.env.ESCROW_ORDER ?? "") as ProcessOrder;
const { payments } = await startEscrowEngine(order.world as PayWorld, order.options);
process.stdout.write("ready\n");
process.stdin.once("data", () => {
  const { key, authorization, change } = order;
  const done = change
    ? payments.operateEscrow(change, "test", 60_000)
    : payments.accept(key, authorization);
  done.then(
    () => process.stdout.write("done\n"),
    (error: unknown) => process.stdout.write(`${String(error)}\n`),
  );
});
