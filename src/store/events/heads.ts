import type { Store } from "../database.ts";

/** Where a zone's log ends. */
export interface HeadRow {
  readonly zoneId: string;
  readonly seq: number;
  /** Hex. */
  readonly hash: string;
}

/** Prepares the queries on where zones' logs end. */
export function prepareHeadQueries({ raw }: Pick<Store, "raw">) {
  const head = "zone_id AS zoneId, head_seq AS seq, head_hash AS hash";
  const find = raw.prepare<[string], HeadRow>(`SELECT ${head} FROM zones WHERE zone_id = ?`);
  const list = raw.prepare<[string, number], HeadRow>(
    `SELECT ${head} FROM zones WHERE zone_id > ? ORDER BY zone_id LIMIT ?`,
  );
  return {
    findHead: (zoneId: string) => find.get(zoneId),
    /** In the order of zone ids, after one. */
    listHeads: (after: string, limit: number): readonly HeadRow[] => list.all(after, limit),
  };
}

export type HeadQueries = ReturnType<typeof prepareHeadQueries>;
