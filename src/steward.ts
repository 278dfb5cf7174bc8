import type { Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { HandlerTable } from "./actions/action-table.ts";
import { type AdminDeps, createAdminApp } from "./admin/app.ts";
import { toWarningDeps } from "./admin/routes/health.ts";
import { findWarnings } from "./admin/warnings.ts";
import { Counters } from "./base/counters.ts";
import { DisposalStack } from "./base/disposal-stack.ts";
import { createLogger, type Logger } from "./base/log.ts";
import { Pruner } from "./base/pruner.ts";
import type { Config } from "./config/config.ts";
import { openDataDir } from "./data-dir.ts";
import { createPruneTasks } from "./housekeeping.ts";
import { listenHttp, toWireUrl } from "./http-server.ts";
import { loadOrCreateNodeKey, type NodeKey } from "./identity/node-key.ts";
import { SignatureVerifier } from "./identity/verify.ts";
import { loadOrCreateWalletKey } from "./identity/wallet-key.ts";
import { type Payments, startPayments } from "./payments/payments.ts";
import { createPaymentHooks } from "./requests/payment-hooks.ts";
import { AnswerRoom } from "./routing/answer-room.ts";
import { DirectMessages } from "./routing/direct-messages.ts";
import { routeMessage } from "./routing/router.ts";
import { LoopDelay } from "./session/loop-delay.ts";
import { Sessions } from "./session/sessions.ts";
import { ensureFirstToken } from "./store/admin/tokens.ts";
import { Store } from "./store/database.ts";
import { createDirectMessageQueries } from "./store/zones/direct-messages.ts";
import { createPeerQueries, type PeerQueries } from "./store/zones/peers.ts";
import { createAddressExemption, createClientAddressResolver } from "./transport/client-address.ts";
import { WebSocketTransport } from "./transport/websocket.ts";
import { createAuthorityCheck } from "./wire/authority.ts";
import { createZoneHandlers, createZoneService, type ZoneService } from "./zone-service.ts";

/** What a steward may be given beside its configuration. */
export interface StewardOptions {
  /** Milliseconds since the epoch; tests control it. */
  readonly nowMs?: () => number;
  /** Milliseconds of a clock that nobody sets, by which limits count; that of `nowMs` where it is given. */
  readonly monotonicMs?: () => number;
  readonly log?: Logger;
  /** Ports tried, in this order, where the configured one is taken. */
  readonly nextPorts?: readonly number[] | undefined;
  /** Called when the database can no longer be trusted; ends the process by default. */
  readonly onFatal?: (error: unknown) => void;
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
  /** Waits until no run is under way and everything written is durable. */
  idle(): Promise<void>;
}

interface Core {
  readonly config: Config;
  readonly nextPorts: readonly number[] | undefined;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly delay: LoopDelay;
  /** Unix seconds. */
  readonly now: () => number;
  readonly walletKeyPath: string;
  readonly key: NodeKey;
  readonly creatorKey: NodeKey;
  readonly store: Store;
  readonly peers: PeerQueries;
  readonly verifier: SignatureVerifier;
  readonly counters: Counters;
}

/** Parts that refer to each other; each is set before anything can reach it. */
interface Parts {
  payments?: Payments;
  walletAddress: Hex | undefined;
  sessions?: Sessions;
  direct?: DirectMessages;
  wireUrl: string;
  draining: boolean;
}

/**
 * Builds and starts a steward: the only place that joins its parts. Disposing it stops listeners,
 * drains sessions, then stops workers and closes the database.
 * @throws Error when the data directory is in use, a key file is unsafe, or the port is taken
 */
export async function createSteward(
  config: Config,
  options: StewardOptions = {},
): Promise<Steward> {
  await using stack = new DisposalStack();
  const core = openCore(config, options, stack);
  const parts: Parts = { walletAddress: undefined, wireUrl: "", draining: false };
  const zones = buildZones(core, parts, stack);
  if (config.chains.length > 0) parts.payments = stack.use(await buildPayments(core, zones, parts));
  const sessions = buildSessions(core, zones, parts);
  parts.sessions = sessions;
  const httpUrl = await serve(core, zones, sessions, parts, stack);
  // Once nothing can fail any more: it is shown only once.
  const firstToken = ensureFirstToken(core.store, core.now());
  zones.runner.resume();
  parts.payments?.resume();
  logWarnings(core, zones, parts);
  const owned = stack.move();
  return {
    nodeId: core.key.nodeId,
    httpUrl,
    wireUrl: parts.wireUrl,
    firstToken,
    walletAddress: parts.walletAddress,
    zones,
    creatorKey: core.creatorKey,
    idle: async () => {
      await zones.runner.drain(60_000);
      await core.store.committed();
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** What would be found only when it is missed is said at the start. */
function logWarnings({ config, log }: Core, zones: ZoneService, parts: Parts): void {
  const deps = toWarningDeps({ config, zones, payments: () => parts.payments });
  for (const { key, what, remedy } of findWarnings(deps)) {
    log.warn({ key, remedy }, what);
  }
}

function openCore(config: Config, options: StewardOptions, stack: DisposalStack): Core {
  const log = options.log ?? createLogger(config.log.level);
  const nowMs = options.nowMs ?? Date.now;
  const monotonicMs = options.monotonicMs ?? options.nowMs ?? (() => performance.now());
  const counters = new Counters();
  const delay = stack.use(
    new LoopDelay(config.limits.stall_allowance_secs * 1000, () =>
      counters.add("limits.stall_allowance_secs"),
    ),
  );
  const dataDir = stack.use(openDataDir(config.data_dir));
  const onFatal = options.onFatal ?? (() => process.exit(1));
  const store = stack.use(
    Store.open(dataDir.database, {
      onFatal: (error) => {
        log.fatal({ err: error }, "the database failed; the steward stops");
        onFatal(error);
      },
      onEffectError: (error) => log.error({ err: error }, "an effect failed"),
    }),
  );
  if (!store.makeShrinkable(config.store.rewrite_at_start_bytes_max)) {
    log.warn(
      { key: "store.rewrite_at_start_bytes_max" },
      "the database file of an earlier version does not shrink; docs/operations.md, Files, says how it can",
    );
  }
  const core: Core = {
    config,
    nextPorts: options.nextPorts,
    log,
    nowMs,
    monotonicMs,
    delay,
    now: () => Math.floor(nowMs() / 1000),
    walletKeyPath: dataDir.walletKey,
    key: loadOrCreateNodeKey(dataDir.nodeKey),
    creatorKey: loadOrCreateNodeKey(dataDir.creatorKey),
    store,
    peers: createPeerQueries(store),
    verifier: new SignatureVerifier(),
    counters,
  };
  return core;
}

function buildZones(core: Core, parts: Parts, stack: DisposalStack): ZoneService {
  const { config, log, store, verifier, nowMs, monotonicMs, delay, key } = core;
  const zones = createZoneService({
    store,
    verifier,
    key,
    nowMs,
    monotonicMs,
    delay,
    config: config.zones,
    messagesPerMinute: config.limits.zone.messages_per_minute,
    actionHandlers: stack.use(new HandlerTable(config.handlers, config.baseDir, log)),
    payments: () => parts.payments,
    push: (nodeId, body, replyTo) => parts.sessions?.push(nodeId, body, replyTo),
    wireUrls: () => [parts.wireUrl],
    log,
    counters: core.counters,
    onEnvelope: (manifest, { epoch, hash }) => {
      if (!config.zones.register_on_chain) return;
      const { id: zoneId, chain_id: chainId, creator, creator_fee_bps: creatorFeeBps } = manifest;
      if (!config.chains.some((chain) => chain.chain_id === chainId)) return;
      const wallet = creator.wallet === undefined ? {} : { creator: creator.wallet };
      const zone = { zoneId, chainId, creatorFeeBps, epoch, envelopeHash: hash, ...wallet };
      parts.payments?.registerZone(zone);
    },
  });
  stack.use(zones.runner);
  stack.defer(() => zones.waiters.clear());
  return zones;
}

function buildPayments(core: Core, zones: ZoneService, parts: Parts): Promise<Payments> {
  const { config, log, store, now, key } = core;
  const walletKey = loadOrCreateWalletKey(core.walletKeyPath);
  parts.walletAddress = privateKeyToAccount(walletKey).address;
  return startPayments({
    store,
    log,
    counters: core.counters,
    now,
    identity: { nodeId: key.nodeId, sign: (content) => key.sign(content) },
    chains: config.chains,
    payments: config.payments,
    walletKey,
    hooks: {
      ...createPaymentHooks(zones, log),
      onEscrow: ({ nodeId }, news) => store.gate(() => parts.sessions?.push(nodeId, news)),
    },
  });
}

function buildSessions(core: Core, zones: ZoneService, parts: Parts): Sessions {
  const { config, log, store, peers, now, key, verifier } = core;
  const maxClockDriftSecs = config.wire.max_clock_drift_secs;
  const { public_url } = config.http;
  const isOwnAuthority = public_url === undefined ? undefined : createAuthorityCheck(public_url);
  const direct = new DirectMessages({
    store,
    queries: createDirectMessageQueries(store),
    now,
    counters: core.counters,
    limits: config.zones,
    forward: (nodeId, message) => sessions.forward(nodeId, message),
    isOnline: (nodeId) => sessions.isOnline(nodeId),
    backlogOf: (nodeId) => sessions.backlogOf(nodeId),
  });
  parts.direct = direct;
  const sessions: Sessions = new Sessions({
    config: config.wire,
    limits: config.limits,
    handshake: { key, name: config.name, verifier, now, maxClockDriftSecs, isOwnAuthority },
    log,
    nowMs: core.nowMs,
    monotonicMs: core.monotonicMs,
    delay: core.delay,
    counters: core.counters,
    isExempt: createAddressExemption(config.http.trusted_proxies),
    store,
    peers,
    onOpen: (session, peer) => {
      const deliver = session.deliver.bind(session);
      const outlet = { id: session.id, nodeId: peer.nodeId, deliver };
      // What this turn delivers to its zones already precedes the session's VerifyAck.
      store.gate(() => {
        if (session.peer === undefined) return;
        zones.rooms.open(outlet, zones.queries.zonesOfMember(peer.nodeId));
      });
      // After the VerifyAck, which is queued once this returns.
      process.nextTick(() => store.gate(() => direct.deliverWaiting(peer.nodeId)));
    },
    onAck: (peer, messageId) => direct.acknowledge(peer.nodeId, messageId),
    onMessage: (session, peer, envelope) => routeMessage(router, session, peer, envelope),
    onClosed: (session, peer) => {
      zones.rooms.close(session.id);
      if (!sessions.isOnline(peer.nodeId)) direct.forget(peer.nodeId);
    },
  });
  const router = {
    store,
    peers,
    sessions: () => sessions,
    handlers: createZoneHandlers(zones),
    answers: new AnswerRoom({
      counters: core.counters,
      backlogBytesMax: config.wire.backlog_bytes_max,
    }),
    direct,
    ownNodeId: key.nodeId,
    now,
    maxClockDriftSecs,
    log,
  };
  return sessions;
}

async function serve(
  core: Core,
  zones: ZoneService,
  sessions: Sessions,
  parts: Parts,
  stack: DisposalStack,
): Promise<string> {
  const { config, store } = core;
  const { http, wire } = config;
  const deps: AdminDeps = {
    ...core,
    zones,
    sessions,
    payments: () => parts.payments,
    wireUrl: () => parts.wireUrl,
    isDraining: () => parts.draining,
  };
  const listener = stack.use(
    await listenHttp(createAdminApp(deps), { ...http, nextPorts: core.nextPorts }),
  );
  parts.wireUrl = toWireUrl(http.public_url, listener.authority, wire.path);
  const transport = new WebSocketTransport({
    server: listener.server,
    path: wire.path,
    resolveAddress: createClientAddressResolver(http.trusted_proxies),
    urls: () => [parts.wireUrl],
    onConnection: (connection) => sessions.accept(connection),
    inboundBytesMax: wire.inbound_total_bytes_max,
  });
  const pruner = startPruner(core, zones, parts);
  stack.defer(async () => {
    parts.draining = true;
    pruner?.[Symbol.dispose]();
    await transport[Symbol.asyncDispose]();
    await zones.runner.drain(wire.shutdown_timeout_ms);
    await store.committed();
    sessions.disconnectAll("server_shutdown");
    await store.committed();
  });
  return `http://${listener.authority}`;
}

function startPruner(core: Core, zones: ZoneService, parts: Parts): Pruner | undefined {
  const { store, peers, now, log, config } = core;
  const { direct } = parts;
  if (direct === undefined) return undefined;
  const tasks = createPruneTasks({
    store,
    peers,
    zones,
    direct,
    payments: () => parts.payments,
    counters: core.counters,
    boundNodesMax: config.wire.bound_nodes_max,
    freeBytesKept: config.store.free_bytes_kept,
    now,
  });
  return new Pruner({ log, tasks, intervalMs: config.store.prune_interval_ms });
}
