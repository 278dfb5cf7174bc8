import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EngineOptions, PayWorld } from "../../support/engine.ts";
import type { ProcessOrder } from "./escrow-process.ts";

const PROCESS = fileURLToPath(new URL("./escrow-process.ts", import.meta.url));

/** An engine in a process of its own that has one thing to do. */
export interface EscrowChild {
  /** Lets it do that. */
  go(): void;
  kill(): void;
  /** Resolves with the signal that ended it. */
  readonly exited: Promise<NodeJS.Signals | null>;
}

/** Starts the process and resolves when its engine runs. */
export async function startEscrowChild(
  world: PayWorld,
  options: EngineOptions,
  order: Omit<ProcessOrder, "world" | "options">,
): Promise<EscrowChild> {
  const { walletKey, usdc, settlement, escrow, recipient, creator, chain } = world;
  const whole: ProcessOrder = {
    world: {
      ...{ walletKey, usdc, settlement, escrow, recipient, creator },
      chain: { chainId: chain.chainId },
    },
    options,
    ...order,
  };
  const child = spawn(process.execPath, [PROCESS], {
    env: { ...process.env, ESCROW_ORDER: JSON.stringify(whole) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  // Writing to a process that was killed is what these tests do.
  child.stdin.on("error", () => {});
  const exited = once(child, "exit").then(([, signal]) => signal as NodeJS.Signals | null);
  await Promise.race([once(child.stdout, "data"), exited]);
  return {
    go: () => child.stdin.write("go\n"),
    kill: () => child.kill("SIGKILL"),
    exited,
  };
}
