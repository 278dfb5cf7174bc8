import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { noteCommand } from "../support/seen-commands.ts";
import { MACHINE_NODE, USER_PATH } from "../support/user-shell.ts";
import type { Reply } from "../support/wire-client.ts";

const COMMAND = fileURLToPath(new URL("../../bin/steward.mjs", import.meta.url));

/** What a command's process came to. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder for the files of a test's commands, and a shell in it. */
export interface Shell extends Disposable {
  readonly dir: string;
  /** Writes a file only its owner may read; returns its path. */
  write(name: string, content: unknown): string;
  /** Runs `steward …` in a process of its own until it ends. */
  run(args: readonly string[], input?: string): Promise<Ended>;
  /** Runs `steward … --json`, expects it to succeed, and parses the one value it prints. */
  json(args: readonly string[], input?: string): Promise<Reply>;
  /** Starts `steward … --json`, which prints a line per thing heard until it is asked to end. */
  listen(args: readonly string[]): Listener;
}

const known = new Set<string>();

/** The machine's own Node the first time; a restart on a newer one every time would cost minutes. */
function chooseNode(args: readonly string[]): string {
  const name = args.slice(0, 2).join(" ");
  if (known.has(name)) return process.execPath;
  known.add(name);
  return MACHINE_NODE;
}

/** Opens a shell in which a user runs commands, from a folder of its own, with these variables only. */
export function openShell(environment: Readonly<Record<string, string>> = {}): Shell {
  const dir = mkdtempSync(join(tmpdir(), "steward-cli-"));
  // Node's own place for it; a command then starts in half the time.
  const cache = { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
  const env = { PATH: USER_PATH, HOME: dir, ...cache, ...environment };
  const start = (args: readonly string[]) =>
    spawn(chooseNode(args), [COMMAND, ...args], { cwd: dir, env, stdio: "pipe" });
  const run: Shell["run"] = async (args, input) => {
    const child = start(args);
    child.stdin.end(input);
    const ended = once(child, "close");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = await ended;
    noteCommand(args, code);
    return { code, stdout, stderr };
  };
  return {
    dir,
    run,
    write: (name, content) => {
      const path = join(dir, name);
      const written = typeof content === "string" ? content : JSON.stringify(content);
      writeFileSync(path, written, { mode: 0o600 });
      return path;
    },
    json: async (args, input) => {
      const { code, stdout, stderr } = await run([...args, "--json"], input);
      if (code !== 0) throw new Error(`steward ${args.join(" ")} ended with ${code}: ${stderr}`);
      if (stdout.split("\n").length !== 2) throw new Error(`not one line: ${stdout}`);
      return JSON.parse(stdout) as Reply;
    },
    listen: (args) => {
      noteCommand(args, 0);
      return new Listener(start([...args, "--json"]));
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** A command that prints a line of JSON per thing heard. */
export class Listener {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    if (child.stdout === null) throw new Error("The command's output is not piped.");
    this.#child = child;
    this.#ended = once(child, "exit");
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits for the next line of a type; those before it are dropped. */
  async next(type: string): Promise<Reply> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`The command ended before it printed ${type}.`);
      const line = JSON.parse(value) as Reply;
      if (line.type === type) return line;
    }
  }

  /** Presses Ctrl-C and returns the exit code. */
  async interrupt(): Promise<unknown> {
    this.#child.kill("SIGINT");
    return (await this.#ended)[0];
  }
}
