// Runs an engine in a process of its own, so that a test can kill it at any moment. Takes the world
// and the options from the environment, payments as JSON lines on stdin; says on stdout, as JSON
// lines, how each was answered and what the hooks were told, once that is durable.

import { createInterface } from "node:readline";
import { StewardError } from "../../../src/errors.ts";
import type { RequestKey } from "../../../src/payments/port.ts";
import type { Write } from "../../../src/store/database.ts";
import { type EngineOptions, HookRecorder, type PayWorld, startEngine } from "./engine.ts";

/** What the process is started with. */
export interface EngineOrder {
  world: Pick<
    PayWorld,
    "usdc" | "settlement" | "escrow" | "walletKey" | "recipient" | "creator"
  > & { chain: { chainId: number } };
  options: EngineOptions;
}

/** One payment to accept. */
export interface PaymentOrder {
  key: RequestKey;
  authorization: unknown;
}

/** What the process tells. */
export interface EngineNews {
  requestId?: string;
  event: string;
}

const order = JSON.parse(process.env.ENGINE_ORDER ?? "") as EngineOrder;

class TellingHooks extends HookRecorder {
  override onSettled(_write: Write, { requestId }: RequestKey): void {
    engine.store.gate(() => tell({ requestId, event: "settled" }));
  }

  override onFailed(_write: Write, { requestId }: RequestKey): void {
    engine.store.gate(() => tell({ requestId, event: "failed" }));
  }
}

function tell(news: EngineNews): void {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

const engine = await startEngine(order.world as PayWorld, {
  ...order.options,
  hooks: new TellingHooks(),
});
tell({ event: "ready" });

for await (const line of createInterface({ input: process.stdin })) {
  const { key, authorization } = JSON.parse(line) as PaymentOrder;
  engine.payments
    .accept(key, authorization)
    .then(async (answer) => {
      await engine.store.committed();
      tell({ requestId: key.requestId, event: answer });
    })
    .catch((error: unknown) => {
      const event = error instanceof StewardError ? String(error.reason ?? error.code) : "bug";
      tell({ requestId: key.requestId, event });
    });
}
await engine.stop();
