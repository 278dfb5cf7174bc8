import type { Counters } from "./base/counters.ts";
import type { Logger } from "./base/log.ts";
import { Pruner, type PruneTask } from "./base/pruner.ts";
import type { Config } from "./config/config.ts";
import type { EventLog } from "./events/event-log.ts";
import type { Payments } from "./payments/payments.ts";
import type { Replication } from "./replication/replication.ts";
import type { DirectMessages } from "./routing/direct-messages.ts";
import { pruneAudit } from "./store/admin/audit.ts";
import { forgetDashboardSessions } from "./store/admin/dashboard-sessions.ts";
import { ANSWERS_KEPT_SECS, forgetStoredAnswers } from "./store/admin/idempotency.ts";
import type { TokenUses } from "./store/admin/token-uses.ts";
import { forgetExpiredTokens } from "./store/admin/tokens.ts";
import type { Store, Write } from "./store/database.ts";
import { prepareReplicaRequestQueries } from "./store/replication/replica-requests.ts";
import { prepareRunReportQueries } from "./store/replication/run-reports.ts";
import { prepareOperatorBindingQueries } from "./store/zones/operator-bindings.ts";
import type { PeerQueries } from "./store/zones/peers.ts";
import { BINDING_KEPT_SECS } from "./trust/binding.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";
import type { ZoneService } from "./zone-service.ts";
import { purgeDeletedZones } from "./zones/hosting/deletion.ts";
import { pruneLogs } from "./zones/log/retention.ts";

/** Ids of messages are remembered so long; `docs/protocol.md` §5. */
const SEEN_MESSAGES_SECS = 600;
/** Invitations that admit nobody any more are listed for so long. */
const INVITES_KEPT_SECS = 30 * 86_400;

export interface HousekeepingDeps {
  readonly store: Store;
  readonly peers: PeerQueries;
  readonly zones: ZoneService;
  readonly direct: DirectMessages;
  readonly payments: Payments | undefined;
  readonly events: EventLog;
  readonly counters: Counters;
  readonly tokenUses: TokenUses;
  readonly webhooks: Pick<Webhooks, "prune">;
  readonly replication: Pick<Replication, "pruneCommits" | "pruneChunks" | "findPinnedSeq">;
  readonly config: Config;
  readonly log: Logger;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Begins to remove in the background what is no longer needed. */
export function startPruner(deps: HousekeepingDeps): Pruner {
  const { log, config } = deps;
  const intervalMs = config.store.prune_interval_ms;
  return new Pruner({ log, tasks: createPruneTasks(deps), intervalMs });
}

/** What is removed in the background, each task a slice at a time. */
function createPruneTasks(deps: HousekeepingDeps): readonly PruneTask[] {
  const { store, peers, zones, direct, payments, events, replication, config, now } = deps;
  const replicaRequests = prepareReplicaRequestQueries(store);
  const bindings = prepareOperatorBindingQueries(store);
  const runReports = prepareRunReportQueries(store);
  const inWrite = (name: string, prune: (write: Write) => boolean) => ({
    name,
    run: () => store.forget(prune),
  });
  let prunedTo: string | undefined;
  const prunePages = () => {
    prunedTo = pruneLogs({ ...zones, replication }, prunedTo);
    return prunedTo !== undefined;
  };
  return [
    inWrite("peers", (write) => peers.prune(write, now() - SEEN_MESSAGES_SECS, now())),
    inWrite("bound nodes", (write) => {
      const forgotten = peers.trimBound(write, config.wire.bound_nodes_max);
      if (forgotten > 0) deps.counters.add("wire.bound_nodes_max", forgotten);
      return forgotten > 0;
    }),
    inWrite("operator bindings", (write) => {
      const { bindings_max } = config.trust;
      return bindings.prune(write, now() - BINDING_KEPT_SECS, bindings_max) > 0;
    }),
    inWrite("invitations", (write) =>
      zones.invites.pruneInvites(write, now() - INVITES_KEPT_SECS, now()),
    ),
    inWrite("requests", (write) => zones.requests.pruneRequests(write, now())),
    inWrite("request records", (write) => replicaRequests.pruneReplicaRequests(write, now())),
    inWrite("reports of runs", (write) =>
      runReports.pruneRunReports(write, now() - config.zones.paid_answer_secs),
    ),
    inWrite("commits", (write) => replication.pruneCommits(write)),
    inWrite("snapshots", (write) => replication.pruneChunks(write)),
    inWrite("webhooks' deliveries", (write) => deps.webhooks.prune(write)),
    inWrite("direct messages", (write) => direct.prune(write)),
    inWrite("payments", (write) => payments?.forget(write) ?? false),
    inWrite("events", (write) => events.prune(write)),
    ...createAdminTasks(deps).map(({ name, prune }) => inWrite(name, prune)),
    inWrite("deleted zones", (write) => purgeDeletedZones(write, { ...zones, now })),
    { name: "zone logs", run: prunePages },
    inWrite("file", (write) => store.giveBack(write, config.store.free_bytes_kept)),
  ];
}

/** What of the operator's side is written and removed in the background. */
function createAdminTasks({ store, config, tokenUses, now }: HousekeepingDeps) {
  const { audit_entries_max: entriesMax, audit_kept_secs: keptSecs } = config.admin;
  return [
    {
      name: "tokens",
      prune: (write: Write) => {
        tokenUses.writeDue(write, now());
        forgetExpiredTokens(write, store, now());
        return false;
      },
    },
    {
      name: "dashboard sessions",
      prune: (write: Write) => {
        forgetDashboardSessions(write, store, config.admin.dashboard, now());
        return false;
      },
    },
    {
      name: "audit log",
      prune: (write: Write) => pruneAudit(write, store, { entriesMax, from: now() - keptSecs }),
    },
    {
      name: "kept answers",
      prune: (write: Write) => forgetStoredAnswers(write, store, now() - ANSWERS_KEPT_SECS),
    },
  ];
}
