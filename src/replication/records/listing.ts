import { ZONE_RECORD_KINDS, type ZoneRecord } from "../../protocol/commit.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { PlainKind } from "../../store/replication/record-rows.ts";
import type { prepareReplicaRequestQueries } from "../../store/replication/replica-requests.ts";
import { type ReadDeps, readRecord, toPlainValue } from "./read.ts";

/** What listing records needs. */
export interface ListDeps extends ReadDeps {
  readonly replicaRequests: ReturnType<typeof prepareReplicaRequestQueries>;
}

/** Names a record: where the next page begins. */
export type RecordPlace = Pick<ZoneRecord, "kind" | "key">;

/**
 * Lists a zone's records as they are now, by kind and the canonical JSON of the key, after one of them;
 * `docs/protocol.md` §9.6. Where there are both, a request's record counts and not its rows.
 */
export function listRecords(
  deps: ListDeps,
  zoneId: string,
  after: RecordPlace | undefined,
  limit: number,
): ZoneRecord[] {
  const found: ZoneRecord[] = [];
  for (const kind of ZONE_RECORD_KINDS) {
    if (after !== undefined && kind < after.kind) continue;
    const key = after?.kind === kind ? after.key : [];
    const missing = limit - found.length;
    if (missing <= 0) break;
    found.push(
      ...(kind === "request"
        ? listRequests(deps, zoneId, key, missing)
        : listPlain(deps, zoneId, kind, key, missing)),
    );
  }
  return found;
}

/** A request's record as it is now; undefined where there is none. */
export function findRequestRecord(
  deps: ListDeps,
  zoneId: string,
  nodeId: string,
  requestId: string,
): ZoneRecord | undefined {
  const stored = deps.replicaRequests.findReplicaRequest(zoneId, nodeId, requestId);
  const key = [nodeId, requestId];
  if (stored !== undefined) {
    return { kind: "request", key, value: JSON.parse(stored.value) as JsonObject };
  }
  const record = readRecord(deps, zoneId, "request", [nodeId, requestId]);
  return record.value === null ? undefined : record;
}

function listPlain(
  { plain }: ListDeps,
  zoneId: string,
  kind: PlainKind,
  [after = ""]: readonly string[],
  limit: number,
): ZoneRecord[] {
  return plain.listPlain(kind, zoneId, after, limit).map((row) => ({
    kind,
    key: [row.record_id],
    value: toPlainValue(kind, row),
  }));
}

/** Their ids hold nothing that JSON escapes, or that is below a quotation mark: their order is the keys'. */
function listRequests(
  deps: ListDeps,
  zoneId: string,
  [nodeId = "", requestId = ""]: readonly string[],
  limit: number,
): ZoneRecord[] {
  const place = { nodeId, requestId };
  const keys = new Map<string, readonly [string, string]>();
  for (const row of deps.replicaRequests.listReplicaRequests(zoneId, place, limit)) {
    keys.set(`${row.nodeId} ${row.requestId}`, [row.nodeId, row.requestId]);
  }
  for (const row of deps.requests.listRequestKeys(zoneId, place, limit)) {
    keys.set(`${row.nodeId} ${row.requestId}`, [row.nodeId, row.requestId]);
  }
  return [...keys]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, limit)
    .flatMap(([, [node, request]]) => findRequestRecord(deps, zoneId, node, request) ?? []);
}
