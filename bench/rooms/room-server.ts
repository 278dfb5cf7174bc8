import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const CLOCK_TICKS_PER_SECOND = 100;

/** What a member is told; each of them once for each of its own operations, `delivery` for those of others. */
export interface MemberEvents {
  reply(): void;
  sent(): void;
  delivery(): void;
  joined(): void;
  left(): void;
}

/** A client of a server under load. */
export interface Member {
  /** Asks for the text back. */
  ask(text: string): void;
  /** Asks for the text back of what runs elsewhere, so that a run is recorded first; only stewards are asked. */
  run?(how: "module" | "http", text: string): void;
  /** Says a text to the others in its room. */
  say(text: string): void;
  join(room: string): void;
  leave(): void;
  /** Asks what its room is; only stewards are asked. */
  look?(): void;
  /** Asks for what was said in its room after a number of entries; only stewards are asked. */
  readBack?(after: number): void;
  /** Drops the connection. */
  close(): void;
}

/** A server under load, in a process of its own. */
export interface RoomServer extends AsyncDisposable {
  readonly name: string;
  /** Process id of the server, or of what started it. */
  readonly pid: number;
  /** Makes a room that can be joined. */
  createRoom(): Promise<string>;
  /** Connects a member, which is in the room that is named. */
  connect(on: MemberEvents, room?: string): Promise<Member>;
}

/** The core of the server, and of what loads it. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Lets a process and its threads run on one core alone. */
export function pin(pid: number, core: number): void {
  execFileSync("taskset", ["-a", "-c", "-p", `${core}`, `${pid}`], { stdio: "ignore" });
}

/** Starts a program on the server's core; it ends with this process. */
export function startPinned(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): ChildProcess {
  const child = spawn("taskset", ["-c", `${SERVER_CORE}`, program, ...args], {
    ...options,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return child;
}

/** Reads a program's lines until one fits. @throws Error where it ends before */
export async function readLine(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  if (child.stdout === null) throw new Error("The program's output is not piped.");
  const found = Promise.withResolvers<RegExpExecArray>();
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const match = pattern.exec(line);
    if (match !== null) found.resolve(match);
  });
  child.once("exit", (code) => found.reject(new Error(`A server ended with ${code}.`)));
  return found.promise;
}

/** Asks a program to end, and waits until it has. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** The CPU time of a process and of those it started, in microseconds. */
export function readCpuMicros(pid: number): number {
  const ticks = listTree(pid).reduce((sum, one) => sum + readTicks(one), 0);
  return (ticks * 1e6) / CLOCK_TICKS_PER_SECOND;
}

/** The memory that a process and those it started hold, in bytes. */
export function readRssBytes(pid: number): number {
  const sum = listTree(pid).reduce((all, one) => {
    const match = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, "utf8"));
    return all + Number(match?.[1] ?? 0);
  }, 0);
  return sum * 1024;
}

function listTree(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => listTree(Number(child)))];
}

function readTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
