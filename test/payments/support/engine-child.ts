import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { EngineOptions, PayWorld } from "./engine.ts";
import type { EngineNews, EngineOrder, PaymentOrder } from "./engine-process.ts";

const PROCESS = fileURLToPath(new URL("./engine-process.ts", import.meta.url));

/** An engine in a process of its own. */
export interface EngineChild {
  /** Emits `news` with an EngineNews. */
  readonly news: EventEmitter;
  send(payment: PaymentOrder): void;
  kill(): void;
  /** Resolves with the signal that ended the process, null where it ended by itself. */
  readonly exited: Promise<NodeJS.Signals | null>;
}

/** Starts an engine process and resolves when it takes payments. */
export async function startEngineChild(
  world: PayWorld,
  options: EngineOptions,
): Promise<EngineChild> {
  const { walletKey, usdc, settlement, escrow, recipient, creator, chain } = world;
  const order: EngineOrder = {
    world: {
      ...{ walletKey, usdc, settlement, escrow, recipient, creator },
      chain: { chainId: chain.chainId },
    },
    options,
  };
  const child = spawn(process.execPath, [PROCESS], {
    env: { ...process.env, ENGINE_ORDER: JSON.stringify(order) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  // Writing to a process that was killed is what these tests do.
  child.stdin.on("error", () => {});
  const news = new EventEmitter();
  createInterface({ input: child.stdout }).on("line", (line) => {
    news.emit("news", JSON.parse(line) as EngineNews);
  });
  const exited = watchExit(child);
  await Promise.race([once(news, "news"), exited]);
  return {
    news,
    exited,
    send: (payment) => child.stdin.write(`${JSON.stringify(payment)}\n`),
    kill: () => child.kill("SIGKILL"),
  };
}

async function watchExit(child: ChildProcess): Promise<NodeJS.Signals | null> {
  const [, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal;
}
