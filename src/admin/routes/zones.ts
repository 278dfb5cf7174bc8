import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import { keepFork } from "../../zones/hosting/host.ts";
import { toZoneState, type Zone } from "../../zones/zone.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { createFromInput, resumeZone, stopZone, updateFromInput } from "../hosting/changes.ts";
import { requireScope } from "../http/auth.ts";
import { answerOnce, parseIdempotencyKey } from "../http/idempotency.ts";
import { getZoneId, pageFields, parseInput, readJson } from "../http/input.ts";
import { parseIfMatch, toEtag } from "../http/preconditions.ts";

/** A page ends early rather than hold more envelopes than this, in characters of JSON. */
const PAGE_CHARS_MAX = 4_000_000;

const text = z.string().max(256).optional();
const querySchema = z.strictObject({ ...pageFields, type: text, topic: text, keyword: text });

/** Serves `/v1/zones`: zones, their signed envelopes, their end. */
export function createZoneRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { store, zones, config } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/", requireScope("read"), (context) => context.json(listZones(deps, context)));
  routes.post("/", requireScope("operate"), async (context) => {
    const key = parseIdempotencyKey(context);
    const content = await readJson(context, config.http.body_bytes_max);
    const { status, body } = watchForks(deps, content, (write) =>
      answerOnce(write, store, { key, content, now: deps.now() }, () => ({
        status: 201,
        body: toZoneBody(createFromInput(write, deps, content)),
      })),
    );
    context.header("Location", `/v1/zones/${body.id}`);
    context.header("ETag", toEtag(body.epoch as number));
    return context.json(body, status as ContentfulStatusCode);
  });
  routes.get("/:zone_id", requireScope("read"), (context) =>
    answerZone(context, zones.reader.get(getZoneId(context))),
  );
  routes.put("/:zone_id", requireScope("operate"), async (context) => {
    const zoneId = getZoneId(context);
    const match = parseIfMatch(context, { required: true });
    const body = await readJson(context, config.http.body_bytes_max);
    return answerZone(
      context,
      watchForks(deps, body, (write) => updateFromInput(write, deps, { zoneId, match }, body)),
    );
  });
  routes.post("/:zone_id/stop", requireScope("operate"), (context) => {
    const zoneId = getZoneId(context);
    const match = parseIfMatch(context, { required: false });
    return answerZone(
      context,
      store.write((write) => stopZone(write, deps, { zoneId, match })),
    );
  });
  routes.post("/:zone_id/resume", requireScope("operate"), (context) => {
    const zoneId = getZoneId(context);
    return answerZone(
      context,
      store.write((write) => resumeZone(write, deps, zoneId)),
    );
  });
  return routes;
}

/** Runs a change in a write; a fork it refuses is kept as evidence, in a write of its own. */
function watchForks<T>({ store, zones }: AdminDeps, body: unknown, run: (write: Write) => T): T {
  try {
    return store.write(run);
  } catch (error) {
    const envelope = (body as { envelope?: JsonObject } | undefined)?.envelope;
    if (error instanceof StewardError && error.reason === "FORK" && envelope !== undefined) {
      store.write((write) => keepFork(write, zones, envelope));
    }
    throw error;
  }
}

function listZones({ zones }: AdminDeps, context: Context<AdminEnv>) {
  const { after, limit, type, topic, keyword } = parseInput(querySchema, context.req.query());
  const rows = zones.queries.listZones({ type, topic, keyword }, after, limit + 1, true);
  const page: JsonObject[] = [];
  let chars = 0;
  for (const row of rows.slice(0, limit)) {
    const zone = toZoneBody(zones.reader.toZone(row));
    chars += JSON.stringify(zone).length;
    if (page.length > 0 && chars > PAGE_CHARS_MAX) break;
    page.push(zone);
  }
  return { zones: page, ...(rows.length > page.length && { next: page.at(-1)?.id }) };
}

function answerZone(context: Context<AdminEnv>, zone: Zone): Response {
  context.header("ETag", toEtag(zone.row.epoch));
  return context.json(toZoneBody(zone));
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
