import { StewardError } from "../../../errors.ts";
import type { Asker } from "../../http/audit.ts";
import type { ParamName } from "../../http/params.ts";
import type { Route } from "../../http/route.ts";
import { type Answered, type RunDeps, runRoute } from "../../http/run.ts";
import { type Given, parseCall } from "../../http/serve.ts";
import type { Visit } from "./visits.ts";

/** What an operation of `/v1` is asked with. */
export interface Ask {
  readonly params?: Readonly<Partial<Record<ParamName, string>>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly ifMatch?: string;
  /** Idempotency-Key. */
  readonly key?: string;
}

/** Calls operations of `/v1` as whoever is logged in: the same routes, checks and audit log. */
export class Caller {
  private readonly deps: RunDeps;
  private readonly routes: ReadonlyMap<string, Route>;
  private readonly visit: Visit;
  private readonly asker: Asker;

  constructor(
    deps: RunDeps,
    routes: ReadonlyMap<string, Route>,
    who: { readonly visit: Visit; readonly asker: Asker },
  ) {
    this.deps = deps;
    this.routes = routes;
    this.visit = who.visit;
    this.asker = who.asker;
  }

  /**
   * Reads an operation's body, in the form that its route documents.
   * @throws StewardError as the API answers, `forbidden` for what the token may not read
   */
  async read<Body>(operation: string, ask: Ask = {}): Promise<Body> {
    const { reply } = await this.run(operation, ask);
    return reply.body as Body;
  }

  /**
   * Reads what may not be there, or may not be read; then undefined.
   * @throws StewardError of any other kind
   */
  async find<Body>(operation: string, ask: Ask = {}): Promise<Body | undefined> {
    try {
      return await this.read<Body>(operation, ask);
    } catch (error) {
      const isMissing =
        error instanceof StewardError && ["not_found", "forbidden"].includes(String(error.code));
      if (isMissing) return undefined;
      throw error;
    }
  }

  /**
   * Does what an operation does.
   * @throws StewardError as the API answers
   */
  async run(operation: string, ask: Ask): Promise<Answered> {
    const route = this.getRoute(operation);
    return await runRoute(
      this.deps,
      route,
      await parseCall(this.deps, route, this.toGiven(route, ask)),
    );
  }

  /** The row of an operation. */
  getRoute(operation: string): Route {
    const route = this.routes.get(operation);
    if (route === undefined) throw new Error(`There is no operation ${operation}.`);
    return route;
  }

  private toGiven({ method, path }: Route, ask: Ask): Given {
    const { params = {}, query = {}, body = {}, ifMatch, key } = ask;
    const at = path.replaceAll(/\{(\w+)\}/g, (_, name: ParamName) => params[name] ?? "");
    return {
      token: this.visit.token,
      asker: this.asker,
      param: (name) => params[name],
      ifMatch,
      key: () => key && `${method} ${at} ${key}`,
      query: () => query,
      body: async () => body,
    };
  }
}
