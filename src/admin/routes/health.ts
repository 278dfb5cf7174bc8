import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { FoundAlarm } from "../../events/alarm-watch.ts";
import { INSTANCE_HEADER } from "../../twin-watch.ts";
import type { AdminDeps } from "../deps.ts";
import { createRoute, type Route } from "../http/route.ts";
import { findWarnings, type WarningDeps } from "../warnings.ts";

const PROTOCOL_VERSION = 1;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly [detail: string]: unknown;
}

const chainBody = z.object({
  chain_id: z.int(),
  network: z.string(),
  usdc: z.string(),
  settlement: z.string(),
  escrow: z.string().optional(),
});
const descriptionBody = z.object({
  node_id: z.string(),
  name: z.string(),
  public_key: z.string(),
  protocol_v: z.int(),
  wire: z.array(z.string()),
  chains: z.array(chainBody),
  zones: z.int(),
});
const readyBody = z.object({
  status: z.literal("ready"),
  checks: z.array(z.looseObject({ name: z.string(), ok: z.boolean() })).optional(),
  warnings: z.array(z.object({ key: z.string(), what: z.string(), remedy: z.string() })).optional(),
  counters: z.record(z.string(), z.int()).optional(),
  scanner: z.record(z.string(), z.object({ monitored: z.int(), blocked: z.int() })).optional(),
});

/** The public routes: `/livez`, `/readyz`, `/.well-known/atlas.json`. */
export function createHealthRoutes(deps: AdminDeps): Route[] {
  return [createLiveness(), createReadiness(deps), createDescription(deps)];
}

function createLiveness(): Route {
  return createRoute({
    id: "getLiveness",
    method: "GET",
    path: "/livez",
    tag: "service",
    summary: "The process answers",
    scope: undefined,
    answers: { 200: z.object({ status: z.literal("live") }) },
    kind: "read",
    read: () => ({ status: 200, body: { status: "live" } }),
  });
}

function createReadiness(deps: AdminDeps): Route {
  return createRoute({
    id: "getReadiness",
    method: "GET",
    path: "/readyz",
    tag: "service",
    summary: "It can serve; ?verbose shows each check, warnings, and limits that were reached",
    scope: undefined,
    query: z.looseObject({ verbose: z.string().optional() }),
    answers: { 200: readyBody },
    errors: ["not_ready"],
    kind: "read",
    read: async ({ query: { verbose } }) => {
      const checks = await runChecks(deps);
      const failing = checks.filter((check) => !check.ok).map((check) => check.name);
      const counters = deps.counters.read();
      const scanner = deps.zones.scanCounters.read();
      const isVerbose = verbose !== undefined && verbose !== "false";
      const warnings = isVerbose ? findWarnings(toWarningDeps(deps)) : [];
      const detail = isVerbose
        ? {
            checks,
            ...(warnings.length > 0 && { warnings }),
            ...(counters && { counters }),
            ...(scanner && { scanner }),
          }
        : {};
      if (failing.length > 0) {
        throw new StewardError("not_ready", {
          message: `Not ready: ${failing.join(", ")}.`,
          details: { failing, ...detail },
        });
      }
      return { status: 200, body: { status: "ready", ...detail } };
    },
  });
}

function createDescription(deps: AdminDeps): Route {
  return createRoute({
    id: "getDescription",
    method: "GET",
    path: "/.well-known/atlas.json",
    tag: "service",
    summary: "Who this steward is, and what agents need to know to reach and pay it",
    scope: undefined,
    answers: { 200: descriptionBody },
    kind: "read",
    read: () => ({
      status: 200,
      body: toDescription(deps),
      headers: { [INSTANCE_HEADER]: deps.twins.instanceId },
    }),
  });
}

/** Says in the log, once, what would be found only when it is missed. */
export function logWarnings(deps: WarningParts & Pick<AdminDeps, "log">): void {
  for (const { key, what, remedy } of findWarnings(toWarningDeps(deps))) {
    deps.log.warn({ key, remedy }, what);
  }
}

/** What needs the operator now: the warnings, and what each chain says of itself. */
export function findAlarms(deps: WarningParts): readonly FoundAlarm[] {
  const chains = deps.payments?.health() ?? [];
  return [
    ...findWarnings(toWarningDeps(deps)),
    ...chains.flatMap(({ chain_id, alarms }) =>
      alarms.map(({ id, what, remedy }) => ({ key: `chain:${chain_id}:${id}`, what, remedy })),
    ),
  ];
}

type WarningParts = Pick<
  AdminDeps,
  "config" | "zones" | "payments" | "backups" | "twins" | "webhooks"
>;

/** Gives the search for warnings what it looks at. */
function toWarningDeps(parts: WarningParts): WarningDeps {
  const { config, zones, payments, backups, twins, webhooks } = parts;
  return {
    config,
    hasZone: (zoneId) => zones.queries.findZone(zoneId) !== undefined,
    chains: () => payments?.health() ?? [],
    others: () => [...backups.findProblems(), ...twins.findProblems(), ...webhooks.findWarnings()],
  };
}

async function runChecks(deps: AdminDeps): Promise<Check[]> {
  const draining = deps.draining.aborted;
  return [
    await checkDatabase(deps),
    { name: "draining", ok: !draining, draining },
    ...checkChains(deps),
    ...checkReplication(deps),
  ];
}

/** Says how replicated zones stand; one of them does not make the steward unfit for all others. */
function checkReplication({ replication }: AdminDeps): Check[] {
  const health = replication.health();
  return health.zones === 0 ? [] : [{ name: "replication", ok: true, ...health }];
}

async function checkDatabase({ store, log }: AdminDeps): Promise<Check> {
  try {
    store.raw.prepare("SELECT 1 FROM zones LIMIT 1").get();
    await store.committed();
    return { name: "database", ok: true };
  } catch (error) {
    log.error({ err: error }, "the database cannot be read");
    return { name: "database", ok: false };
  }
}

/** One check a configured chain; payments that have not started fail it. */
function checkChains({ config, payments }: AdminDeps): Check[] {
  const health = new Map(payments?.health().map((chain) => [chain.chain_id, chain]));
  return config.chains.map(({ chain_id, network }) => {
    const chain = health.get(chain_id) ?? { chain_id, network, ok: false, reachable: false };
    return { name: `chain:${chain_id}`, ...chain };
  });
}

function toDescription({ config, key, wireUrl, zones }: AdminDeps) {
  return {
    node_id: key.nodeId,
    name: config.name,
    public_key: key.publicKeyHex,
    protocol_v: PROTOCOL_VERSION,
    wire: [wireUrl],
    chains: config.chains.map(({ chain_id, network, usdc, settlement, escrow }) => ({
      chain_id,
      network,
      usdc,
      settlement,
      ...(escrow !== undefined && { escrow }),
    })),
    zones: zones.queries.countZones(),
  };
}
