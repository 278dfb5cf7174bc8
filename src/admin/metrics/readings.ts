import { statSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { ChainHealth } from "../../payments/payments.ts";
import { USAGE_KINDS } from "../../store/usage.ts";
import type { AdminDeps } from "../deps.ts";
import type { HttpMeter } from "./http-meter.ts";
import { ReadAtTimes } from "./read-at-times.ts";

/** What metrics are read from. */
export interface MetricDeps extends AdminDeps {
  readonly httpMeter: HttpMeter;
}

/** Everything that metrics are read from, at one moment. */
export type Readings = Awaited<ReturnType<ReturnType<typeof createReader>>>;

/**
 * Creates what reads all that metrics are made of. Parts count for themselves; what has to be looked for
 * in the database is looked for seldom where that takes long.
 */
export function createReader(deps: MetricDeps) {
  const { store, payments, zones, sessions, replication, config } = deps;
  const paid = new ReadAtTimes(() => payments?.stats());
  return async () => ({
    deps,
    levels: sessions.measure(),
    file: readFile(deps),
    disk: await statfs(config.data_dir).catch(() => undefined),
    usage: USAGE_KINDS.map((kind) => [kind, store.usage.total(kind)] as const),
    unfinished: zones.requests.countUnfinished(),
    publicZones: zones.queries.countZones(),
    chains: payments?.health() ?? ([] as ChainHealth[]),
    paid: paid.read(),
    replicated: { ...replication.health(), ...replication.lag() },
    webhooks: deps.webhooks.measure(),
    memory: process.memoryUsage(),
    machineBytes: totalmem(),
    cpu: process.cpuUsage(),
  });
}

/** Bytes of the database's file, of its pages that nothing uses, and of its write-ahead log. */
function readFile({ store, config }: AdminDeps) {
  const read = (name: string): number => store.raw.pragma(name, { simple: true }) as number;
  const log = statSync(`${join(config.data_dir, "steward.sqlite")}-wal`, { throwIfNoEntry: false });
  return {
    bytes: read("page_count") * read("page_size"),
    unusedBytes: read("freelist_count") * read("page_size"),
    logBytes: log?.size ?? 0,
  };
}
