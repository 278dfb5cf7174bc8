import { z } from "zod";
import { readVersion } from "../../version.ts";
import { createRoute, type Route } from "../http/route.ts";
import { createReader, type MetricDeps, type Readings } from "../metrics/readings.ts";

const counts = z.record(z.string(), z.int());
const statsBody = z.object({
  version: z.string(),
  uptime_secs: z.int(),
  sessions: z.object({
    verified: z.int(),
    links: z.int().describe("of other stewards"),
    unverified: z.int(),
    unsent_bytes: z.int(),
  }),
  public_zones: z.int(),
  kept: z
    .record(z.string(), z.object({ rows: z.int(), bytes: z.int() }))
    .describe("requests, quotes, direct messages and members that are kept for others"),
  unfinished_requests: counts.describe("by state"),
  payments: counts.nullable().describe("by state; null without a chain"),
  transactions: z
    .array(z.object({ chain_id: z.int(), state: z.string(), count: z.int() }))
    .describe("of the wallet, not final"),
  limits_reached: counts.describe("since the start, by the limit's key"),
  replication: counts,
  database: z.object({ bytes: z.int(), unused_bytes: z.int(), log_bytes: z.int() }),
  disk_free_bytes: z.int().nullable(),
  memory: z.object({ rss_bytes: z.int(), heap_bytes: z.int() }),
});

/** `/v1/stats`: what `/metrics` counts, in JSON. */
export function createStatRoutes(deps: MetricDeps): Route[] {
  const read = createReader(deps);
  return [
    createRoute({
      id: "getStats",
      method: "GET",
      path: "/v1/stats",
      tag: "service",
      summary: "How much there is of everything; /metrics says it to Prometheus",
      scope: "read",
      answers: { 200: statsBody },
      kind: "read",
      read: async () => ({ status: 200, body: toStatsBody(deps, await read()) }),
    }),
  ];
}

function toStatsBody({ counters }: MetricDeps, readings: Readings): z.output<typeof statsBody> {
  const { levels, file, disk, usage, unfinished, paid, memory } = readings;
  const { verified, links, unverified, unsentBytes } = levels;
  const replicated = Object.entries(readings.replicated).flatMap(([name, value]) =>
    Number.isInteger(value) ? [[name, value as number] as const] : [],
  );
  return {
    version: readVersion(),
    uptime_secs: Math.floor(process.uptime()),
    sessions: { verified, links, unverified, unsent_bytes: unsentBytes },
    public_zones: readings.publicZones,
    kept: Object.fromEntries(usage.map(([kind, { rows, bytes }]) => [kind, { rows, bytes }])),
    unfinished_requests: toCounts(unfinished),
    payments: paid === undefined ? null : toCounts(paid.payments),
    transactions: (paid?.transactions ?? []).map(({ chainId, state, count }) => ({
      ...{ chain_id: chainId, state, count },
    })),
    limits_reached: counters.read() ?? {},
    replication: Object.fromEntries(replicated),
    database: { bytes: file.bytes, unused_bytes: file.unusedBytes, log_bytes: file.logBytes },
    disk_free_bytes: disk === undefined ? null : disk.bavail * disk.bsize,
    memory: { rss_bytes: memory.rss, heap_bytes: memory.heapUsed },
  };
}

function toCounts(
  rows: readonly { readonly state: string; readonly count: number }[],
): Record<string, number> {
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
