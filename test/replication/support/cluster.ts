import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StewardRef } from "../../../src/protocol/manifest.ts";
import { readRows } from "../../support/steward-file.ts";
import { NO_LIMITS, type ProcessOptions, StewardProcess } from "../../support/steward-process.ts";

/** Where a steward's copy of a zone stands. */
export interface Standing {
  readonly epoch: number;
  readonly n: number;
  readonly digest: string;
  readonly halted: string | null;
}

/** An entry of a copy's log. */
export interface LogRow {
  readonly seq: number;
  readonly hash: string;
  readonly node_id: string;
  readonly message_id: string | null;
}

/** A steward in a process of its own that is killed and started again, at the same port. */
export class ClusterNode implements AsyncDisposable {
  readonly dataDir = mkdtempSync(join(tmpdir(), "cluster-"));
  private process: StewardProcess | undefined;
  private port = 0;

  /** @param options beside its data and configuration */
  async start(options: Pick<ProcessOptions, "program" | "env"> = {}): Promise<void> {
    const config = {
      ...NO_LIMITS,
      http: { port: this.port },
      log: { level: "fatal" },
      zones: { creation: "anyone" },
      replication: { allow: ["*"] },
    };
    this.process = await StewardProcess.start({ ...options, dataDir: this.dataDir, config });
    this.port = Number(new URL(this.process.httpUrl).port);
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<void> {
    await this.process?.ended;
  }

  async kill(): Promise<void> {
    await this.process?.kill();
  }

  get nodeId(): string {
    return this.process?.nodeId ?? "";
  }

  get wireUrl(): string {
    return this.process?.wireUrl ?? "";
  }

  /** As a zone names it: its primary, or a replica that is a voter or not. */
  toRef(voter?: boolean): Partial<StewardRef> & { node_id: string } {
    const ref = { node_id: this.nodeId, entrypoint: this.wireUrl };
    return voter === undefined ? { ...ref, role: "primary" } : { ...ref, role: "replica", voter };
  }

  /** What it has committed of a zone. */
  standing(zoneId: string): Standing | undefined {
    const sql = "SELECT epoch, n, digest, halted FROM replicated_zones WHERE zone_id = ?";
    return readRows(this.dataDir, sql, zoneId)[0] as Standing | undefined;
  }

  /** Its log, in order. */
  log(zoneId: string): LogRow[] {
    const sql =
      "SELECT seq, hash, node_id, message_id FROM zone_log WHERE zone_id = ? ORDER BY seq";
    return readRows(this.dataDir, sql, zoneId) as LogRow[];
  }

  /** What was set aside of a zone. */
  quarantined(zoneId: string): { document: string }[] {
    const sql = "SELECT document FROM replica_quarantine WHERE zone_id = ? ORDER BY id";
    return readRows(this.dataDir, sql, zoneId) as { document: string }[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process?.[Symbol.asyncDispose]();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
