// Runs in a child process: loads one operator module and answers its parent's calls.
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { ModuleCall } from "./module-process.ts";

/** No longer text fits an envelope; checked here, so that the parent never reads more. */
const RESULT_BYTES_MAX = 8 * 1_048_576;
const MESSAGE_CHARS_MAX = 1000;

const send = process.send?.bind(process);
shield();

const run = await load(process.argv[2] ?? "");
process.on("message", (calls: readonly ModuleCall[]) => void answerAll(calls));
send?.({ ready: true });

/** Keeps a careless module from the parent: its pid, signals to it, its channel. */
function shield(): void {
  const kill = process.kill.bind(process);
  const killSelf = (pid: number, signal?: string | number): true => {
    if (pid === process.pid) return kill(pid, signal);
    throw new Error("A module may not signal other processes.");
  };
  const fixed = { writable: false, configurable: false };
  Object.defineProperty(process, "kill", { value: killSelf, ...fixed });
  Object.defineProperty(process, "ppid", { value: process.pid, ...fixed });
  Object.defineProperty(process, "send", { value: undefined, ...fixed });
  // A service manager signals every process at once; runs under way are to end first.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"])
    process.on(signal, () => {});
  process.on("disconnect", () => process.exit(0));
}

async function load(file: string): Promise<(invocation: unknown) => unknown> {
  const loaded = (await import(pathToFileURL(file).href)) as { default?: unknown };
  if (typeof loaded.default === "function") {
    return loaded.default as (invocation: unknown) => unknown;
  }
  throw new Error("The module has no default export that is a function.");
}

/** Begins one after another, each when those before it that ended at once are answered: it may hold the thread. */
async function answerAll(calls: readonly ModuleCall[]): Promise<void> {
  for (const call of calls) {
    void answer(call);
    await turn();
  }
}

async function answer({ id, ...call }: ModuleCall): Promise<void> {
  try {
    const invocation = { ...call, params: JSON.parse(call.paramsText) };
    const text = JSON.stringify((await run(invocation)) ?? null) ?? "null";
    if (Buffer.byteLength(text) > RESULT_BYTES_MAX) send?.({ id, oversize: true });
    else send?.({ id, text });
  } catch (error) {
    const message = error instanceof Error ? error.message : "The module threw no Error.";
    send?.({ id, error: String(message).slice(0, MESSAGE_CHARS_MAX) });
  }
}
