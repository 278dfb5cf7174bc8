import type { Hex } from "viem";
import { createAdminApp } from "./admin/app.ts";
import { findAlarms, logWarnings } from "./admin/routes/health.ts";
import { createStartingApp } from "./admin/starting.ts";
import { Backups } from "./backup/backups.ts";
import { DisposalStack } from "./base/disposal-stack.ts";
import { createLogger, type Logger } from "./base/log.ts";
import type { Config } from "./config/config.ts";
import { type DataDir, openDataDir } from "./data-dir.ts";
import { drain } from "./drain.ts";
import { AlarmWatch } from "./events/alarm-watch.ts";
import { EventFeed } from "./events/feed.ts";
import { type Foundation, type FoundationOptions, openFoundation } from "./foundation.ts";
import { startPruner } from "./housekeeping.ts";
import { listenHttp, toWireUrl } from "./http-server.ts";
import type { NodeKey } from "./identity/node-key.ts";
import { loadOrCreateWalletKey } from "./identity/wallet-key.ts";
import { connectPayments, type PaymentConnection, type Payments } from "./payments/payments.ts";
import type { RequestKey } from "./payments/port.ts";
import { type ReloadOutcome, reloadConfig } from "./reload.ts";
import { ReplicaOperator } from "./replication/operator.ts";
import { Replication } from "./replication/replication.ts";
import { openRequestService, type RequestServiceOptions } from "./request-service.ts";
import { createPaymentHooks } from "./requests/payment-hooks.ts";
import { toReportedOutcome } from "./requests/run-outcome.ts";
import type { Sessions } from "./session/sessions.ts";
import { markCutOff } from "./store/admin/audit.ts";
import { TokenUses } from "./store/admin/token-uses.ts";
import { ensureFirstToken } from "./store/admin/tokens.ts";
import { prepareOpenOfZone } from "./store/payments/open-of-zone.ts";
import { traceSettlements } from "./tracing/settlement-spans.ts";
import { openTrust } from "./trust/trust.ts";
import { TrustWatch } from "./trust/trust-watch.ts";
import { TwinWatch } from "./twin-watch.ts";
import { readVersion } from "./version.ts";
import { Webhooks } from "./webhooks/webhooks.ts";
import type { AtlasMessage } from "./wire/messages.ts";
import type { StewardBody } from "./wire/zone-replies.ts";
import { createSessions, serveWire } from "./wire-service.ts";
import { createRegistration } from "./zone-registration.ts";
import { createZoneService, type ZoneService } from "./zone-service.ts";

/** What a steward may be given beside its configuration. */
export interface StewardOptions extends FoundationOptions {
  readonly log?: Logger;
  /** Reads the configuration again, from where it came. Throws ConfigError. */
  readonly readConfig?: () => Config;
  /** Ports tried, in this order, where the configured one is taken. */
  readonly nextPorts?: readonly number[] | undefined;
}

/** A running steward. */
export interface Steward extends AsyncDisposable {
  readonly nodeId: string;
  /** `http://host:port`, with the port that was bound. */
  readonly httpUrl: string;
  readonly wireUrl: string;
  /** The first admin token, where this start made it. */
  readonly firstToken: string | undefined;
  /** Settles payments and pays their gas; undefined without a chain. */
  readonly walletAddress: Hex | undefined;
  readonly zones: ZoneService;
  /** Signs the zones the operator creates here. */
  readonly creatorKey: NodeKey;
  /** Puts into force what can be of the configuration as it is now; undefined where nobody can read it. */
  readonly reload: (() => ReloadOutcome) | undefined;
  /** Waits until no run is under way and everything written is durable. */
  idle(): Promise<void>;
}

/**
 * Builds and starts a steward: the only place that joins its parts, each from those before it.
 * Disposing it stops listeners, drains sessions, then stops workers and closes the database.
 * @throws Error when the data directory is in use, the port is taken, or a key file is unsafe
 */
export async function createSteward(
  config: Config,
  options: StewardOptions = {},
): Promise<Steward> {
  await using stack = new DisposalStack();
  const { log = createLogger(config.log.level), nextPorts } = options;
  const dataDir = stack.use(openDataDir(config.data_dir));
  // Before the database is touched: where the port is taken, it stays what the last version left.
  const listener = stack.use(
    await listenHttp(createStartingApp({ log }), { ...config.http, nextPorts }),
  );
  const wireUrl = toWireUrl(config.http.public_url, listener.authority, config.wire.path);
  const foundation = openFoundation({ config, log, dataDir }, options, stack);
  const trust = stack.use(openTrust(foundation));
  const sessions = createSessions(foundation, trust.operators);
  const feed = stack.use(new EventFeed(foundation));
  const domain = await openDomain(foundation, { dataDir, sessions, wireUrl }, stack);
  const { zones, payments, replication } = domain;
  const { server } = listener;
  const twins = stack.use(new TwinWatch(foundation));
  const noteSession = (nodeId: string): void => twins.noteSession(nodeId);
  const parts = {
    sessions,
    zones,
    replication,
    server,
    wireUrl,
    noteSession,
    present: feed.present,
  };
  const wire = serveWire(foundation, parts);
  const draining = new AbortController();
  draining.signal.addEventListener("abort", () => feed.end());
  const operator = stack.use(
    new ReplicaOperator({ ...foundation, ...zones, replication, dataDir, wireUrl }),
  );
  const { readConfig } = options;
  const reload = readConfig && (() => reloadConfig({ ...foundation, ...zones, readConfig }));
  const about = {
    version: readVersion(),
    node_id: foundation.key.nodeId,
    wallet: payments?.walletAddress ?? null,
  };
  const backups = new Backups({ ...foundation, config: config.backup, dataDir, about });
  const webhooks = stack.use(
    new Webhooks({
      ...foundation,
      config: config.webhooks,
      nodeId: foundation.key.nodeId,
      version: about.version,
    }),
  );
  const admin = {
    ...foundation,
    ...domain,
    operator,
    ...wire,
    ...{ backups, twins, trust, webhooks, feed },
    findOpenOf: prepareOpenOfZone(foundation.store),
    sessions,
    wireUrl,
    reload,
    tokenUses: new TokenUses(foundation.store),
    draining: draining.signal,
  };
  stack.defer(() => drain({ ...admin, listener }, draining));
  stack.use(backups);
  stack.use(startPruner(admin));
  const alarms = stack.use(new AlarmWatch({ ...foundation, find: () => findAlarms(admin) }));
  stack.use(new TrustWatch({ ...trust, sessions, log, config: config.trust }));
  foundation.store.write((write) => markCutOff(write, foundation.store));
  listener.serve(createAdminApp(admin));

  // Once nothing can fail any more: it is shown only once.
  const firstToken = ensureFirstToken(foundation.store, foundation.now());
  replication.start();
  zones.runner.resume();
  payments?.resume();
  await backups.start();
  twins.start();
  const { spans } = foundation;
  if (spans !== undefined) stack.defer(traceSettlements({ ...foundation, spans }));
  webhooks.start();
  logWarnings(admin);
  alarms.start();
  const owned = stack.move();
  return {
    nodeId: foundation.key.nodeId,
    httpUrl: `http://${listener.authority}`,
    wireUrl,
    firstToken,
    walletAddress: payments?.walletAddress,
    zones,
    creatorKey: foundation.creatorKey,
    reload,
    idle: async () => {
      await zones.runner.drain(60_000);
      await foundation.store.committed();
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** Payments, and the zones with the requests that they are for. */
interface Domain {
  readonly payments: Payments | undefined;
  readonly zones: ZoneService;
  readonly replication: Replication;
}

/** Builds what is between wire and database; nothing begins to work before `resume`. */
async function openDomain(
  foundation: Foundation,
  { dataDir, sessions, wireUrl }: { dataDir: DataDir; sessions: Sessions; wireUrl: string },
  stack: DisposalStack,
): Promise<Domain> {
  const pushHere = (nodeId: string, body: StewardBody, replyTo: string | undefined) => {
    sessions.push(nodeId, body, replyTo);
  };
  const forwardHere = (nodeId: string, message: AtlasMessage) => sessions.forward(nodeId, message);
  // Nothing is pushed before the parts are joined.
  const joined: { replication?: Replication } = {};
  const push = (to: RequestKey, body: StewardBody, replyTo?: string): void => {
    joined.replication?.forwarding.push(to, body, replyTo);
  };
  const connection = await connectChains(foundation, dataDir);
  if (connection !== undefined) stack.use(connection);
  const records = connection?.records;
  const report: RequestServiceOptions["report"] = (...run) => joined.replication?.runs.note(...run);
  const service = await openRequestService({ ...foundation, records, push, report }, stack);
  const payments = connection?.open(createPaymentHooks({ ...foundation, ...service, push }));
  if (payments !== undefined) stack.use(payments);
  const onEnvelope = createRegistration(foundation.config, payments);
  const hostLimits = foundation.config.zones;
  const { runner } = service;
  const replication = stack.use(
    new Replication({
      ...{ ...foundation, ...service, hostLimits, onEnvelope, pushHere, forwardHere },
      runs: {
        takeReport: (write, row, said) => runner.takeReport(write, row, toReportedOutcome(said)),
        takeOutcome: (...run) => runner.takeReport(...run),
      },
    }),
  );
  joined.replication = replication;
  const { adoption } = replication;
  const common = { ...foundation, ...service, payments, wireUrl, onEnvelope };
  const zones = createZoneService({ ...common, adoption });
  replication.open(zones);
  return { payments, zones, replication };
}

/** Reaches the configured chains; undefined where there are none, so that no wallet is made. */
async function connectChains(
  foundation: Foundation,
  dataDir: DataDir,
): Promise<PaymentConnection | undefined> {
  const { config, key, masterKey } = foundation;
  if (config.chains.length === 0) return undefined;
  return connectPayments({
    ...foundation,
    identity: key,
    chains: config.chains,
    payments: config.payments,
    walletKey: loadOrCreateWalletKey(dataDir.walletKey, masterKey),
  });
}
