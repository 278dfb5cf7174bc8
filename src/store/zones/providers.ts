import type { Store, Write } from "../database.ts";
import type { MemberRole } from "./members.ts";

/** An approval as stored. */
export interface ProviderRow {
  readonly zoneId: string;
  readonly nodeId: string;
  readonly actions: readonly string[];
  /** Node id of the creator, or `operator`. */
  readonly approvedBy: string;
  /** Unix seconds. */
  readonly approvedAt: number;
}

/** A run as it was sent to one provider. */
export interface ProviderRunRow {
  readonly invokeId: string;
  readonly nodeId: string;
  readonly zoneId: string;
  readonly requester: string;
  readonly requestId: string;
  /** Unix seconds. */
  readonly sentAt: number;
}

type Stored = Omit<ProviderRow, "actions"> & { readonly actions: string };

const COLUMNS = `zone_id AS zoneId, node_id AS nodeId, actions, approved_by AS approvedBy,
  approved_at AS approvedAt`;

/** Prepares the queries on providers and the runs sent to them. */
export function prepareProviderQueries({ raw }: Store) {
  const find = raw.prepare<[string, string], Stored>(
    `SELECT ${COLUMNS} FROM zone_providers WHERE zone_id = ? AND node_id = ?`,
  );
  const put = raw.prepare<[Stored]>(
    `INSERT INTO zone_providers VALUES (@zoneId, @nodeId, @actions, @approvedBy, @approvedAt)
     ON CONFLICT (zone_id, node_id) DO UPDATE SET actions = excluded.actions,
       approved_by = excluded.approved_by, approved_at = excluded.approved_at`,
  );
  const remove = raw.prepare("DELETE FROM zone_providers WHERE zone_id = ? AND node_id = ?");
  const list = raw.prepare<[string, string, number], Stored>(
    `SELECT ${COLUMNS} FROM zone_providers WHERE zone_id = ? AND node_id > ?
     ORDER BY node_id LIMIT ?`,
  );
  const setRole = raw.prepare(
    "UPDATE members SET role = ? WHERE zone_id = ? AND node_id = ? AND role <> 'creator'",
  );
  const putRun = raw.prepare<[ProviderRunRow]>(
    `INSERT INTO provider_runs (invoke_id, node_id, zone_id, requester, request_id, sent_at)
     VALUES (@invokeId, @nodeId, @zoneId, @requester, @requestId, @sentAt)
     ON CONFLICT (invoke_id, node_id) DO UPDATE SET sent_at = excluded.sent_at`,
  );
  const runs = raw.prepare<[string], ProviderRunRow>(
    `SELECT invoke_id AS invokeId, node_id AS nodeId, zone_id AS zoneId, requester,
       request_id AS requestId, sent_at AS sentAt FROM provider_runs WHERE invoke_id = ?`,
  );
  return {
    findProvider: (zoneId: string, nodeId: string) => toRow(find.get(zoneId, nodeId)),
    putProvider: (write: Write, row: ProviderRow) =>
      write.run(put, { ...row, actions: JSON.stringify(row.actions) }),
    /** Removes an approval; tells whether there was one. */
    deleteProvider: (write: Write, zoneId: string, nodeId: string) =>
      write.run(remove, zoneId, nodeId).changes > 0,
    listProviders: (zoneId: string, after: string, limit: number) =>
      list.all(zoneId, after, limit).map((row) => toRow(row) as ProviderRow),
    /** Changes what a member is; a creator stays creator, who is no member stays none. */
    setMemberRole: (write: Write, zoneId: string, nodeId: string, role: MemberRole) =>
      write.run(setRole, role, zoneId, nodeId),
    /** Notes that a run is sent to a provider. */
    putProviderRun: (write: Write, row: ProviderRunRow) => write.run(putRun, row),
    listProviderRuns: (invokeId: string) => runs.all(invokeId),
  };
}

export type ProviderQueries = ReturnType<typeof prepareProviderQueries>;

function toRow(stored: Stored | undefined): ProviderRow | undefined {
  return stored && { ...stored, actions: JSON.parse(stored.actions) as string[] };
}
