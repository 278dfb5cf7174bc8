import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Measurement } from "../support/measured-steward.ts";
import { createApi, type TestSteward, WIDE_LIMITS } from "../support/steward.ts";

const MEASURED = fileURLToPath(new URL("../support/measured-steward.ts", import.meta.url));

/** No limit on traffic; malformed frames close a session now and then. */
const CONFIG = {
  http: { port: 0 },
  log: { level: "error" },
  limits: WIDE_LIMITS,
  zones: { creation: "anyone" },
  handlers: { "*": { echo: { type: "echo" } } },
  wire: {
    malformed_per_minute: 400,
    max_unauthenticated_per_address: 1000,
    handshake_failures_per_minute: 1_000_000,
  },
};

/** A steward in a process of its own, whose memory is measured and whose errors are heard. */
export class FuzzedSteward implements AsyncDisposable {
  /** Everything on stderr: log lines of level error and above, and what Node itself complains of. */
  readonly complaints: string[] = [];
  wireUrl = "";
  private readonly dataDir = mkdtempSync(join(tmpdir(), "fuzzed-steward-"));
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  private httpUrl = "";
  private token = "";

  private constructor() {
    const file = join(this.dataDir, "steward.config.json");
    writeFileSync(file, JSON.stringify({ ...CONFIG, data_dir: this.dataDir }));
    this.child = spawn(process.execPath, ["--expose-gc", MEASURED, file], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.ended = once(this.child, "exit");
    const { stderr } = this.child;
    if (stderr !== null) {
      createInterface({ input: stderr }).on("line", (line) => this.complaints.push(line));
    }
  }

  /** Starts it and waits until it listens. */
  static async start(): Promise<FuzzedSteward> {
    const steward = new FuzzedSteward();
    await steward.listening();
    return steward;
  }

  /** It ended, which it never should. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Calls the admin API. */
  get api(): TestSteward["api"] {
    return createApi(this.httpUrl, this.token);
  }

  /** Its memory after a full garbage collection. */
  async measure(): Promise<Measurement> {
    const answer = once(this.child, "message");
    this.child.send("memory");
    return (await answer)[0] as Measurement;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasEnded) this.child.kill("SIGTERM");
    await this.ended;
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async listening(): Promise<void> {
    const { stdout } = this.child;
    if (stdout === null) throw new Error("The steward's output is not piped.");
    const ready = Promise.withResolvers<void>();
    createInterface({ input: stdout }).on("line", (line) => {
      const [name, value = ""] = line.split(" ");
      if (name === "http") this.httpUrl = value;
      if (name === "wire") this.wireUrl = value;
      if (name === "token") {
        this.token = value;
        ready.resolve();
      }
    });
    this.child.once("exit", () => ready.reject(new Error(this.complaints.join("\n"))));
    await ready.promise;
  }
}
