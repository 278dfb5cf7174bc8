import type { Store, Write } from "../database.ts";

/** Proof of what a steward or a creator did wrong; `docs/protocol.md` §9.11. */
export interface EvidenceRow {
  readonly id: number;
  readonly zoneId: string;
  readonly kind: string;
  /** Node id. */
  readonly signer: string;
  readonly epoch: number;
  readonly n: number | null;
  readonly seq: number | null;
  /** JSON array text. */
  readonly documents: string;
  /** Unix seconds. */
  readonly at: number;
}

/** Part of a cut that was set aside; `docs/protocol.md` §9.6. */
export interface QuarantineRow {
  readonly id: number;
  readonly zoneId: string;
  readonly epoch: number;
  /** Names the cut that several rows belong to. */
  readonly cut: string;
  readonly kind: "entry" | "record";
  /** JSON text. */
  readonly document: string;
  readonly bytes: number;
  /** Unix seconds. */
  readonly at: number;
}

const EVIDENCE = "id, zone_id AS zoneId, kind, signer, epoch, n, seq, documents, at";
const QUARANTINE = "id, zone_id AS zoneId, epoch, cut, kind, document, bytes, at";

/** Prepares the queries on evidence. */
export function prepareEvidenceQueries({ raw }: Pick<Store, "raw">) {
  // The first ones stay: who can make evidence cannot push out what he did before.
  const insert = raw.prepare<[Omit<EvidenceRow, "id"> & { max: number }]>(
    `INSERT INTO replica_evidence (zone_id, kind, signer, epoch, n, seq, documents, at)
     SELECT @zoneId, @kind, @signer, @epoch, @n, @seq, @documents, @at
     WHERE (SELECT count(*) FROM replica_evidence) < @max AND NOT EXISTS
       (SELECT 1 FROM replica_evidence WHERE zone_id = @zoneId AND documents = @documents)`,
  );
  const count = raw.prepare<[string], number>(
    "SELECT count(*) FROM replica_evidence WHERE zone_id = ?",
  );
  const list = raw.prepare<[string, number, number], EvidenceRow>(
    `SELECT ${EVIDENCE} FROM replica_evidence WHERE zone_id = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  return {
    /** Keeps evidence while there are fewer items than so many; tells whether it did. */
    insertEvidence: (write: Write, row: Omit<EvidenceRow, "id">, max: number): boolean =>
      write.run(insert, { ...row, max }).changes === 1,
    countEvidence: (zoneId: string): number => count.pluck().get(zoneId) ?? 0,
    listEvidence: (zoneId: string, after: number, limit: number) => list.all(zoneId, after, limit),
  };
}

/** Prepares the queries on what was set aside. */
export function prepareQuarantineQueries({ raw }: Pick<Store, "raw">) {
  const insert = raw.prepare<[Omit<QuarantineRow, "id">]>(
    `INSERT INTO replica_quarantine (zone_id, epoch, cut, kind, document, bytes, at)
     VALUES (@zoneId, @epoch, @cut, @kind, @document, @bytes, @at)`,
  );
  const total = raw.prepare<[], number>("SELECT coalesce(sum(bytes), 0) FROM replica_quarantine");
  const count = raw.prepare<[string], number>(
    "SELECT count(DISTINCT cut) FROM replica_quarantine WHERE zone_id = ?",
  );
  const list = raw.prepare<[string, number, number], QuarantineRow>(
    `SELECT ${QUARANTINE} FROM replica_quarantine WHERE zone_id = ? AND id > ? ORDER BY id LIMIT ?`,
  );
  const removeSome = raw.prepare<[string, string, number]>(
    `DELETE FROM replica_quarantine WHERE id IN
       (SELECT id FROM replica_quarantine WHERE zone_id = ? AND cut = ? LIMIT ?)`,
  );
  return {
    insertQuarantine: (write: Write, row: Omit<QuarantineRow, "id">): void => {
      write.run(insert, row);
    },
    sumQuarantineBytes: (): number => total.pluck().get() ?? 0,
    /** How many cuts of a zone have something set aside. */
    countQuarantined: (zoneId: string): number => count.pluck().get(zoneId) ?? 0,
    listQuarantine: (zoneId: string, after: number, limit: number) =>
      list.all(zoneId, after, limit),
    /** Removes some of a cut; tells whether more may be left. */
    deleteQuarantine: (write: Write, zoneId: string, cut: string, limit: number): boolean =>
      write.run(removeSome, zoneId, cut, limit).changes === limit,
  };
}
