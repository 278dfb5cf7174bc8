import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { loadOrCreateWalletKey } from "../../../src/identity/wallet-key.ts";
import type { KillPoint } from "../../payments/matrix/killed-steward.ts";
import { createApi, type TestSteward } from "../../support/steward.ts";
import { readRows } from "../../support/steward-file.ts";

/** How a steward of a zone is started. */
export interface ChildOptions {
  /** The bundled program. */
  readonly program: string;
  readonly cacheDir: string;
  readonly config: Record<string, unknown>;
}

/** One of two stewards of a zone, in a process of its own that may die at a row, on one port for good. */
export class StewardChild implements AsyncDisposable {
  readonly dataDir = mkdtempSync(join(tmpdir(), "takeover-"));
  readonly wallet: Address;
  private readonly options: ChildOptions;
  private child: ChildProcess | undefined;
  private told: Record<string, string> = {};
  private token = "";

  constructor(options: ChildOptions) {
    this.options = options;
    const key = loadOrCreateWalletKey(join(this.dataDir, "wallet-key"));
    this.wallet = privateKeyToAccount(key).address;
  }

  /** Starts it, on the port it had before; it dies where `kill` says. */
  async start(kill?: KillPoint): Promise<void> {
    const { program, cacheDir, config } = this.options;
    const port = this.told.http === undefined ? 0 : Number(new URL(this.told.http).port);
    const file = join(this.dataDir, "steward.config.json");
    writeFileSync(file, JSON.stringify({ ...config, data_dir: this.dataDir, http: { port } }));
    const child = spawn(process.execPath, [program, file], {
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: cacheDir,
        ...(kill && { KILL_AT: JSON.stringify(kill) }),
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.child = child;
    this.told = await readTold(child);
    this.token ||= this.told.token ?? "";
  }

  get nodeId(): string {
    return this.told.node ?? "";
  }

  get wireUrl(): string {
    return this.told.wire ?? "";
  }

  get api(): TestSteward["api"] {
    return createApi(this.told.http ?? "", this.token);
  }

  /** What its file has, while it runs or after. */
  read<Row>(sql: string, ...values: unknown[]): Row[] {
    return readRows(this.dataDir, sql, ...values) as Row[];
  }

  /**
   * Resolves when it was killed; where the work is done without passing the row it was to die at, it is killed then.
   * @throws Error where it ended by itself
   */
  async killed(work: Promise<unknown>): Promise<void> {
    const { child } = this;
    if (child === undefined) throw new Error("no steward was started");
    const exited = isRunning(child) ? once(child, "exit") : undefined;
    await Promise.race([exited, work.catch(() => exited)]);
    if (isRunning(child)) child.kill("SIGKILL");
    await exited;
    if (child.signalCode !== "SIGKILL") throw new Error(`ended with ${child.exitCode}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { child } = this;
    if (child && isRunning(child)) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function readTold(child: ChildProcess): Promise<Record<string, string>> {
  if (child.stdout === null) throw new Error("no output");
  const told: Record<string, string> = {};
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [name = "", value = ""] = line.split(" ");
    told[name] = value;
    if (name === "token") resolve();
  });
  child.once("exit", (code) => reject(new Error(`the steward ended with ${code}`)));
  await promise;
  return told;
}
