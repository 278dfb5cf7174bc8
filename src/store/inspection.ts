import { hash } from "node:crypto";
import Database from "better-sqlite3";
import type { ChainFault, LinkedEntry, LogPosition } from "../protocol/log-chain.ts";
import { type ChainHash, followChain, toGenesisHash } from "../protocol/log-chain.ts";
import { findMigrationFault } from "./migrations.ts";

const FAULTS_MAX = 20;

/** A zone's log that does not hold together. */
export interface LogFault {
  readonly zoneId: string;
  /** At the log's end where the zone's row names another one. */
  readonly fault: ChainFault["fault"] | "HEAD";
  readonly seq: number;
}

/** A replicated zone that does not go on by itself. */
export interface TroubledZone {
  readonly zoneId: string;
  readonly lost: number;
  readonly halted: string | null;
}

const chainHash: ChainHash = (before, text) => {
  if (before === undefined) return hash("sha256", text);
  return hash("sha256", Buffer.concat([Buffer.from(before, "hex"), Buffer.from(text)]));
};

/**
 * Looks at a steward's database without changing anything, be it in use or not. Dispose it.
 * @throws SqliteError where it is no database that can be read
 */
export class DatabaseInspection implements Disposable {
  private readonly raw: Database.Database;

  constructor(path: string) {
    this.raw = new Database(path, { readonly: true, fileMustExist: true, timeout: 5000 });
  }

  /** What SQLite finds wrong with the file, and rows that name others that are not there. */
  findDamage(): string[] {
    const found = this.raw.pragma(`integrity_check(${FAULTS_MAX})`) as {
      integrity_check: string;
    }[];
    const damage = found.map(({ integrity_check: text }) => text).filter((text) => text !== "ok");
    if (damage.length > 0) return damage;
    const strays = this.raw.pragma("foreign_key_check") as { table: string; parent: string }[];
    return strays
      .slice(0, FAULTS_MAX)
      .map(({ table, parent }) => `a row of ${table} names one of ${parent} that is not there`);
  }

  /** What is wrong with the migrations that were applied; undefined where they are this version's. */
  findMigrationFault(): ReturnType<typeof findMigrationFault> {
    return findMigrationFault(this.raw);
  }

  /** How many zones there are. */
  countZones(): number {
    return this.raw.prepare<[], number>("SELECT count(*) FROM zones").pluck().get() ?? 0;
  }

  /**
   * Follows each zone's log from its beginning, or where it was pruned, to its end; `docs/protocol.md` §6.
   * @param onZone called before each zone
   */
  findLogFaults(onZone: () => void): LogFault[] {
    // One view of the file, or a steward that goes on writing would look like a fault.
    return this.raw.transaction(() => {
      const zones = this.raw
        .prepare<[], LogPosition & { zoneId: string }>(
          "SELECT zone_id AS zoneId, head_seq AS seq, head_hash AS hash FROM zones",
        )
        .all();
      return zones.flatMap((zone) => {
        onZone();
        return this.findLogFault(zone) ?? [];
      });
    })();
  }

  private findLogFault({
    zoneId,
    ...head
  }: LogPosition & { zoneId: string }): LogFault | undefined {
    const checkpoint = this.raw
      .prepare<[string], LogPosition>("SELECT seq, hash FROM zone_checkpoints WHERE zone_id = ?")
      .get(zoneId);
    const start = checkpoint ?? { seq: 0, hash: toGenesisHash(chainHash, zoneId) };
    const found = followChain(chainHash, zoneId, start, this.iterate(zoneId, start.seq));
    if ("fault" in found) return { zoneId, fault: found.fault, seq: found.seq };
    const end = found.last ?? start;
    if (end.seq === head.seq && end.hash === head.hash) return undefined;
    return { zoneId, fault: "HEAD", seq: head.seq };
  }

  private *iterate(zoneId: string, afterSeq: number): Iterable<LinkedEntry> {
    const rows = this.raw
      .prepare<[string, number], LinkedEntry["entry"] & { hash: string }>(
        `SELECT zone_id AS zoneId, seq, timestamp, kind, node_id AS nodeId, data, hash
         FROM zone_log WHERE zone_id = ? AND seq > ? ORDER BY seq`,
      )
      .iterate(zoneId, afterSeq);
    for (const { hash: told, ...entry } of rows) yield { entry, hash: told };
  }

  /**
   * What the wallet has begun and not ended, and what it alone may end, by kind: another wallet would not.
   * @param wallet its address
   */
  countMoneyInFlight(wallet: string): Readonly<Record<string, number>> {
    const count = (sql: string) => this.raw.prepare<[], number>(sql).pluck().get() ?? 0;
    return {
      payments: count(
        "SELECT count(*) FROM payments WHERE state IN ('authorized', 'submitting', 'submitted')",
      ),
      transactions: count("SELECT count(*) FROM settlement_txs WHERE state IN ('signed', 'mined')"),
      refunds: count("SELECT count(*) FROM refunds WHERE state IN ('requested', 'submitted')"),
      "escrow operations": count(
        "SELECT count(*) FROM escrow_ops WHERE state IN ('requested', 'submitted')",
      ),
      claims: count("SELECT count(*) FROM claims WHERE state IN ('requested', 'submitted')"),
      "open escrows with it as a party":
        this.raw
          .prepare<[string], number>(
            `SELECT count(*) FROM escrows WHERE status IN ('pending_deposit', 'deposited', 'disputed')
           AND lower(?) IN (lower(depositor), lower(recipient), lower(arbiter))`,
          )
          .pluck()
          .get(wallet) ?? 0,
    };
  }

  /** The replicated zones that are lost or halted. */
  listTroubledZones(): TroubledZone[] {
    return this.raw
      .prepare<[], TroubledZone>(
        `SELECT zone_id AS zoneId, lost, halted FROM replicated_zones
         WHERE lost = 1 OR halted IS NOT NULL ORDER BY zone_id`,
      )
      .all();
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}
