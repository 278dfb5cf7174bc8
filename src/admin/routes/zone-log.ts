import { z } from "zod";
import type { LogEntry } from "../../protocol/log-chain.ts";
import { toLogEntry } from "../../zones/log/log.ts";
import { findReleasedEnd } from "../../zones/log/released-end.ts";
import type { AdminDeps } from "../deps.ts";
import { nextField, seqPageSchema } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

/** A page ends early rather than hold more than this, in characters; one entry always fits. */
const PAGE_CHARS_MAX = 4_000_000;

const entryBody = z.object({
  zone_id: z.string(),
  seq: z.int(),
  timestamp: z.int(),
  kind: z.enum(["message", "event"]),
  node_id: z.string(),
  data: z.looseObject({}),
});
const logBody = z.object({
  entries: z.array(z.object({ entry: entryBody, hash: z.string() })),
  head_seq: z.int(),
  next: nextField,
});

/** `/v1/zones/{zone_id}/log`: entries and their hashes after a `seq`. */
export function createZoneLogRoutes({ zones }: AdminDeps): Route[] {
  const list = createRoute({
    id: "listZoneLog",
    method: "GET",
    path: "/v1/zones/{zone_id}/log",
    tag: "zones",
    summary: "Entries of a zone's log after a seq, with the chain's hashes",
    scope: "read",
    query: seqPageSchema,
    answers: { 200: logBody },
    kind: "read",
    read: ({ params, query: { after, limit } }) => {
      const { row } = zones.reader.get(params.zone_id);
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
      return { status: 200, body: { entries, head_seq: endSeq, next } };
    },
  });
  return [list];
}
