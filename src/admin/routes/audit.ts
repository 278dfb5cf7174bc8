import { z } from "zod";
import { type AuditRow, CUT_OFF, listAuditEntries } from "../../store/admin/audit.ts";
import { AUDIT_KINDS } from "../../store/admin/schema.ts";
import type { AdminDeps } from "../deps.ts";
import { pageFields, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const querySchema = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  limit: pageFields.limit,
  order: z.enum(["asc", "desc"]).default("asc"),
});

const entryBody = z.object({
  seq: z.int(),
  kind: z.enum(AUDIT_KINDS).describe("a change, or a token that was refused"),
  at: z.int(),
  token_id: z.string().nullable(),
  actor: z.string().nullable().describe("the token's name, or the machine's user"),
  address: z.string(),
  action: z.string().describe("method and route, or what was done on the machine"),
  request_id: z.string().nullable(),
  status: z.int().nullable().describe("null while what it began is under way, or was cut off"),
  outcome: z
    .literal(CUT_OFF)
    .optional()
    .describe("the steward ended before what became of it was noted: look at what ids name"),
  ids: z.record(z.string(), z.string()).optional(),
  asked: z.unknown().optional(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  code: z.string().optional(),
  failures: z.int().optional().describe("wrong tokens of the address within that minute"),
  revoked: z.array(z.string()).optional(),
});

/** `/v1/audit`: who changed what, from where, and which tokens were refused. */
export function createAuditRoutes({ store }: AdminDeps): Route[] {
  const list = createRoute({
    id: "listAuditEntries",
    method: "GET",
    path: "/v1/audit",
    tag: "access",
    summary: "Who changed what, from where; the oldest first, or with order=desc the newest",
    scope: "admin",
    query: querySchema,
    answers: { 200: toListSchema("entries", entryBody) },
    kind: "read",
    read: ({ query: { after, limit, order } }) => {
      const rows = listAuditEntries(store, { after, limit: limit + 1, order });
      const { items, next } = toPage(rows, limit, {
        toCursor: ({ seq }) => String(seq),
        toItem: toEntryBody,
      });
      return { status: 200, body: { entries: items, next } };
    },
  });
  return [list];
}

function toEntryBody({ tokenId, requestId, detail, ...row }: AuditRow) {
  return { ...row, token_id: tokenId, request_id: requestId, ...detail };
}
