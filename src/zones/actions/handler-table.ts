import { resolve } from "node:path";
import type { Logger } from "../../log.ts";
import type { HandlerConfig, HandlersConfig } from "./config.ts";
import { type ActionHandler, echoHandler } from "./handler.ts";
import { ModuleHandler } from "./module-handler.ts";

/** The configured handlers, by zone and action; a zone's own entry wins over `*`. */
export class HandlerTable implements AsyncDisposable {
  private readonly handlers = new Map<string, ActionHandler>();
  private readonly modules: ModuleHandler[] = [];
  private readonly log: Logger;

  /** @param baseDir where relative module paths start */
  constructor(config: HandlersConfig, baseDir: string, log: Logger) {
    this.log = log;
    for (const [zone, actions] of Object.entries(config)) {
      for (const [action, handler] of Object.entries(actions)) {
        this.handlers.set(`${zone}:${action}`, this.create(handler, baseDir));
      }
    }
  }

  /** Finds who fulfils an action. */
  find(zoneId: string, action: string): ActionHandler | undefined {
    return this.handlers.get(`${zoneId}:${action}`) ?? this.handlers.get(`*:${action}`);
  }

  /** Ends every child process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.modules.map((module) => module[Symbol.asyncDispose]()));
  }

  private create(config: HandlerConfig, baseDir: string): ActionHandler {
    if (config.type === "echo") return echoHandler;
    const module = new ModuleHandler({
      path: resolve(baseDir, config.path),
      timeoutMs: config.timeout_ms,
      memoryMb: config.memory_mb,
      log: this.log,
    });
    this.modules.push(module);
    return module;
  }
}
