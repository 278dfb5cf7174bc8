import { Hono } from "hono";
import { z } from "zod";
import type { LogEntry } from "../../protocol/log-chain.ts";
import { toLogEntry } from "../../zones/log/log.ts";
import { findReleasedEnd } from "../../zones/log/released-end.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getZoneId, pageFields, parseInput } from "../http/input.ts";

/** A page ends early rather than hold more than this, in characters; one entry always fits. */
const PAGE_CHARS_MAX = 4_000_000;

const querySchema = z.strictObject({
  after: z.coerce.number().int().min(0).default(0),
  limit: pageFields.limit,
});

/** Serves `/v1/zones/{zone_id}/log`: entries and their hashes after a `seq`. */
export function createZoneLogRoutes({ zones }: AdminDeps): Hono<AdminEnv> {
  const routes = new Hono<AdminEnv>();
  routes.get("/:zone_id/log", requireScope("read"), (context) => {
    const { row } = zones.reader.get(getZoneId(context));
    const { after, limit } = parseInput(querySchema, context.req.query());
    const entries: { entry: LogEntry; hash: string }[] = [];
    let chars = 0;
    const { seq: endSeq } = findReleasedEnd(zones, row);
    for (const entry of zones.queries.iterateLog(row.zoneId, after, limit)) {
      if (entry.seq > endSeq) break;
      chars += entry.data.length;
      if (entries.length > 0 && chars > PAGE_CHARS_MAX) break;
      entries.push({ entry: toLogEntry(entry), hash: entry.hash });
    }
    const last = entries.at(-1)?.entry.seq ?? endSeq;
    const next = last < endSeq ? last : undefined;
    return context.json({ entries, head_seq: endSeq, next });
  });
  return routes;
}
