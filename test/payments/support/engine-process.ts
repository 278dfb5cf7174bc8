// Runs an engine in a process of its own, so that a test can kill it at any moment. Takes the world,
// the options and one payment to accept from the environment.
import type { RequestKey } from "../../../src/payments/payments.ts";
import { type EngineOptions, HookRecorder, type PayWorld, startEngine } from "./engine.ts";

/** What the process is told. */
export interface EngineOrder {
  world: Pick<
    PayWorld,
    "usdc" | "settlement" | "escrow" | "walletKey" | "recipient" | "creator"
  > & {
    chain: { chainId: number };
  };
  options: EngineOptions;
  key: RequestKey;
  authorization: unknown;
}

const order = JSON.parse(process.env.ENGINE_ORDER ?? "") as EngineOrder;
const hooks = new HookRecorder();
const engine = await startEngine(order.world as PayWorld, { ...order.options, hooks });
process.stdout.write("ready\n");
// Whoever started it ends its input when it is to accept the payment.
for await (const _ of process.stdin);
const answer = await engine.payments.accept(order.key, order.authorization);
if (answer !== "settled") await hooks.until("settled", order.key.requestId);
await engine.store.committed();
await engine.stop();
