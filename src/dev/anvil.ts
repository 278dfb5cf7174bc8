import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** Is the chain id of every anvil started here. */
export const ANVIL_CHAIN_ID = 31337;

/** Holds the private keys of anvil's ten well-known accounts; each has 10,000 ETH. Never for real money. */
export const ANVIL_KEYS = [
  "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
  "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
  "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
  "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6",
  "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a",
  "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba",
  "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e",
  "0x4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356",
  "0xdbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97",
  "0x2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6",
] as const;

/** Is what can be chosen about an anvil process. */
export interface AnvilOptions {
  /** Seconds between blocks, default 0.1; `null` mines each transaction at once (stalls under load). */
  blockTimeSecs?: number | null;
  /** TCP port on 127.0.0.1, default 0: any free one. */
  port?: number;
  /** Further command line arguments of anvil. */
  args?: readonly string[];
  /** How long anvil may take to listen, default 10,000 ms. */
  startTimeoutMs?: number;
}

/** Is a running anvil; disposing it stops the process and waits for its end. */
export interface Anvil extends AsyncDisposable {
  rpcUrl: string;
  port: number;
  pid: number;
  chainId: typeof ANVIL_CHAIN_ID;
  /** Resolves when the process has ended, however that came about. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

const ANVIL_PACKAGE = "@foundry-rs/anvil-linux-amd64/bin/anvil";
const STATE_GRACE_MS = 3_000;
/**
 * Blocks whose state is kept, as many as a full node keeps. Without it anvil writes the state of every block to
 * ~/.foundry/anvil/tmp, some 150 KB each at the least, and leaves that there however it ends.
 */
const STATES_KEPT = 128;

// The shell becomes anvil (same pid). Its watcher reads from this process: a line means "anvil has ended",
// end of file means that this process died without stopping anvil.
const SUPERVISED =
  'exec 3<&0 </dev/null; (read -r _ <&3 || kill -9 $$) >/dev/null 2>&1 & exec 3<&-; exec "$0" "$@"';

/**
 * Starts a local chain on 127.0.0.1 and resolves when it listens. The process does not outlive this one,
 * not even when this one is killed, and does not get this terminal's Ctrl-C.
 * @throws Error if anvil is not installed, the port is taken, or it does not listen in time
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const { blockTimeSecs = 0.1, port = 0, args = [], startTimeoutMs = 10_000 } = options;
  const blockTime = blockTimeSecs === null ? [] : ["--block-time", String(blockTimeSecs)];
  const command = [
    findAnvil(),
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--prune-history",
    String(STATES_KEPT),
    ...blockTime,
    ...args,
  ];
  const child = spawn("/bin/sh", ["-c", SUPERVISED, ...command], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const exited = watchExit(child);
  try {
    const listening = await readPort(child, startTimeoutMs);
    const rpcUrl = `http://127.0.0.1:${listening}`;
    await silence(rpcUrl);
    const graceMs = args.includes("--state") ? STATE_GRACE_MS : 0;
    const stop = () => stopProcess(child, exited, graceMs);
    const pid = child.pid ?? 0;
    return {
      rpcUrl,
      port: listening,
      pid,
      chainId: ANVIL_CHAIN_ID,
      exited,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stopProcess(child, exited, 0);
    throw error;
  }
}

/** The package's, wherever npm put it, else the machine's own. */
function findAnvil(): string {
  try {
    const bundled = createRequire(import.meta.url).resolve(ANVIL_PACKAGE);
    if (existsSync(bundled)) return bundled;
  } catch {
    // An optional package, which npm leaves out on other platforms.
  }
  const directories = (process.env.PATH ?? "").split(delimiter);
  const found = directories.map((directory) => join(directory, "anvil")).find(existsSync);
  if (found) return found;
  throw new Error(
    "anvil is missing. On Linux x64 npm install brings it, unless optional packages are left out; elsewhere install it from https://getfoundry.sh, so that `anvil` is on the PATH.",
  );
}

function watchExit(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // A write to a watcher that is gone is nothing to report.
  child.stdin?.on("error", () => {});
  child.once("error", () => resolve());
  child.once("exit", () => {
    child.stdin?.end("ended\n");
    resolve();
  });
  return promise;
}

/** Waits for anvil's "Listening on"; goes on reading afterwards, for a full pipe would stop anvil. */
function readPort(child: ChildProcess, timeoutMs: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let text = "";
  let complaint = "";
  const timer = setTimeout(
    () => reject(new Error(`anvil did not listen within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const onOutput = (chunk: Buffer) => {
    text += chunk.toString("utf8");
    const match = /Listening on [\d.]+:(\d+)/.exec(text);
    if (match === null) return;
    child.stdout?.off("data", onOutput).resume();
    resolve(Number(match[1]));
  };
  child.stdout?.on("data", onOutput);
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-1_000);
  });
  child.once("error", (cause) => reject(new Error("anvil could not be started", { cause })));
  child.once("close", () =>
    reject(
      new Error(`anvil ended at its start; is its port (--anvil-port) free? ${complaint.trim()}`),
    ),
  );
  return promise.finally(() => clearTimeout(timer));
}

async function silence(rpcUrl: string): Promise<void> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "anvil_setLoggingEnabled",
      params: [false],
    }),
  });
  if (!response.ok) throw new Error(`anvil answered ${response.status}`);
  await response.body?.cancel();
}

/** A chain that keeps its state on disk is given time to write it. */
async function stopProcess(
  child: ChildProcess,
  exited: Promise<void>,
  graceMs: number,
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(graceMs > 0 ? "SIGTERM" : "SIGKILL");
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await exited;
    clearTimeout(timer);
  }
  await exited;
}
