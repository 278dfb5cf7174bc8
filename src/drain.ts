import type { Config } from "./config/config.ts";
import type { HttpListener } from "./http-server.ts";
import type { Sessions } from "./session/sessions.ts";
import type { TokenUses } from "./store/admin/token-uses.ts";
import type { Store } from "./store/database.ts";
import type { WireService } from "./wire-service.ts";
import type { ZoneService } from "./zone-service.ts";

/** What stops taking work. */
export interface DrainParts extends Pick<WireService, "transport"> {
  readonly config: Config;
  readonly store: Store;
  readonly zones: ZoneService;
  readonly sessions: Sessions;
  readonly listener: HttpListener;
  readonly tokenUses: TokenUses;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Stops taking work and lets what is under way end, at most for `wire.shutdown_timeout_ms`: readiness fails
 * first, no connection is taken and no run begins any more, runs and HTTP requests under way are answered, what
 * is answered is durable and sent. The database is still open when this returns.
 */
export async function drain(parts: DrainParts, draining: AbortController): Promise<void> {
  const { config, store, zones, sessions, transport, listener, tokenUses, now } = parts;
  const timeoutMs = config.wire.shutdown_timeout_ms;
  draining.abort();
  zones.runner.close();
  await transport[Symbol.asyncDispose]();
  await store.committed();
  // Until its last request is answered the listener goes on: readiness is to be seen failing.
  await Promise.all([zones.runner.drain(timeoutMs), listener.idle(timeoutMs)]);
  await store.committed();
  sessions.disconnectAll("server_shutdown");
  await store.committed();
  await listener[Symbol.asyncDispose]();
  store.write((write) => tokenUses.write(write, now()));
}
