import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Logger } from "../base/log.ts";
import type { Invocation } from "./handler.ts";

const CHILD_PATH = fileURLToPath(
  new URL(`./module-child${extname(import.meta.url)}`, import.meta.url),
);

const WATCH_INTERVAL_MS = 100;
/** What Node itself, its code and its buffers may take beside the heap. */
const RESIDENT_OVERHEAD_KB = 96 * 1024;
const STDERR_CHARS_MAX = 500;
const STDERR_BYTES_MAX = 64 * 1024;
/** Characters of params after which the calls of a moment go to the child, and others in another message. */
const CALLS_CHARS_MAX = 64 * 1024;

/** What runs in a child process. */
export interface ModuleSpec {
  readonly path: string;
  readonly memoryMb: number;
}

/** One call, as the child gets it: it builds the params. */
export interface ModuleCall extends Omit<Invocation, "params"> {
  readonly id: number;
}

/** An answer of the child, checked for its form. */
export interface ModuleAnswer {
  readonly id: number;
  /** JSON of the result. */
  readonly text?: string;
  readonly error?: string;
  /** The result is larger than any message. */
  readonly oversize?: true;
}

export interface ModuleProcessEvents {
  /** The module is loaded and takes calls. */
  readonly onReady: () => void;
  readonly onAnswer: (answer: ModuleAnswer) => void;
  /** The process is gone, for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * One child process with an empty environment, a limited heap and a watchdog on its memory:
 * buffers are no part of the heap, so that the limit alone would not stop them.
 */
export class ModuleProcess implements AsyncDisposable {
  /** The module is loaded and takes calls. */
  isReady = false;
  private readonly child: ChildProcess;
  private readonly spec: ModuleSpec;
  private readonly log: Logger;
  private readonly ended: Promise<void>;
  private readonly watchdog: NodeJS.Timeout;
  private isDisposed = false;
  private calls: ModuleCall[] = [];
  /** Of their params. */
  private chars = 0;

  constructor(spec: ModuleSpec, log: Logger, events: ModuleProcessEvents) {
    this.spec = spec;
    this.log = log.child({ module: spec.path });
    this.child = fork(CHILD_PATH, [spec.path], {
      env: {},
      // A process group of its own: a signal to the module's group does not reach the steward.
      detached: true,
      execArgv: [`--max-old-space-size=${spec.memoryMb}`],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.watchdog = setInterval(() => this.watchMemory(), WATCH_INTERVAL_MS).unref();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    let isEnded = false;
    const end = (): void => {
      if (isEnded) return;
      isEnded = true;
      clearInterval(this.watchdog);
      resolve();
      events.onEnd();
    };
    this.child.on("message", (message) => this.onMessage(message, events));
    this.child.on("error", (error) => {
      this.log.error({ err: error }, "module process");
      // A process that never started has no exit.
      if (this.child.pid === undefined) end();
    });
    this.child.on("exit", (code, signal) => {
      if (!this.isDisposed) this.log.warn({ code, signal }, "module process ended");
      end();
    });
    this.logStderr();
  }

  /** Sends a call, together with others of the same moment; what becomes of it comes by the events. */
  send(id: number, invocation: Invocation): void {
    const { invokeId, zoneId, action, paramsText, isPaid, requester, requestId } = invocation;
    if (this.calls.length === 0) queueMicrotask(() => this.flush());
    this.calls.push({ id, invokeId, zoneId, action, paramsText, isPaid, requester, requestId });
    this.chars += paramsText.length;
    if (this.chars > CALLS_CHARS_MAX) this.flush();
  }

  /** Ends the process at once; `onEnd` follows. */
  kill(reason: string): void {
    this.log.warn({ reason }, "module process is killed");
    this.child.kill("SIGKILL");
  }

  /** Ends the process and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
    this.child.kill("SIGKILL");
    await this.ended;
  }

  private flush(): void {
    const { calls } = this;
    if (calls.length === 0) return;
    this.calls = [];
    this.chars = 0;
    if (this.child.connected) this.child.send(calls, () => {});
  }

  private onMessage(message: unknown, events: ModuleProcessEvents): void {
    if (typeof message !== "object" || message === null) return;
    const { ready, id, text, error, oversize } = message as Record<string, unknown>;
    if (ready === true) {
      this.isReady = true;
      events.onReady();
    } else if (typeof id === "number") {
      if (typeof text === "string") events.onAnswer({ id, text });
      else if (typeof error === "string") events.onAnswer({ id, error });
      else if (oversize === true) events.onAnswer({ id, oversize });
    }
  }

  private watchMemory(): void {
    const residentKb = readResidentKb(this.child.pid);
    if (residentKb > this.spec.memoryMb * 1024 + RESIDENT_OVERHEAD_KB) {
      this.kill(`${Math.round(residentKb / 1024)} MB of memory`);
    }
  }

  private logStderr(): void {
    let bytes = 0;
    this.child.stderr?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > STDERR_BYTES_MAX) return;
      this.log.warn({ text: chunk.toString().slice(0, STDERR_CHARS_MAX) }, "module stderr");
    });
  }
}

/** Returns 0 where the system has no /proc: there only the heap is limited. */
function readResidentKb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
