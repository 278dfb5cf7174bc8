import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { noteCommand } from "./seen-commands.ts";

const COMMAND = fileURLToPath(new URL("../../bin/steward.mjs", import.meta.url));
const SCRIPT = "/usr/bin/script";
const OUTPUT_BYTES_MAX = 4_000_000;

/** The machine's own Node: on the PATH, but not what npm put there. */
export const MACHINE_NODE = findMachineNode();

/** The PATH of a user who has that Node and the system's programs. */
export const USER_PATH = [dirname(MACHINE_NODE), "/usr/bin", "/bin"].join(delimiter);

/** There is a program that runs another in a terminal. */
export const HAS_TERMINAL = process.platform === "linux" && existsSync(SCRIPT);

/** What a command's process came to. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The shell's own folder where it is left out. */
  readonly cwd?: string;
  readonly input?: string;
  /** What it reads stays open for `type`. */
  readonly interactive?: boolean;
  /** A file descriptor for its stderr, which is then not read here. */
  readonly stderr?: number;
}

/**
 * Runs commands exactly as a user does: the machine's own Node, an environment with a minimal PATH
 * and an empty home only, in a folder that is not the checkout.
 */
export class UserShell implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), "steward-home-"));
  /** Where commands are run; empty at first. */
  readonly dir = mkdtempSync(join(tmpdir(), "steward-user-"));
  readonly env: Readonly<Record<string, string>>;
  private readonly running = new Set<UserProcess>();

  /** @param env variables beside PATH and HOME */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.env = { PATH: USER_PATH, HOME: this.home, ...env };
  }

  /** Runs `steward …` until it ends. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** Runs a line as the user would paste it into sh. */
  sh(line: string, options: RunOptions = {}): UserProcess {
    return this.spawn("/bin/sh", ["-c", `exec ${line}`], options);
  }

  /** Starts `steward …` in a terminal, by util-linux's script(1), which ends with the same code. */
  terminal(args: readonly string[], options: RunOptions = {}): UserProcess {
    const line = [MACHINE_NODE, COMMAND, ...args].map((word) => `'${word}'`).join(" ");
    const all = { ...options, interactive: true };
    return this.spawn(SCRIPT, ["-qefc", `exec ${line}`, "/dev/null"], all);
  }

  /** Starts `steward …`, which goes on until it is asked to end. */
  start(args: readonly string[], options: RunOptions = {}): UserProcess {
    const process = this.spawn(MACHINE_NODE, [COMMAND, ...args], options);
    process.ended.then(({ code }) => noteCommand(args, code)).catch(() => {});
    return process;
  }

  /** Starts a program. */
  spawn(file: string, args: readonly string[], options: RunOptions = {}): UserProcess {
    const child = spawn(file, args, {
      cwd: options.cwd ?? this.dir,
      env: { ...this.env, ...options.env },
      stdio: ["pipe", "pipe", options.stderr ?? "pipe"],
    });
    child.stdin?.on("error", () => {});
    if (!options.interactive) child.stdin?.end(options.input);
    const process = new UserProcess(child);
    this.running.add(process);
    const forget = () => this.running.delete(process);
    process.ended.then(forget, forget);
    return process;
  }

  /** Ends what still runs, and removes the folders. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.running].map((process) => process.stop()));
    for (const dir of [this.home, this.dir]) rmSync(dir, { recursive: true, force: true });
  }
}

/** A process that a user started. */
export class UserProcess {
  readonly pid: number;
  /** Resolves once it has ended and its output is complete. */
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private readonly output = { stdout: "", stderr: "" };
  private readonly listeners = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.child = child;
    this.pid = child.pid ?? 0;
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
        this.output[name] = (this.output[name] + chunk).slice(-OUTPUT_BYTES_MAX);
        for (const listener of this.listeners) listener();
      });
    }
    this.ended = once(child, "close").then(([code]) => ({ code, ...this.output }));
  }

  get stdout(): string {
    return this.output.stdout;
  }

  get stderr(): string {
    return this.output.stderr;
  }

  /** Waits until its output matches; throws with all it said where it ends before. */
  async says(pattern: RegExp, where: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    const heard = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(this.output[where]);
      if (match) heard.resolve(match);
    };
    this.listeners.add(look);
    look();
    const early = this.ended.then(({ code, stdout, stderr }) => {
      throw new Error(`ended with ${code} before it said ${pattern}:\n${stdout}\n${stderr}`);
    });
    try {
      return await Promise.race([heard.promise, early]);
    } finally {
      this.listeners.delete(look);
    }
  }

  /** Types into an interactive one. */
  type(text: string): void {
    this.child.stdin?.write(text);
  }

  /** Sends a signal to the process that the user started, and to nothing below it. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<Ended> {
    this.signal("SIGTERM");
    return this.ended;
  }
}

function findMachineNode(): string {
  const directories = (process.env.PATH ?? "").split(delimiter);
  const own = directories.filter((directory) => !directory.includes("node_modules"));
  return own.map((directory) => join(directory, "node")).find(existsSync) ?? process.execPath;
}
