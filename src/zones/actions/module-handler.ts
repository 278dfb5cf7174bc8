import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { StewardError } from "../../errors.ts";
import type { Logger } from "../../log.ts";
import type { JsonValue } from "../../wire/json.ts";
import type { ActionHandler, Invocation } from "./handler.ts";

const CHILD_PATH = fileURLToPath(
  new URL(`./module-child${extname(import.meta.url)}`, import.meta.url),
);

interface ModuleOptions {
  readonly path: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly log: Logger;
}

interface Waiting {
  readonly child: ChildProcess;
  readonly resolve: (result: JsonValue) => void;
  readonly reject: (error: StewardError) => void;
}

interface Answer {
  readonly id?: number;
  readonly result?: JsonValue;
  readonly error?: string;
  readonly fatal?: string;
}

/**
 * Runs an operator's module in a warm child process with an empty environment, a memory limit and
 * a deadline per call, so that a bad module cannot stop the steward. It is no sandbox: modules
 * are the operator's own code.
 */
export class ModuleHandler implements ActionHandler, AsyncDisposable {
  readonly idempotent = true;
  private readonly options: ModuleOptions;
  private readonly waiting = new Map<number, Waiting>();
  private child: ChildProcess | undefined;
  private nextId = 1;

  constructor(options: ModuleOptions) {
    this.options = options;
  }

  /** Runs the module's default export with the invocation. */
  invoke(invocation: Invocation, signal: AbortSignal): Promise<JsonValue> {
    const child = this.child ?? this.start();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        // A module that does not answer may hold the child's only thread.
        this.restart(child);
        finish(() =>
          reject(
            new StewardError("internal", {
              reason: "HANDLER_FAILED",
              message: "The action's module did not answer in time.",
            }),
          ),
        );
      }, this.options.timeoutMs);
      const onAbort = (): void =>
        finish(() => reject(new StewardError("internal", { reason: "HANDLER_FAILED" })));
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        this.waiting.delete(id);
        settle();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.waiting.set(id, {
        child,
        resolve: (result) => finish(() => resolve(result)),
        reject: (error) => finish(() => reject(error)),
      });
      child.send({ id, invocation }, (error) => {
        if (error) this.waiting.get(id)?.reject(toFailure());
      });
    });
  }

  /** Ends the child process. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.child = undefined;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    else return;
    await exited;
  }

  private start(): ChildProcess {
    const { path, memoryMb, log } = this.options;
    const child = fork(CHILD_PATH, [path], {
      env: {},
      execArgv: [`--max-old-space-size=${memoryMb}`],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.child = child;
    child.stderr?.on("data", (text: Buffer) => {
      log.warn({ module: path, text: text.toString().slice(0, 500) }, "module stderr");
    });
    child.on("message", (answer) => this.onAnswer(answer as Answer));
    child.on("error", (error) => log.error({ err: error, module: path }, "module process"));
    child.on("exit", (code, killed) => {
      if (this.child === child) {
        this.child = undefined;
        log.warn({ module: path, code, killed }, "module process ended");
      }
      this.failAll(child);
    });
    return child;
  }

  private restart(child: ChildProcess): void {
    if (this.child === child) this.child = undefined;
    child.kill("SIGKILL");
  }

  private failAll(child: ChildProcess): void {
    for (const waiting of [...this.waiting.values()]) {
      if (waiting.child === child) waiting.reject(toFailure());
    }
  }

  private onAnswer(answer: Answer): void {
    if (answer.fatal !== undefined) {
      this.options.log.error({ module: this.options.path, reason: answer.fatal }, "bad module");
    }
    if (answer.id === undefined) return;
    const waiting = this.waiting.get(answer.id);
    if (answer.error === undefined) waiting?.resolve(answer.result ?? null);
    else waiting?.reject(toFailure(answer.error));
  }
}

function toFailure(message = "The action's module failed."): StewardError {
  return new StewardError("internal", { reason: "HANDLER_FAILED", message });
}
