// Runs a steward that answers "memory" and "cpu" over IPC: `node --expose-gc measured-steward.ts CONFIG`.
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { loadConfig } from "../../src/config/config.ts";
import { createSteward } from "../../src/steward.ts";

/** What a measured steward says of itself. */
export interface Measurement {
  readonly rss: number;
  readonly heapUsed: number;
  /** Buffers and other memory outside the heap. */
  readonly external: number;
  /** User and system time of the process so far, in microseconds. */
  readonly cpuMicros: number;
  /** The longest that the event loop was held up since the last question, in milliseconds. */
  readonly heldMs: number;
  /** The most CPU time that the main thread took at a stretch meanwhile: what others take is not in it. */
  readonly heldCpuMs: number;
  /** Sockets accepted and not closed. */
  readonly open: number;
  /** Bytes read from every socket accepted so far, in the order they were accepted. */
  readonly bytesRead: readonly number[];
}

const LOOK_MS = 5;
const delay = monitorEventLoopDelay({ resolution: LOOK_MS });
delay.enable();

let stretchMs = 0;
let cpuMs = readCpuMs();
setInterval(() => {
  const now = readCpuMs();
  stretchMs = Math.max(stretchMs, now - cpuMs);
  cpuMs = now;
}, LOOK_MS).unref();

function readCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function takeHeldCpuMs(): number {
  const heldMs = stretchMs;
  stretchMs = 0;
  return heldMs;
}

/** What the loop's longest round took beyond the time between two looks; begins anew. */
function takeHeldMs(): number {
  const heldMs = Math.max(0, delay.max / 1e6 - LOOK_MS);
  delay.reset();
  return heldMs;
}

const sockets: { readonly socket: WeakRef<Socket>; bytesRead: number; open: boolean }[] = [];

// Held weakly: what is measured must not be kept alive by the measuring.
subscribe("net.server.socket", (message) => {
  const { socket } = message as { socket: Socket };
  const entry = { socket: new WeakRef(socket), bytesRead: 0, open: true };
  sockets.push(entry);
  socket.once("close", () => {
    entry.bytesRead = socket.bytesRead;
    entry.open = false;
  });
});

function measure(collectGarbage: boolean): Measurement {
  for (let i = 0; collectGarbage && i < 4; i++) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const cpu = process.cpuUsage();
  return {
    rss,
    heapUsed,
    external,
    cpuMicros: cpu.user + cpu.system,
    heldMs: takeHeldMs(),
    heldCpuMs: takeHeldCpuMs(),
    open: sockets.filter((entry) => entry.open).length,
    bytesRead: sockets.map((entry) =>
      entry.open ? (entry.socket.deref()?.bytesRead ?? 0) : entry.bytesRead,
    ),
  };
}

const steward = await createSteward(loadConfig({ file: process.argv[2] }).config);
process.on("message", (what) => process.send?.(measure(what === "memory")));
// Whoever started it is gone.
process.once("disconnect", () => process.exit());
process.once("SIGTERM", async () => {
  await steward[Symbol.asyncDispose]();
  process.disconnect();
});
process.stdout.write(
  `http ${steward.httpUrl}\nwire ${steward.wireUrl}\nnode ${steward.nodeId}\ntoken ${steward.firstToken}\n`,
);
