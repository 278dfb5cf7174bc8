import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import type { ReplicaStatus } from "../../replication/status/replica-status.ts";
import type { EvidenceRow, QuarantineRow } from "../../store/replication/evidence.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, seqPageSchema, toListSchema } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";
import { replicaBody } from "./replica-body.ts";

/** A page ends early rather than hold more than this, in characters; one item always fits. */
const PAGE_CHARS_MAX = 4_000_000;

const resyncSchema = z.strictObject({
  branch: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "expected 64 hex digits")
    .nullish()
    .transform((hash) => hash ?? undefined),
});

const evidenceBody = z.object({
  id: z.int(),
  kind: z.string(),
  zone_id: z.string(),
  signer: z.string(),
  epoch: z.int(),
  n: z.int().optional(),
  seq: z.int().optional(),
  at: z.int(),
  documents: z.unknown(),
});
const cutBody = z.object({
  id: z.string(),
  at: z.int(),
  epoch: z.int(),
  entries: z.array(z.unknown()),
  records: z.array(z.unknown()),
});

/** `/v1/replicas`: how replicated zones are here, what was set aside, proof of lies. */
export function createReplicaRoutes(deps: AdminDeps): Route[] {
  return [
    createReplicaList(deps),
    createReading(deps),
    createResync(deps),
    createEvidenceList(deps),
    createQuarantineList(deps),
    createQuarantineRemoval(deps),
  ];
}

function createReplicaList({ operator }: AdminDeps): Route {
  return createRoute({
    id: "listReplicas",
    method: "GET",
    path: "/v1/replicas",
    tag: "replication",
    summary: "How each replicated zone is at this steward, by zone id",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("replicas", replicaBody) },
    kind: "read",
    read: ({ query: { after, limit } }) => {
      const all = operator.desk.list().filter(({ zone_id }) => zone_id > after);
      const page = all.slice(0, limit);
      const next = all.length > page.length ? page.at(-1)?.zone_id : undefined;
      return { status: 200, body: { replicas: page, next } };
    },
  });
}

function createReading(deps: AdminDeps): Route {
  return createRoute({
    id: "getReplica",
    method: "GET",
    path: "/v1/replicas/{zone_id}",
    tag: "replication",
    summary: "How a replicated zone is at this steward",
    scope: "read",
    answers: { 200: replicaBody },
    errors: ["not_found"],
    kind: "read",
    read: ({ params }) => ({ status: 200, body: getReplica(deps, params.zone_id) }),
  });
}

function createResync(deps: AdminDeps): Route {
  return createRoute({
    id: "resyncReplica",
    method: "POST",
    path: "/v1/replicas/{zone_id}/resync",
    tag: "replication",
    summary: "Takes another copy; or goes by the other one of two envelopes of an epoch",
    scope: "operate",
    body: resyncSchema,
    isBodyOptional: true,
    answers: { 202: replicaBody },
    errors: ["not_found", "conflict"],
    kind: "order",
    look: ({ params }) => findBrief(deps, params.zone_id),
    run: async ({ params: { zone_id }, body: { branch } }) => {
      const { role, halted } = getReplica(deps, zone_id);
      if (branch !== undefined) {
        deps.operator.moveToBranch(zone_id, branch);
        return { status: 202, body: getReplica(deps, zone_id) };
      }
      if (role === "primary" && halted !== "EVIDENCE") {
        throw new StewardError("conflict", {
          message:
            halted === null
              ? "This steward is the zone's primary, and is not halted."
              : "A primary that lost what it had needs a new epoch.",
        });
      }
      deps.operator.desk.resync(zone_id);
      return { status: 202, body: getReplica(deps, zone_id) };
    },
  });
}

function createEvidenceList(deps: AdminDeps): Route {
  return createRoute({
    id: "listEvidence",
    method: "GET",
    path: "/v1/replicas/{zone_id}/evidence",
    tag: "replication",
    summary: "Proof of what stewards or the creator did wrong",
    scope: "read",
    query: seqPageSchema,
    answers: { 200: toListSchema("evidence", evidenceBody) },
    errors: ["not_found"],
    kind: "read",
    read: ({ params, query: { after, limit } }) => {
      const { zone_id } = getReplica(deps, params.zone_id);
      const rows = deps.operator.desk.listEvidence(zone_id, after, limit + 1);
      const page = takePage(rows, limit, ({ documents }) => documents.length);
      return { status: 200, body: { evidence: page.items.map(toEvidenceBody), next: page.next } };
    },
  });
}

function createQuarantineList(deps: AdminDeps): Route {
  return createRoute({
    id: "listQuarantine",
    method: "GET",
    path: "/v1/replicas/{zone_id}/quarantine",
    tag: "replication",
    summary: "What was set aside when a copy was cut back",
    scope: "read",
    query: seqPageSchema,
    answers: { 200: toListSchema("quarantine", cutBody) },
    errors: ["not_found"],
    kind: "read",
    read: ({ params, query: { after, limit } }) => {
      const { zone_id } = getReplica(deps, params.zone_id);
      const rows = deps.operator.desk.listQuarantine(zone_id, after, limit + 1);
      const page = takePage(rows, limit, ({ document }) => document.length);
      return { status: 200, body: { quarantine: toCuts(page.items), next: page.next } };
    },
  });
}

function createQuarantineRemoval(deps: AdminDeps): Route {
  return createRoute({
    id: "removeQuarantine",
    method: "DELETE",
    path: "/v1/replicas/{zone_id}/quarantine/{cut_id}",
    tag: "replication",
    summary: "Removes some of what was set aside; more is left where the answer says so",
    scope: "operate",
    answers: { 200: z.object({ more: z.boolean() }) },
    errors: ["not_found"],
    kind: "change",
    look: ({ params }) => findBrief(deps, params.zone_id),
    change: (write, { params }) => {
      const { zone_id } = getReplica(deps, params.zone_id);
      // Some in each write: the rest of the steward goes on between two of them.
      const isMore = deps.operator.desk.removeQuarantine(write, zone_id, params.cut_id);
      return { status: 200, body: { more: isMore } };
    },
  });
}

function getReplica({ operator, zones }: AdminDeps, zoneId: string): ReplicaStatus {
  const found = operator.desk.find(zoneId);
  if (found !== undefined) return found;
  zones.reader.get(zoneId);
  throw new StewardError("not_found", { message: "The zone is not replicated." });
}

/** What the audit log shows of a replicated zone. */
function findBrief({ operator }: AdminDeps, zoneId: string) {
  const found = operator.desk.find(zoneId);
  if (found === undefined) return undefined;
  const { role, state, epoch, halted, quarantined } = found;
  return { role, state, epoch, halted, quarantined };
}

/** Items of a page, and the cursor of the next one. */
function takePage<Row extends { readonly id: number }>(
  rows: readonly Row[],
  limit: number,
  toChars: (row: Row) => number,
): { readonly items: readonly Row[]; readonly next: number | undefined } {
  const items: Row[] = [];
  let chars = 0;
  for (const row of rows.slice(0, limit)) {
    chars += toChars(row);
    if (items.length > 0 && chars > PAGE_CHARS_MAX) break;
    items.push(row);
  }
  return { items, next: rows.length > items.length ? items.at(-1)?.id : undefined };
}

function toEvidenceBody(row: EvidenceRow): JsonObject {
  return {
    id: row.id,
    kind: row.kind,
    zone_id: row.zoneId,
    signer: row.signer,
    epoch: row.epoch,
    ...(row.n !== null && { n: row.n }),
    ...(row.seq !== null && { seq: row.seq }),
    at: row.at,
    documents: JSON.parse(row.documents) as JsonValue,
  };
}

/** A page's rows by the cut they belong to; one that goes on stands on the next page, too. */
function toCuts(rows: readonly QuarantineRow[]): readonly JsonObject[] {
  const cuts = new Map<string, { at: number; epoch: number; rows: QuarantineRow[] }>();
  for (const row of rows) {
    const cut = cuts.get(row.cut) ?? { at: row.at, epoch: row.epoch, rows: [] };
    cut.rows.push(row);
    cuts.set(row.cut, cut);
  }
  return [...cuts].map(([id, cut]) => ({
    id,
    at: cut.at,
    epoch: cut.epoch,
    entries: toDocuments(cut.rows, "entry"),
    records: toDocuments(cut.rows, "record"),
  }));
}

function toDocuments(rows: readonly QuarantineRow[], kind: QuarantineRow["kind"]): JsonValue[] {
  return rows
    .filter((row) => row.kind === kind)
    .map(({ document }) => JSON.parse(document) as JsonValue);
}
