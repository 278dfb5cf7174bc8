import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * One row a zone whose newest envelope is replicated: how far this steward's copy is;
 * `docs/protocol.md` §9. Where there is none, nothing of replication is done for a zone.
 */
export const replicatedZones = sqliteTable("replicated_zones", {
  zoneId: text("zone_id").primaryKey(),
  /** Of the last commit; 0 before the first one of a new zone. Its log tells of this epoch, and of no later one. */
  epoch: integer("epoch").notNull(),
  /** Number of the last commit. */
  n: integer("n").notNull(),
  /** After it, hex. */
  digest: text("digest").notNull(),
  /** Where the log ended with it: what comes after is not committed yet. */
  seq: integer("seq").notNull(),
  /** Hex; the genesis hash of an empty log. */
  hash: text("hash").notNull(),
  /** Whether the copy is complete; one of a new zone is from the beginning. */
  complete: integer("complete", { mode: "boolean" }).notNull(),
  /** Whether it may have forgotten what it acknowledged. */
  lost: integer("lost", { mode: "boolean" }).notNull(),
  /** Why it halted; null while it does not. */
  halted: text("halted"),
  /** JSON of how this steward stood when it adopted the newest epoch, and where that one begins. */
  standing: text("standing").notNull().default("{}"),
  /** The highest commit known to be held by as many as the zone's rule asks for. */
  released: integer("released").notNull(),
  /** JSON of the newest signed head of its primary that is kept. */
  head: text("head"),
  /** Unix seconds. */
  updatedAt: integer("updated_at").notNull(),
});

/** Commits that are kept for followers; a commit's entries are in `zone_log`. */
export const zoneCommits = sqliteTable(
  "zone_commits",
  {
    zoneId: text("zone_id").notNull(),
    n: integer("n").notNull(),
    epoch: integer("epoch").notNull(),
    seq: integer("seq").notNull(),
    hash: text("hash").notNull(),
    salt: text("salt").notNull(),
    /** After it. */
    digest: text("digest").notNull(),
    /** What it and all before it of its zone count as, entries included. */
    totalBytes: integer("total_bytes").notNull(),
    /** Unix seconds. */
    createdAt: integer("created_at").notNull(),
    /** Canonical JSON of the array. */
    records: text("records").notNull(),
    /** JSON of the head that a message of commits ended at with it; null where none did. */
    head: text("head"),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.n] })],
);

/** Request records of zones that another steward is in charge of, as received. */
export const replicaRequests = sqliteTable(
  "replica_requests",
  {
    zoneId: text("zone_id").notNull(),
    nodeId: text("node_id").notNull(),
    requestId: text("request_id").notNull(),
    /** Canonical JSON of the record's value. */
    value: text("value").notNull(),
    /** JSON of what is not replicated: the wallet's transactions that carry it. */
    wallet: text("wallet"),
    /** When it may be forgotten, Unix seconds; null while it must be kept. */
    expiresAt: integer("expires_at"),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.zoneId, table.nodeId, table.requestId] }),
    index("replica_requests_request").on(table.nodeId, table.requestId),
    index("replica_requests_expires_at").on(table.expiresAt),
  ],
);

/** A snapshot's chunks until the copy is complete. */
export const replicaChunks = sqliteTable(
  "replica_chunks",
  {
    zoneId: text("zone_id").notNull(),
    snapshot: text("snapshot").notNull(),
    index: integer("index").notNull(),
    text: text("text").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.snapshot, table.index] })],
);

/** Proof of what a steward or a creator did wrong; `docs/protocol.md` §9.11. */
export const replicaEvidence = sqliteTable(
  "replica_evidence",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    zoneId: text("zone_id").notNull(),
    kind: text("kind").notNull(),
    /** Node id. */
    signer: text("signer").notNull(),
    epoch: integer("epoch").notNull(),
    n: integer("n"),
    seq: integer("seq"),
    /** JSON array of what proves it. */
    documents: text("documents").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [index("replica_evidence_zone").on(table.zoneId, table.id)],
);

/** Learners that are to become voters once they are ready; `docs/protocol.md` §9.8. */
export const awaitedVoters = sqliteTable(
  "awaited_voters",
  {
    zoneId: text("zone_id").notNull(),
    nodeId: text("node_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.zoneId, table.nodeId] })],
);

/** What a new copy contradicted, set aside; `docs/protocol.md` §9.6. */
export const replicaQuarantine = sqliteTable(
  "replica_quarantine",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    zoneId: text("zone_id").notNull(),
    /** Of the cut. */
    epoch: integer("epoch").notNull(),
    /** Several rows are one cut where they share it. */
    cut: text("cut").notNull(),
    kind: text("kind", { enum: ["entry", "record"] }).notNull(),
    /** JSON. */
    document: text("document").notNull(),
    bytes: integer("bytes").notNull(),
    at: integer("at").notNull(),
  },
  (table) => [index("replica_quarantine_zone").on(table.zoneId, table.id)],
);

/**
 * What became of runs that this steward began and another one is in charge of now, until that one's record of the
 * request says something else than that nobody knows; `docs/protocol.md` §9.9.
 */
export const runReports = sqliteTable(
  "run_reports",
  {
    invokeId: text("invoke_id").primaryKey(),
    zoneId: text("zone_id").notNull(),
    nodeId: text("node_id").notNull(),
    requestId: text("request_id").notNull(),
    /** JSON text of the result; null where it has none. */
    result: text("result"),
    /** Why it failed, for certain; null as well where the run never began. */
    failure: text("failure"),
    /** Unix seconds. */
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    index("run_reports_zone").on(table.zoneId, table.invokeId),
    index("run_reports_created_at").on(table.createdAt),
  ],
);
