import { resolve } from "node:path";
import type { Logger } from "../base/log.ts";
import { AddressGuard } from "../outbound/address-guard.ts";
import { CircuitBreaker } from "../outbound/circuit-breaker.ts";
import { HttpPoster } from "../outbound/http-post.ts";
import type {
  HandlerConfig,
  HandlersConfig,
  HttpHandlerConfig,
  ModuleHandlerConfig,
} from "./config.ts";
import { type ActionHandler, echoHandler } from "./handler.ts";
import { readHandlerSecret } from "./handler-secret.ts";
import { HttpHandler } from "./http-handler.ts";
import { ModuleHandler } from "./module-handler.ts";
import { ProviderHandler } from "./provider-handler.ts";
import type { ProviderPool } from "./provider-pool.ts";

/** What handlers need of the running steward. */
interface HandlerTableDeps {
  readonly pool: ProviderPool;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
}

/** The configured handlers, by zone and action; a zone's own entry wins over `*`. */
export class HandlerTable implements AsyncDisposable {
  private readonly config: HandlersConfig;
  private readonly baseDir: string;
  private readonly log: Logger;
  private readonly handlers = new Map<string, ActionHandler>();
  private readonly modules: ModuleHandler[] = [];
  private readonly breakers = new Map<string, CircuitBreaker>();
  private readonly poster = new HttpPoster();

  /** @param baseDir where relative paths of modules and secrets start */
  constructor(config: HandlersConfig, baseDir: string, log: Logger) {
    this.config = config;
    this.baseDir = baseDir;
    this.log = log;
  }

  /**
   * Creates the handlers and starts the child processes of modules.
   * @throws Error where a handler's secret cannot be read
   */
  start(deps: HandlerTableDeps): void {
    for (const [zone, actions] of Object.entries(this.config)) {
      for (const [action, handler] of Object.entries(actions)) {
        this.handlers.set(`${zone}:${action}`, this.create(handler, deps));
      }
    }
  }

  /** Finds who fulfils an action. */
  find(zoneId: string, action: string): ActionHandler | undefined {
    return this.handlers.get(`${zoneId}:${action}`) ?? this.handlers.get(`*:${action}`);
  }

  /** Ends every child process and connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.poster[Symbol.dispose]();
    await Promise.all(this.modules.map((module) => module[Symbol.asyncDispose]()));
  }

  private create(config: HandlerConfig, deps: HandlerTableDeps): ActionHandler {
    switch (config.type) {
      case "echo":
        return echoHandler;
      case "http":
        return this.createHttp(config, deps);
      case "module":
        return this.createModule(config);
      case "provider":
        return new ProviderHandler({
          pool: deps.pool,
          timeoutMs: config.timeout_ms,
          idempotent: config.idempotent,
          outstandingMax: config.outstanding_max,
        });
    }
  }

  private createHttp(
    config: HttpHandlerConfig,
    { nowMs, monotonicMs }: HandlerTableDeps,
  ): HttpHandler {
    const url = new URL(config.url);
    const breaker = this.breakers.get(url.host) ?? new CircuitBreaker(monotonicMs);
    this.breakers.set(url.host, breaker);
    return new HttpHandler({
      url,
      breaker,
      nowMs,
      timeoutMs: config.timeout_ms,
      secret: readHandlerSecret(config, this.baseDir, process.env),
      idempotent: config.idempotent,
      responseBytesMax: config.response_bytes_max,
      guard: new AddressGuard(config.allow_private),
      poster: this.poster,
    });
  }

  private createModule(config: ModuleHandlerConfig): ModuleHandler {
    const module = new ModuleHandler({
      path: resolve(this.baseDir, config.path),
      timeoutMs: config.timeout_ms,
      memoryMb: config.memory_mb,
      log: this.log,
    });
    this.modules.push(module);
    return module;
  }
}
