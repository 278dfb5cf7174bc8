import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Measurement } from "./measured-steward.ts";
import { createApi, type TestSteward, WIDE_LIMITS } from "./steward.ts";

const COMMAND = fileURLToPath(new URL("../../bin/steward.mjs", import.meta.url));
const MEASURED = fileURLToPath(new URL("./measured-steward.ts", import.meta.url));
const NAMES = { http: "httpUrl", wire: "wireUrl", node: "nodeId", token: "token" } as const;

/** Limits so wide that a test that wants many connections or messages never meets one. */
export const NO_LIMITS = {
  limits: WIDE_LIMITS,
  wire: {
    max_unauthenticated: 100_000,
    max_unauthenticated_per_address: 100_000,
    handshake_failures_per_minute: 1_000_000,
  },
};

/** How a steward is started in a process of its own. */
export interface ProcessOptions {
  readonly dataDir: string;
  readonly config?: Record<string, unknown>;
  /** Starts the wrapper that can be asked for its memory and CPU time. */
  readonly measured?: boolean;
  /** A program of the tests' that starts the steward in place of the command. */
  readonly program?: string;
  /** Arguments for Node itself. */
  readonly nodeArgs?: readonly string[];
  /** No file it writes may grow past so many KiB: the system answers EFBIG. */
  readonly fileKibMax?: number;
  /** Beside what this process has. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A steward in a process of its own, on loopback. */
export class StewardProcess implements AsyncDisposable {
  readonly httpUrl: string;
  readonly wireUrl: string;
  readonly nodeId: string;
  /** The first admin token; empty where the data directory had one already. */
  readonly token: string;
  readonly api: TestSteward["api"];
  /** Resolves with the exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, told: Readonly<Record<string, string>>) {
    this.child = child;
    this.ended = once(child, "exit").then(([code]) => code as number | null);
    this.httpUrl = told.httpUrl ?? "";
    this.wireUrl = told.wireUrl ?? "";
    this.nodeId = told.nodeId ?? "";
    this.token = told.token ?? "";
    this.api = createApi(this.httpUrl, this.token);
  }

  /** Starts `steward start` and waits until it listens. */
  static async start(options: ProcessOptions): Promise<StewardProcess> {
    mkdirSync(options.dataDir, { recursive: true });
    const file = join(options.dataDir, "steward.config.json");
    const config = { log: { level: "warn" }, ...options.config, data_dir: options.dataDir };
    writeFileSync(file, JSON.stringify(config));
    const program = options.measured ? MEASURED : options.program;
    const command = program ? [program, file] : [COMMAND, "start", "--create", "--config", file];
    const child = spawnNode(options, command);
    return new StewardProcess(child, await readReady(child));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Asks a measured steward for its numbers; for memory after a full garbage collection. */
  async measure(what: "memory" | "cpu" = "memory"): Promise<Measurement> {
    const answer = once(this.child, "message");
    this.child.send(what);
    return (await answer)[0] as Measurement;
  }

  /** Ends the process as power loss would, as far as the process is concerned. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Asks the process to end and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended;
  }
}

function spawnNode(options: ProcessOptions, command: readonly string[]): ChildProcess {
  // An older Node would start the steward in a further process, out of a kill's reach.
  if (Number(process.versions.node.split(".")[0]) < 24) throw new Error("Run this with Node 24.");
  const { measured, nodeArgs = [], fileKibMax } = options;
  const args = [...nodeArgs, ...(measured ? ["--expose-gc"] : []), ...command];
  const [file, ...rest] =
    fileKibMax === undefined
      ? [process.execPath, ...args]
      : ["bash", "-c", `ulimit -f ${fileKibMax}; exec "$0" "$@"`, process.execPath, ...args];
  return spawn(file, rest, {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "inherit", ...(measured ? (["ipc"] as const) : [])],
  });
}

/** Reads the lines that `steward start` prints once it listens. */
async function readReady(child: ChildProcess): Promise<Record<string, string>> {
  if (child.stdout === null) throw new Error("The steward's output is not piped.");
  const told: Record<string, string> = {};
  const lines = createInterface({ input: child.stdout });
  const listening = Promise.withResolvers<void>();
  lines.on("line", (line) => {
    const [name = "", value = ""] = line.split(/\s+/);
    if (Object.hasOwn(NAMES, name)) told[NAMES[name as keyof typeof NAMES]] = value;
    // One write, so the token's line has come with it where there is one.
    if (told.nodeId !== undefined) setImmediate(listening.resolve);
  });
  child.once("exit", (code) => listening.reject(new Error(`The steward ended with ${code}.`)));
  child.once("error", listening.reject);
  await listening.promise;
  return told;
}
