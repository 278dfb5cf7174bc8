import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { exportZone } from "../../zones/export/zone-lines.ts";
import { keepFork } from "../../zones/hosting/host.ts";
import { toZoneState, type Zone } from "../../zones/zone.ts";
import type { AdminDeps } from "../deps.ts";
import {
  createFromInput,
  removeZone,
  resumeZone,
  stopZone,
  updateFromInput,
} from "../hosting/changes.ts";
import { zoneInputSchema } from "../hosting/zone-input.ts";
import { pageFields, toListSchema } from "../http/pages.ts";
import { toEtag } from "../http/preconditions.ts";
import { createRoute, type Route } from "../http/route.ts";

/** A page ends early rather than hold more envelopes than this, in characters of JSON. */
const PAGE_CHARS_MAX = 4_000_000;

const text = z.string().max(256).optional();
const querySchema = z.strictObject({ ...pageFields, type: text, topic: text, keyword: text });

const deletionSchema = z.strictObject({ owed: z.literal("keep").optional() });

const zoneBody = z.object({
  id: z.string(),
  epoch: z.int(),
  state: z.enum(["registered", "active", "stopped", "suspended"]),
  members: z.int(),
  envelope: z.looseObject({}).describe("as it was accepted; docs/protocol.md §6"),
});

/** What a change of a zone may be refused with. */
const REFUSALS = [
  "SECURITY_VIOLATION",
  "invalid_params",
  "not_steward",
  "stale_manifest",
  "stopped",
  "conflict",
  "rate_limited",
] as const;

/** `/v1/zones`: zones, their signed envelopes, their end. */
export function createZoneRoutes(deps: AdminDeps): Route[] {
  return [
    createZoneList(deps),
    createCreation(deps),
    createReading(deps),
    createUpdate(deps),
    createStop(deps),
    createResumption(deps),
    createDeletion(deps),
    createExport(deps),
  ];
}

function createZoneList({ zones }: AdminDeps): Route {
  return createRoute({
    id: "listZones",
    method: "GET",
    path: "/v1/zones",
    tag: "zones",
    summary: "Zones in whatever state, by id",
    scope: "read",
    query: querySchema,
    answers: { 200: toListSchema("zones", zoneBody) },
    kind: "read",
    read: ({ query: { after, limit, type, topic, keyword } }) => {
      const rows = zones.queries.listZones({ type, topic, keyword }, after, limit + 1, true);
      const page: JsonObject[] = [];
      let chars = 0;
      for (const row of rows.slice(0, limit)) {
        const zone = toZoneBody(zones.reader.toZone(row));
        chars += JSON.stringify(zone).length;
        if (page.length > 0 && chars > PAGE_CHARS_MAX) break;
        page.push(zone);
      }
      const next = rows.length > page.length ? page.at(-1)?.id : undefined;
      return { status: 200, body: { zones: page, next } };
    },
  });
}

function createCreation(deps: AdminDeps): Route {
  return createRoute({
    id: "createZone",
    method: "POST",
    path: "/v1/zones",
    tag: "zones",
    summary: "Hosts a zone",
    description:
      "From a create-input, which the steward signs as creator, or from {envelope}, which its creator signed.",
    scope: "operate",
    body: zoneInputSchema,
    parseBody: (body) => body,
    answers: { 201: zoneBody },
    errors: REFUSALS,
    toHeaders: (body) => ({ Location: `/v1/zones/${body.id}`, ...toTag(body) }),
    kind: "change",
    look: (_call, answer) => answer && toBrief(answer),
    change: (write, { body }) => ({
      status: 201,
      body: toZoneBody(createFromInput(write, deps, body)),
    }),
    refused: (error, { body }) => keepRefusedFork(deps, error, body),
  });
}

function createReading({ zones }: AdminDeps): Route {
  return createRoute({
    id: "getZone",
    method: "GET",
    path: "/v1/zones/{zone_id}",
    tag: "zones",
    summary: "A zone, with its epoch as ETag",
    scope: "read",
    answers: { 200: zoneBody },
    toHeaders: toTag,
    kind: "read",
    read: ({ params }) => ({ status: 200, body: toZoneBody(zones.reader.get(params.zone_id)) }),
  });
}

function createUpdate(deps: AdminDeps): Route {
  return createRoute({
    id: "updateZone",
    method: "PUT",
    path: "/v1/zones/{zone_id}",
    tag: "zones",
    summary: "Replaces a zone's manifest by the next epoch",
    description: "What changes nothing makes no epoch.",
    scope: "operate",
    body: zoneInputSchema,
    parseBody: (body) => body,
    ifMatch: "required",
    answers: { 200: zoneBody },
    errors: REFUSALS,
    toHeaders: toTag,
    kind: "change",
    look: ({ params }) => findBrief(deps, params.zone_id),
    change: (write, { params, match, body }) => {
      const change = { zoneId: params.zone_id, match };
      return { status: 200, body: toZoneBody(updateFromInput(write, deps, change, body)) };
    },
    refused: (error, { body }) => keepRefusedFork(deps, error, body),
  });
}

function createStop(deps: AdminDeps): Route {
  return createRoute({
    id: "stopZone",
    method: "POST",
    path: "/v1/zones/{zone_id}/stop",
    tag: "zones",
    summary: "Ends a zone of this steward's creator; suspends hosting another creator's",
    scope: "operate",
    ifMatch: "optional",
    answers: { 200: zoneBody },
    errors: ["conflict"],
    toHeaders: toTag,
    kind: "change",
    look: ({ params }) => findBrief(deps, params.zone_id),
    change: (write, { params, match }) => ({
      status: 200,
      body: toZoneBody(stopZone(write, deps, { zoneId: params.zone_id, match })),
    }),
  });
}

function createResumption(deps: AdminDeps): Route {
  return createRoute({
    id: "resumeZone",
    method: "POST",
    path: "/v1/zones/{zone_id}/resume",
    tag: "zones",
    summary: "Takes hosting up again; a signed stop is final",
    scope: "operate",
    answers: { 200: zoneBody },
    errors: ["stopped"],
    toHeaders: toTag,
    kind: "change",
    look: ({ params }) => findBrief(deps, params.zone_id),
    change: (write, { params }) => ({
      status: 200,
      body: toZoneBody(resumeZone(write, deps, params.zone_id)),
    }),
  });
}

function createDeletion(deps: AdminDeps): Route {
  return createRoute({
    id: "deleteZone",
    method: "DELETE",
    path: "/v1/zones/{zone_id}",
    tag: "zones",
    summary: "Really removes a stopped or suspended zone of which nothing is open",
    description:
      "Its rows go in the background. Paid answers and the books stay, and so does its epoch, below which it never comes back. owed=keep deletes it although failed refunds and paid requests without an answer are left: they stay owed, and can be refunded later.",
    scope: "admin",
    query: deletionSchema,
    ifMatch: "optional",
    answers: { 204: null },
    errors: ["conflict"],
    kind: "change",
    look: ({ params, query }, answer) => findDeletion(deps, params.zone_id, query, answer),
    change: (write, { params, query, match }) => {
      const keepsOwed = query.owed === "keep";
      removeZone(write, deps, { zoneId: params.zone_id, match, keepsOwed });
      return { status: 204 };
    },
  });
}

function createExport({ zones, key, now }: AdminDeps): Route {
  return createRoute({
    id: "exportZone",
    method: "GET",
    path: "/v1/zones/{zone_id}/export",
    tag: "zones",
    summary: "A zone as one file, which `steward verify` checks anywhere",
    description: "Lines of JSON: envelopes, log, and last the head as this steward signs it.",
    scope: "read",
    answers: { 200: "application/x-ndjson" },
    kind: "read",
    read: ({ params }) => {
      const { row } = zones.reader.get(params.zone_id);
      const lines = exportZone({ ...zones, key, now }, row);
      const headers = { "Content-Type": "application/x-ndjson" };
      return { status: 200, text: toSlowStream(lines), headers };
    },
  });
}

/** Asks for a slice when there is room for one, and lets everything else go first. */
function toSlowStream(slices: Iterator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull: async (controller) => {
      await setImmediate();
      const { value, done } = slices.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
}

/** A fork that was refused is kept as evidence, in a write of its own. */
function keepRefusedFork({ store, zones }: AdminDeps, error: unknown, body: unknown): void {
  const envelope = (body as { envelope?: JsonObject } | null)?.envelope;
  if (error instanceof StewardError && error.reason === "FORK" && envelope !== undefined) {
    store.write((write) => keepFork(write, zones, envelope));
  }
}

function toTag({ epoch }: JsonObject): { readonly ETag: string } {
  return { ETag: toEtag(epoch as number) };
}

function findBrief({ zones }: AdminDeps, zoneId: string): JsonObject | undefined {
  const zone = zones.reader.find(zoneId);
  return zone && toBrief(toZoneBody(zone));
}

/** What the audit log shows of a deletion: the zone, and what is left owed on the operator's word. */
function findDeletion(
  deps: AdminDeps,
  zoneId: string,
  { owed }: z.output<typeof deletionSchema>,
  answer: JsonObject | undefined,
): JsonObject | undefined {
  const brief = findBrief(deps, zoneId);
  if (brief === undefined || owed === undefined || answer !== undefined) return brief;
  const open = deps.findOpenOf(zoneId, { now: deps.now(), owed: true });
  return { ...brief, left_owed: open.map((item) => ({ ...item })) };
}

/** A zone without its envelope, whose epochs are kept anyway. */
function toBrief({ id, epoch, state }: JsonObject): JsonObject {
  return { id: id ?? null, epoch: epoch ?? null, state: state ?? null };
}

function toZoneBody({ row, envelope }: Zone): JsonObject {
  return {
    id: row.zoneId,
    epoch: row.epoch,
    state: toZoneState(row),
    members: row.memberCount,
    envelope,
  };
}
