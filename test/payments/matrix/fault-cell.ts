import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import Database from "better-sqlite3";
import { Agent } from "../../../src/client/agent.ts";
import { isMeaningFault } from "../../support/meaning-faults.ts";
import { type RpcFaultKind, type RpcProxy, startRpcProxy } from "../../support/rpc-proxy.ts";
import { createApi } from "../../support/steward.ts";
import type { Payer } from "../support/engine.ts";
import type { FaultWorld } from "./fault-world.ts";
import type { KillPoint } from "./killed-steward.ts";

/** A port may be taken for a moment by a connection of somebody else. */
const STARTS_MAX = 5;
/** Calls that go wrong: more than the engine makes before it turns to something else. */
const FAULTY_CALLS = 3;
/** How long answers are wrong in what they say: some twenty blocks, more than a late receipt is given. */
const FAULTY_MS = 2_000;

/** A fault of a method. */
export interface RpcFault {
  readonly method: string;
  readonly kind: RpcFaultKind;
}

/** A steward behind a node that misbehaves, killed once and started again; and its agent. */
export class FaultCell implements AsyncDisposable {
  readonly world: FaultWorld;
  readonly proxy: RpcProxy;
  readonly payer: Payer;
  readonly wallet: `0x${string}`;
  private readonly dir: string;
  private child: ChildProcess | undefined;
  private httpUrl = "";
  private agents: Agent[] = [];

  private constructor(
    world: FaultWorld,
    parts: Pick<FaultCell, "proxy" | "payer" | "wallet"> & { readonly dir: string },
  ) {
    this.world = world;
    this.proxy = parts.proxy;
    this.payer = parts.payer;
    this.wallet = parts.wallet;
    this.dir = parts.dir;
  }

  /** @param funds what the payer has; enough by default */
  static async create(world: FaultWorld, funds?: bigint): Promise<FaultCell> {
    const [{ dir, wallet }, proxy, payer] = await Promise.all([
      world.copy(),
      startRpcProxy(world.pay.chain.rpcUrl),
      world.payer(funds),
    ]);
    return new FaultCell(world, { dir, wallet, proxy, payer });
  }

  /** Starts the steward, on the port it had before; it dies where `kill` says. */
  async start(kill?: KillPoint): Promise<void> {
    const port = this.httpUrl === "" ? 0 : Number(new URL(this.httpUrl).port);
    const file = join(this.dir, "steward.config.json");
    writeFileSync(file, JSON.stringify(this.world.config(this.dir, this.proxy.url, port)));
    for (let starts = 1; ; starts++) {
      const child = spawn(process.execPath, [this.world.program, file], {
        env: {
          ...process.env,
          NODE_COMPILE_CACHE: this.world.cacheDir,
          ...(kill && { KILL_AT: JSON.stringify(kill) }),
        },
        stdio: ["pipe", "pipe", starts === STARTS_MAX ? "inherit" : "ignore"],
      });
      this.child = child;
      const url = await readHttpUrl(child);
      if (url !== undefined) {
        this.httpUrl = url;
        return;
      }
      if (starts === STARTS_MAX) throw new Error("the steward does not start");
    }
  }

  /**
   * Resolves when the steward was killed. Where the work is done without passing the state it was
   * to die in (a lost reply skips `submitted`), it is killed then.
   * @throws Error where it ended by itself
   */
  async killed(work: Promise<unknown>): Promise<void> {
    const { child } = this;
    if (!child) throw new Error("no steward was started");
    const exited = isRunning(child) ? once(child, "exit") : undefined;
    await Promise.race([exited, work]);
    if (isRunning(child)) child.kill("SIGKILL");
    await exited;
    if (child.signalCode !== "SIGKILL") throw new Error(`ended with ${child.exitCode}`);
  }

  /** From now on some calls of a method go wrong. */
  fail({ method, kind }: RpcFault): void {
    if (isMeaningFault(kind)) this.proxy.failFor(method, kind, FAULTY_MS);
    else this.proxy.fail(method, kind, FAULTY_CALLS);
  }

  /** What the books are against the chain, once a node answers. */
  async reconcile(): Promise<Record<string, unknown>[]> {
    for (;;) {
      const { body } = await this.api("GET", "/v1/reconciliation");
      // An endpoint that failed a moment ago is left alone for a while.
      if (body.chains?.length > 0) return body.chains;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Connects an agent that pays as the cell's payer, and joins the zone. */
  async connect(): Promise<Agent> {
    const { chain, usdc, settlement, escrow } = this.world.pay;
    const agent = await Agent.connect(`${this.httpUrl.replace("http", "ws")}/wire`, {
      key: crypto.getRandomValues(new Uint8Array(32)),
      name: "payer",
      wallet: this.payer.key,
      chains: { [chain.chainId]: { usdc, settlement, escrow } },
      reconnect: { initialDelayMs: 50, maxDelayMs: 200 },
      pacing: false,
    });
    this.agents.push(agent);
    await agent.join(this.world.zoneId);
    return agent;
  }

  /** Waits until a request of an action is in one of the states. */
  async untilRequest(action: string, states: readonly string[]): Promise<string> {
    for (;;) {
      const state = this.stateOf(action);
      if (state !== undefined && states.includes(state)) return state;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What the database says of a request of an action; undefined where it has none. */
  stateOf(action: string): string | undefined {
    const row = this.read("SELECT state FROM requests WHERE action = ?", action);
    return row && String(row.state);
  }

  /** The key under which an action's upstream is called. */
  keyOf(action: string): string {
    return String(this.read("SELECT invoke_id FROM requests WHERE action = ?", action)?.invoke_id);
  }

  /** Calls the admin API. */
  api(method: string, path: string, body?: unknown) {
    return createApi(this.httpUrl, this.world.token)(method, path, body);
  }

  /** Ends agent and steward, and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.close()));
    const { child } = this;
    if (child && isRunning(child)) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await this.proxy[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private read(sql: string, ...params: unknown[]): Record<string, unknown> | undefined {
    const db = new Database(join(this.dir, "steward.sqlite"), { readonly: true });
    try {
      return db.prepare<unknown[], Record<string, unknown>>(sql).get(...params);
    } finally {
      db.close();
    }
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Where a steward listens; undefined where it ended instead. */
async function readHttpUrl(child: ChildProcess): Promise<string | undefined> {
  if (!child.stdout) throw new Error("no output");
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([once(lines, "line"), once(child, "exit").then(() => [""])]);
  return String(line[0]).split(" ")[1];
}
