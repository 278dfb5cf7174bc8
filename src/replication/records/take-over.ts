import { createHash } from "node:crypto";
import type { Logger } from "../../base/log.ts";
import { type JsonObject, toCanonicalJson } from "../../protocol/json.ts";
import type { Store, Write } from "../../store/database.ts";
import type { RequestRows } from "../../store/replication/record-rows.ts";
import {
  type prepareReplicaRequestQueries,
  type ReplicaRequestRow,
  toRecordExpiry,
} from "../../store/replication/replica-requests.ts";
import type {
  prepareRequestWriting,
  RequestName,
  WalletRows,
} from "../../store/replication/request-writing.ts";
import type { RequestQueries, RequestRow, RequestState } from "../../store/zones/requests.ts";
import type { CommitLog } from "./commit-log.ts";
import { readRecord } from "./read.ts";
import { parseRequestValue } from "./request-value.ts";

/** One slice takes so long at most, and then what else waits for the loop goes first. */
const SLICE_MS = 10;
const ROWS_PER_READ = 100;

/** What turning records into rows and back needs. */
export interface TakeOverDeps {
  readonly store: Store;
  readonly log: Logger;
  readonly commits: CommitLog;
  readonly replicaRequests: ReturnType<typeof prepareReplicaRequestQueries>;
  readonly requests: RequestQueries;
  readonly writing: ReturnType<typeof prepareRequestWriting>;
  readonly ownNodeId: string;
}

/**
 * Turns a zone's request records into rows, which workers act on, slice by slice; call it until it is done,
 * before the first commit of an epoch. Records that do not fit stay records.
 * @param isWanted whether it is still to be done, asked before each slice
 * @returns how many could not become rows
 */
export async function materialise(
  deps: TakeOverDeps,
  zoneId: string,
  isWanted: () => boolean = () => true,
): Promise<number> {
  let kept = 0;
  let after = { nodeId: "", requestId: "" };
  for (;;) {
    const endMs = performance.now() + SLICE_MS;
    const isDone = deps.store.write((write) =>
      deps.commits.applying(write, () => {
        for (;;) {
          const rows = deps.replicaRequests.listReplicaRequests(zoneId, after, ROWS_PER_READ);
          for (const row of rows) {
            after = row;
            if (!materialiseOne(write, deps, row)) kept++;
            if (performance.now() >= endMs) return false;
          }
          if (rows.length < ROWS_PER_READ) return true;
        }
      }),
    );
    if (isDone) return kept;
    await new Promise((resolve) => setImmediate(resolve));
    if (!isWanted()) return kept;
  }
}

/**
 * Turns what a worker could still act on of a request into its record: the steward is not in charge of it any
 * more. Call it where nothing is captured; it takes only what is under way; what is at rest stays rows,
 * over which records of the same request count.
 */
export function dematerialiseOne(write: Write, deps: TakeOverDeps, name: RequestName): void {
  const { zoneId, nodeId, requestId } = name;
  const { replicaRequests, writing } = deps;
  const { value } = readRecord(deps.commits.reading, zoneId, "request", [nodeId, requestId]);
  const found = writing.findWalletRows(name);
  const wallet = found === undefined ? null : JSON.stringify(found);
  // A record that is there already is newer: it came from who is in charge.
  if (replicaRequests.findReplicaRequest(zoneId, nodeId, requestId) !== undefined) {
    replicaRequests.noteWallet(write, { ...name, wallet });
  } else if (value !== null) {
    replicaRequests.putReplicaRequest(write, {
      ...{ zoneId, nodeId, requestId, value: toCanonicalJson(value), wallet },
      expiresAt: toRecordExpiry(value),
      createdAt: value.created_at as number,
    });
  }
  writing.removeOpenPayments(write, name);
  deps.requests.removeRequest(write, name);
}

function materialiseOne(write: Write, deps: TakeOverDeps, row: ReplicaRequestRow): boolean {
  const { log, store, writing, replicaRequests } = deps;
  const { zoneId, nodeId, requestId } = row;
  const name = { zoneId, nodeId, requestId };
  const err = store.tryWrite((inner) => {
    const rows = toOwnRows(parseRequestValue(name, JSON.parse(row.value) as JsonObject), deps);
    const kept = row.wallet === null ? undefined : (JSON.parse(row.wallet) as WalletRows);
    const wallet = joinWalletRows(writing.findWalletRows(name), kept);
    writing.removePayments(inner, name);
    deps.requests.removeRequest(inner, name);
    deps.requests.insertRequest(inner, toRequestRow(name, rows));
    writing.insertPayments(inner, name, rows, wallet);
    replicaRequests.deleteReplicaRequest(inner, zoneId, nodeId, requestId);
  });
  if (err === undefined) return true;
  write.assertOpen();
  log.error(
    { err, zone: zoneId, request_id: requestId },
    "ALARM: a request could not be taken over",
  );
  return false;
}

/** What is at rest stayed rows, and tells of itself only: what was under way is told by what was kept. */
function joinWalletRows(
  found: WalletRows | undefined,
  kept: WalletRows | undefined,
): WalletRows | undefined {
  if (found === undefined || kept === undefined) return found ?? kept;
  return {
    payments: { ...kept.payments, ...found.payments },
    ops: { ...kept.ops, ...found.ops },
    refundTxId: found.refundTxId ?? kept.refundTxId,
  };
}

/** What names this steward in a record is not said in its own rows. */
function toOwnRows(rows: RequestRows, { ownNodeId }: TakeOverDeps): RequestRows {
  const { request, refund } = rows;
  const toOther = (nodeId: string | number | null | undefined) =>
    nodeId === ownNodeId || nodeId === undefined ? null : nodeId;
  return {
    ...rows,
    request: { ...request, runner: toOther(request.runner) },
    refund: refund && { ...refund, steward: toOther(refund.steward) },
  };
}

function toRequestRow(
  { zoneId, nodeId, requestId }: RequestName,
  { request }: RequestRows,
): RequestRow {
  const text = (name: string) => request[name] as string;
  const optional = (name: string) => (request[name] ?? null) as string | null;
  const [action, params] = [text("action"), text("params")];
  return {
    ...{ zoneId, nodeId, requestId, action, params },
    contentHash: toContentHash(zoneId, action, params),
    state: text("state") as RequestState,
    paid: request.paid === 1,
    invokeId: text("invoke_id"),
    idempotent: request.idempotent === 1,
    messageId: text("message_id"),
    result: optional("result"),
    failure: optional("failure"),
    createdAt: request.created_at as number,
    updatedAt: request.updated_at as number,
    expiresAt: request.expires_at as number | null,
    runner: optional("runner"),
    sig: optional("sig"),
  };
}

/** Of the canonical JSON of the three, as the request's own steward made it; `docs/protocol.md` §8. */
function toContentHash(zoneId: string, action: string, params: string): string {
  return createHash("sha256")
    .update(
      `{"action":${JSON.stringify(action)},"params":${params},"zone_id":${JSON.stringify(zoneId)}}`,
    )
    .digest("hex");
}
