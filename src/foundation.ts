import { Counters } from "./base/counters.ts";
import type { DisposalStack } from "./base/disposal-stack.ts";
import type { Logger } from "./base/log.ts";
import type { SpanSink } from "./base/spans.ts";
import type { Config } from "./config/config.ts";
import type { DataDir } from "./data-dir.ts";
import { EventLog } from "./events/event-log.ts";
import { findMasterKey } from "./identity/master-key.ts";
import { loadOrCreateNodeKey, type NodeKey } from "./identity/node-key.ts";
import { SignatureVerifier } from "./identity/verify.ts";
import { Breakers } from "./outbound/breakers.ts";
import { SecondGate } from "./replication/gate/second-gate.ts";
import { SecretBox } from "./secrets/secret-box.ts";
import { LoopDelay } from "./session/loop-delay.ts";
import { Store } from "./store/database.ts";
import { type PeerQueries, preparePeerQueries } from "./store/zones/peers.ts";
import { Tracer } from "./tracing/tracer.ts";
import { readVersion } from "./version.ts";

/** The clocks a steward goes by, and what it does when its database fails. */
export interface FoundationOptions {
  /** Milliseconds since the epoch; tests control it. */
  readonly nowMs?: () => number;
  /** Milliseconds of a clock that nobody sets, by which limits count; that of `nowMs` where it is given. */
  readonly monotonicMs?: () => number;
  /** Called when the database can no longer be trusted; ends the process by default. */
  readonly onFatal?: (error: unknown) => void;
  /** The database is an older copy's: what was acknowledged since is forgotten; `docs/protocol.md` §9.7. */
  readonly isRestored?: boolean | undefined;
}

/** What every part of a steward stands on: settings, clocks, keys, the database. */
export interface Foundation {
  readonly config: Config;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly delay: LoopDelay;
  /** Unix seconds. */
  readonly now: () => number;
  readonly key: NodeKey;
  /** Signs the zones the operator creates here. */
  readonly creatorKey: NodeKey;
  /** Opens sealed key files; undefined where none is configured. */
  readonly masterKey: string | undefined;
  readonly store: Store;
  /** Seals what of the database nobody else may read. */
  readonly secretBox: SecretBox;
  /** What happened here, durably and in order. */
  readonly events: EventLog;
  /** Undefined where nothing is traced. */
  readonly spans: SpanSink | undefined;
  /** Passes on what zones with one steward say as the store does. */
  readonly gate: SecondGate;
  readonly peers: PeerQueries;
  readonly verifier: SignatureVerifier;
  readonly counters: Counters;
  /** Of everything that is posted to. */
  readonly breakers: Breakers;
  /** The database is an older copy's. */
  readonly isRestored: boolean;
}

/**
 * Opens the database, bringing it up to date, and the keys; makes what is missing.
 * @throws StartupError when the database or a key cannot be used
 */
export function openFoundation(
  { config, log, dataDir }: { config: Config; log: Logger; dataDir: DataDir },
  options: FoundationOptions,
  stack: DisposalStack,
): Foundation {
  const nowMs = options.nowMs ?? Date.now;
  const masterKey = findMasterKey(config.secrets, process.env);
  const counters = new Counters();
  const delay = stack.use(
    new LoopDelay(config.limits, () => counters.add("limits.stall_allowance_secs")),
  );
  const store = stack.use(openStore(dataDir.database, config, log, options.onFatal));
  const isRestored = options.isRestored === true;
  const events = stack.use(new EventLog({ store, nowMs, config, isRestored }));
  const { gate_frames_per_zone: framesMax, gate_bytes_per_zone: bytesMax } = config.replication;
  const limits = { framesMax, bytesMax };
  const now = () => Math.floor(nowMs() / 1000);
  const { secrets } = config;
  const sources = { secrets, environment: process.env, ownFile: dataDir.secretsKey };
  const monotonicMs = options.monotonicMs ?? options.nowMs ?? (() => performance.now());
  const key = loadOrCreateNodeKey(dataDir.nodeKey, masterKey);
  return {
    config,
    log,
    nowMs,
    monotonicMs,
    delay,
    now,
    key,
    creatorKey: loadOrCreateNodeKey(dataDir.creatorKey, masterKey),
    masterKey,
    store,
    secretBox: SecretBox.open({ store, now, sources }),
    events,
    spans: openTracer({ config, log, counters, key }, stack),
    gate: stack.use(new SecondGate({ store, monotonicMs, log, limits })),
    peers: preparePeerQueries(store),
    verifier: new SignatureVerifier(),
    counters,
    breakers: new Breakers(monotonicMs),
    isRestored,
  };
}

function openTracer(
  { config, log, counters, key }: Pick<Foundation, "config" | "log" | "counters" | "key">,
  stack: DisposalStack,
): Tracer | undefined {
  const { otlp_url } = config.tracing;
  if (otlp_url === undefined) return undefined;
  const resource = { version: readVersion(), nodeId: key.nodeId };
  const tracing = { ...config.tracing, otlp_url };
  return stack.use(
    new Tracer({ config: tracing, resource, log, counters, environment: process.env }),
  );
}

function openStore(
  file: string,
  config: Config,
  log: Logger,
  onFatal: (error: unknown) => void = () => process.exit(1),
): Store {
  const store = Store.open(file, {
    onFatal: (error) => {
      log.fatal({ err: error }, "the database failed; the steward stops");
      onFatal(error);
    },
    onEffectError: (error) => log.error({ err: error }, "an effect failed"),
  });
  if (!store.makeShrinkable(config.store.rewrite_at_start_bytes_max)) {
    log.warn(
      { key: "store.rewrite_at_start_bytes_max" },
      "the database file of an earlier version does not shrink; docs/operations.md, Files, says how it can",
    );
  }
  return store;
}
