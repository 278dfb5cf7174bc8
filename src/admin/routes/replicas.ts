import { type Context, Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import type { ReplicaStatus } from "../../replication/status/replica-status.ts";
import type { EvidenceRow, QuarantineRow } from "../../store/replication/evidence.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getZoneId, pageFields, parseInput, parsePage, readJson } from "../http/input.ts";

/** A page ends early rather than hold more than this, in characters; one item always fits. */
const PAGE_CHARS_MAX = 4_000_000;

const itemsSchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: pageFields.limit,
});

const resyncSchema = z.strictObject({
  branch: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "expected 64 hex digits")
    .nullish()
    .transform((hash) => hash ?? undefined),
});

/** Serves `/v1/replicas`: how replicated zones are here, what was set aside, proof of lies. */
export function createReplicaRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { store } = deps;
  const replicas = deps.operator.desk;
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => {
    const { after, limit } = parsePage(context);
    const all = replicas.list().filter(({ zone_id }) => zone_id > after);
    const page = all.slice(0, limit);
    const next = all.length > page.length ? page.at(-1)?.zone_id : undefined;
    return context.json({ replicas: page, next });
  });
  routes.get("/:zone_id", requireScope("read"), (context) =>
    context.json(getReplica(deps, context)),
  );
  routes.post("/:zone_id/resync", requireScope("operate"), async (context) => {
    const body = await readJson(context, deps.config.http.body_bytes_max, { optional: true });
    const { branch } = parseInput(resyncSchema, body);
    const { zone_id, role, halted } = getReplica(deps, context);
    if (branch !== undefined) {
      deps.operator.moveToBranch(zone_id, branch);
      return context.json(getReplica(deps, context), 202);
    }
    if (role === "primary" && halted !== "EVIDENCE") {
      throw new StewardError("conflict", {
        message:
          halted === null
            ? "This steward is the zone's primary, and is not halted."
            : "A primary that lost what it had needs a new epoch.",
      });
    }
    replicas.resync(zone_id);
    return context.json(getReplica(deps, context), 202);
  });
  routes.get("/:zone_id/evidence", requireScope("read"), (context) => {
    const { zone_id } = getReplica(deps, context);
    const { after, limit } = parseInput(itemsSchema, context.req.query());
    const rows = replicas.listEvidence(zone_id, after, limit + 1);
    const page = takePage(rows, limit, ({ documents }) => documents.length);
    return context.json({ evidence: page.items.map(toEvidenceBody), next: page.next });
  });
  routes.get("/:zone_id/quarantine", requireScope("read"), (context) => {
    const { zone_id } = getReplica(deps, context);
    const { after, limit } = parseInput(itemsSchema, context.req.query());
    const rows = replicas.listQuarantine(zone_id, after, limit + 1);
    const page = takePage(rows, limit, ({ document }) => document.length);
    return context.json({ quarantine: toCuts(page.items), next: page.next });
  });
  routes.delete("/:zone_id/quarantine/:id", requireScope("operate"), (context) => {
    const { zone_id } = getReplica(deps, context);
    const id = context.req.param("id");
    // Some in each write: the rest of the steward goes on between two of them.
    const isMore = store.write((write) => replicas.removeQuarantine(write, zone_id, id));
    return context.json({ more: isMore });
  });
  return routes;
}

function getReplica({ operator, zones }: AdminDeps, context: Context<AdminEnv>): ReplicaStatus {
  const zoneId = getZoneId(context);
  const found = operator.desk.find(zoneId);
  if (found !== undefined) return found;
  zones.reader.get(zoneId);
  throw new StewardError("not_found", { message: "The zone is not replicated." });
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
