import type { Store, Write } from "../database.ts";

/** A learner that is to become a voter of its zone once it is ready; `docs/protocol.md` §9.8. */
export interface AwaitedVoter {
  readonly zoneId: string;
  readonly nodeId: string;
}

/** Prepares the queries on learners that are to become voters. */
export function prepareAwaitedVoterQueries({ raw }: Pick<Store, "raw">) {
  const insert = raw.prepare<[string, string]>(
    "INSERT OR IGNORE INTO awaited_voters (zone_id, node_id) VALUES (?, ?)",
  );
  const remove = raw.prepare<[string, string]>(
    "DELETE FROM awaited_voters WHERE zone_id = ? AND node_id = ?",
  );
  const list = raw.prepare<[], AwaitedVoter>(
    "SELECT zone_id AS zoneId, node_id AS nodeId FROM awaited_voters ORDER BY zone_id, node_id",
  );
  return {
    /** Tells whether it was not there. */
    insertAwaited: (write: Write, { zoneId, nodeId }: AwaitedVoter): boolean =>
      write.run(insert, zoneId, nodeId).changes === 1,
    deleteAwaited: (write: Write, { zoneId, nodeId }: AwaitedVoter): void => {
      write.run(remove, zoneId, nodeId);
    },
    /** All of them; an operator adds each. */
    listAwaited: (): readonly AwaitedVoter[] => list.all(),
  };
}
