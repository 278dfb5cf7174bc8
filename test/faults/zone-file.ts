import { createHash } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import { writeCanonicalJson } from "../wire/independent/canonical-json.ts";

/** An entry of a zone's log as everybody must see it. */
export interface ChainedEntry {
  readonly entry: {
    readonly zone_id: string;
    readonly seq: number;
    readonly timestamp: number;
    readonly kind: string;
    readonly node_id: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
  readonly hash: string;
}

/** What a steward's SQLite file says of a zone, read without the steward. */
export interface ZoneFile {
  readonly headSeq: number;
  readonly headHash: string;
  readonly memberCount: number;
  readonly members: readonly string[];
  readonly entries: readonly ChainedEntry[];
  /** `node_id msg_id` of every message id remembered. */
  readonly seen: ReadonlySet<string>;
}

/** Reads a zone straight from the file that a steward left behind. */
export function readZoneFile(dataDir: string, zoneId: string): ZoneFile {
  const db = new Database(join(dataDir, "steward.sqlite"));
  try {
    expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
    const zone = db
      .prepare("SELECT head_seq, head_hash, member_count FROM zones WHERE zone_id = ?")
      .get(zoneId) as { head_seq: number; head_hash: string; member_count: number };
    const log = db
      .prepare("SELECT * FROM zone_log WHERE zone_id = ? ORDER BY seq")
      .all(zoneId) as Record<string, string>[];
    return {
      headSeq: zone.head_seq,
      headHash: zone.head_hash,
      memberCount: zone.member_count,
      members: db
        .prepare("SELECT node_id FROM members WHERE zone_id = ?")
        .pluck()
        .all(zoneId) as string[],
      entries: log.map(({ data = "", hash = "", message_id: _, ...entry }) => ({
        entry: { ...(entry as unknown as ChainedEntry["entry"]), data: JSON.parse(data) },
        hash,
      })),
      seen: new Set(
        db
          .prepare("SELECT node_id || ' ' || message_id FROM seen_messages")
          .pluck()
          .all() as string[],
      ),
    };
  } finally {
    db.close();
  }
}

/** Recomputes a log from its genesis hash, with code of its own: no gap, no other hash. */
export function verifyChain(zoneId: string, entries: readonly ChainedEntry[]): string {
  let hash = createHash("sha256").update("atlas-zone-log-v1").update(zoneId).digest();
  entries.forEach(({ entry, hash: told }, index) => {
    expect(entry.seq).toBe(index + 1);
    hash = createHash("sha256").update(hash).update(writeCanonicalJson(entry)).digest();
    expect(told).toBe(hash.toString("hex"));
  });
  return hash.toString("hex");
}
