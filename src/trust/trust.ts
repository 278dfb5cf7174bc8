import type { Logger } from "../base/log.ts";
import type { Store } from "../store/database.ts";
import { prepareOperatorBindingQueries } from "../store/zones/operator-bindings.ts";
import { listRegistryUrls, type TrustConfig } from "./config.ts";
import { FidRegistry } from "./fid-registry.ts";
import { OperatorTrust } from "./operator-trust.ts";

export interface TrustDeps {
  readonly config: {
    readonly trust: TrustConfig;
    readonly chains: readonly { readonly chain_id: number; readonly rpc_urls: readonly string[] }[];
    readonly http: { readonly public_url?: string | undefined };
    readonly wire: { readonly handshake_timeout_ms: number; readonly max_clock_drift_secs: number };
  };
  readonly store: Store;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

/** Operators of nodes, and what was asked about them. */
export interface Trust extends Disposable {
  readonly operators: OperatorTrust;
}

/** Makes what judges operator bindings; asks nobody before the first of them. */
export function openTrust(deps: TrustDeps): Trust {
  const { config, store, log, nowMs } = deps;
  const registry = createRegistry(deps);
  const operators = new OperatorTrust({
    ...{ config: config.trust, store, registry, nowMs, log },
    bindings: prepareOperatorBindingQueries(store),
    domain: findDomain(config),
    maxClockDriftSecs: config.wire.max_clock_drift_secs,
  });
  return { operators, [Symbol.dispose]: () => registry?.[Symbol.dispose]() };
}

/** What messages must be signed for, lower case; undefined: for the authority that was dialled. */
export function findDomain({ trust, http }: Pick<TrustDeps["config"], "trust" | "http">) {
  const url = http.public_url === undefined ? undefined : new URL(http.public_url);
  return (trust.domain ?? url?.host)?.toLowerCase();
}

function createRegistry({ config, log, monotonicMs }: TrustDeps): FidRegistry | undefined {
  const { fid_registry: registry, lookup_timeout_ms: waitMs } = config.trust;
  if (registry === undefined) return undefined;
  // The handshake has to end in time whatever the registry does.
  const lookup_timeout_ms = Math.min(waitMs, Math.ceil(config.wire.handshake_timeout_ms / 2));
  const urls = listRegistryUrls(config);
  return new FidRegistry({
    ...{ registry, urls, log, monotonicMs },
    config: { ...config.trust, lookup_timeout_ms },
  });
}
