import { resolve } from "node:path";
import type { Logger } from "../base/log.ts";
import { AddressGuard } from "../outbound/address-guard.ts";
import type { Breakers } from "../outbound/breakers.ts";
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
export interface ActionTableDeps {
  readonly log: Logger;
  readonly pool: ProviderPool;
  readonly nowMs: () => number;
  /** Those of the hosts that actions post to are named by host and port. */
  readonly breakers: Breakers;
}

/** The configured handlers, by zone and action; a zone's own entry wins over `*`. */
export class ActionTable implements AsyncDisposable {
  private readonly baseDir: string;
  private readonly deps: ActionTableDeps;
  private handlers: ReadonlyMap<string, ActionHandler> = new Map();
  /** Those in use, and those that still have runs. */
  private readonly modules = new Set<ModuleHandler>();
  private readonly poster = new HttpPoster();

  private constructor(baseDir: string, deps: ActionTableDeps) {
    this.baseDir = baseDir;
    this.deps = deps;
  }

  /**
   * Creates the handlers and starts the child processes of modules.
   * @param config its relative paths of modules and secrets start at `baseDir`
   * @throws Error where a handler's secret cannot be read; no process is left then
   */
  static async open(
    config: HandlersConfig,
    baseDir: string,
    deps: ActionTableDeps,
  ): Promise<ActionTable> {
    const table = new ActionTable(baseDir, deps);
    try {
      table.handlers = table.createAll(config);
      return table;
    } catch (error) {
      await table[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Replaces all handlers by others; runs under way end with those they began with. Secrets and modules are
   * read anew.
   * @throws Error where a handler's secret cannot be read; nothing is replaced then
   */
  replace(config: HandlersConfig): void {
    const before = new Set(this.modules);
    try {
      this.handlers = this.createAll(config);
    } catch (error) {
      for (const module of this.modules) if (!before.has(module)) this.retire(module);
      throw error;
    }
    for (const module of before) this.retire(module);
  }

  /** Ends a module's process once its runs have ended. */
  private retire(module: ModuleHandler): void {
    module.onIdle(() => {
      this.modules.delete(module);
      void module[Symbol.asyncDispose]();
    });
  }

  private createAll(config: HandlersConfig): Map<string, ActionHandler> {
    const entries = Object.entries(config).flatMap(([zone, actions]) =>
      Object.entries(actions).map(([action, handler]) => [`${zone}:${action}`, handler] as const),
    );
    return new Map(entries.map(([name, handler]) => [name, this.create(handler)]));
  }

  /** Finds who fulfils an action. */
  find(zoneId: string, action: string): ActionHandler | undefined {
    return this.handlers.get(`${zoneId}:${action}`) ?? this.handlers.get(`*:${action}`);
  }

  /** Ends every child process and connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.poster[Symbol.dispose]();
    await Promise.all([...this.modules].map((module) => module[Symbol.asyncDispose]()));
  }

  private create(config: HandlerConfig): ActionHandler {
    switch (config.type) {
      case "echo":
        return echoHandler;
      case "http":
        return this.createHttp(config);
      case "module":
        return this.createModule(config);
      case "provider":
        return new ProviderHandler({
          pool: this.deps.pool,
          timeoutMs: config.timeout_ms,
          idempotent: config.idempotent,
          outstandingMax: config.outstanding_max,
        });
    }
  }

  private createHttp(config: HttpHandlerConfig): HttpHandler {
    const { nowMs, breakers } = this.deps;
    const url = new URL(config.url);
    const breaker = breakers.get(url.host);
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
      log: this.deps.log,
    });
    this.modules.add(module);
    return module;
  }
}
