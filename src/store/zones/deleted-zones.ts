import type { Store, Write } from "../database.ts";

/** A zone that was deleted here; times are Unix seconds. */
export interface DeletedZoneRow {
  readonly zoneId: string;
  /** Of the newest envelope it had. */
  readonly epoch: number;
  readonly envelopeHash: string;
  readonly creator: string;
  readonly deletedAt: number;
}

/** A request that nobody paid for, and about how much it is. */
export interface UnpaidName {
  readonly nodeId: string;
  readonly requestId: string;
  readonly bytes: number;
}

const ROW = `zone_id AS zoneId, epoch, envelope_hash AS envelopeHash, creator, deleted_at AS deletedAt`;
/** Rows of these belong to a zone alone, and nothing counts them. */
const OWN_TABLES = [
  "zone_bans",
  "invites",
  "zone_providers",
  "zone_forks",
  "zone_checkpoints",
  "zone_envelopes",
];

/** Prepares the queries on zones that were deleted here, and on what is left of them. */
export function prepareDeletedZoneQueries({ raw }: Pick<Store, "raw">) {
  const find = raw.prepare<[string], DeletedZoneRow>(
    `SELECT ${ROW} FROM deleted_zones WHERE zone_id = ?`,
  );
  const put = raw.prepare<[DeletedZoneRow]>(
    `INSERT OR REPLACE INTO deleted_zones (zone_id, epoch, envelope_hash, creator, deleted_at)
     VALUES (@zoneId, @epoch, @envelopeHash, @creator, @deletedAt)`,
  );
  const unpurged = raw.prepare<[], string>(
    "SELECT zone_id FROM deleted_zones WHERE purged_at IS NULL ORDER BY deleted_at LIMIT 1",
  );
  const purged = raw.prepare<[number, string]>(
    "UPDATE deleted_zones SET purged_at = ? WHERE zone_id = ?",
  );
  const removals = OWN_TABLES.map((table) =>
    raw.prepare<[string, number]>(
      `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE zone_id = ? LIMIT ?)`,
    ),
  );
  const unpaid = raw.prepare<[string, number], UnpaidName>(
    `SELECT node_id AS nodeId, request_id AS requestId,
       octet_length(params) + coalesce(octet_length(result), 0) AS bytes
     FROM requests WHERE zone_id = ? AND paid = 0 LIMIT ?`,
  );
  return {
    findDeleted: (zoneId: string) => find.get(zoneId),
    putDeleted: (write: Write, row: DeletedZoneRow): void => {
      write.run(put, row);
    },
    /** The deleted zone of longest ago of which rows are left. */
    findUnpurged: () => unpurged.pluck().get(),
    setPurged: (write: Write, zoneId: string, at: number): void => {
      write.run(purged, at, zoneId);
    },
    /** Removes rows that are a zone's alone, so many at most; returns how many. */
    removeOwnRows: (write: Write, zoneId: string, max: number): number => {
      let removed = 0;
      for (const removal of removals) {
        if (removed < max) removed += write.run(removal, zoneId, max - removed).changes;
      }
      return removed;
    },
    /** Requests of a zone that nobody paid for. */
    listUnpaid: (zoneId: string, limit: number) => unpaid.all(zoneId, limit),
  };
}
