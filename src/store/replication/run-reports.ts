import type { Store, Write } from "../database.ts";

/** What became of a run: its result's JSON text, or why it failed for certain; with neither it never began. */
export interface RunOutcome {
  readonly result: string | null;
  readonly failure: string | null;
}

/** A run, and the request that it is of. */
export interface RunName {
  readonly invokeId: string;
  readonly zoneId: string;
  readonly nodeId: string;
  readonly requestId: string;
}

/** What is to be reported of a run. */
export interface RunReportRow extends RunName, RunOutcome {
  /** Unix seconds. */
  readonly createdAt: number;
}

const COLUMNS = `invoke_id AS invokeId, zone_id AS zoneId, node_id AS nodeId, request_id AS requestId,
  result, failure, created_at AS createdAt`;
/** What one call forgets at most, so that it never holds up the loop. */
const PRUNED_ROWS_MAX = 500;

/** Prepares the queries on what is to be reported of runs. */
export function prepareRunReportQueries({ raw }: Pick<Store, "raw">) {
  // A run that was thought never to have begun may have ended all the same; what it came to stays.
  const put = raw.prepare<[RunReportRow]>(
    `INSERT INTO run_reports (invoke_id, zone_id, node_id, request_id, result, failure, created_at)
     VALUES (@invokeId, @zoneId, @nodeId, @requestId, @result, @failure, @createdAt)
     ON CONFLICT (invoke_id) DO UPDATE SET result = excluded.result, failure = excluded.failure
       WHERE result IS NULL AND failure IS NULL`,
  );
  const list = raw.prepare<[string, string, number], RunReportRow>(
    `SELECT ${COLUMNS} FROM run_reports WHERE zone_id = ? AND invoke_id > ? ORDER BY invoke_id LIMIT ?`,
  );
  const zones = raw.prepare<[], string>("SELECT DISTINCT zone_id FROM run_reports");
  const remove = raw.prepare<[string]>("DELETE FROM run_reports WHERE invoke_id = ?");
  const prune = raw.prepare<[number, number]>(
    `DELETE FROM run_reports WHERE rowid IN
       (SELECT rowid FROM run_reports WHERE created_at <= ? ORDER BY created_at LIMIT ?)`,
  );
  return {
    putRunReport: (write: Write, row: RunReportRow): void => {
      write.run(put, row);
    },
    /** A zone's, after an invoke id and in their order. */
    listRunReports: (zoneId: string, after: string, limit: number) =>
      list.all(zoneId, after, limit),
    /** The zones that there is something to report of. */
    listReportedZones: () => zones.pluck().all(),
    deleteRunReport: (write: Write, invokeId: string): void => {
      write.run(remove, invokeId);
    },
    /** Forgets some that nobody took for so long; tells whether more are left. */
    pruneRunReports: (write: Write, before: number): boolean =>
      write.run(prune, before, PRUNED_ROWS_MAX).changes === PRUNED_ROWS_MAX,
  };
}

export type RunReportQueries = ReturnType<typeof prepareRunReportQueries>;
