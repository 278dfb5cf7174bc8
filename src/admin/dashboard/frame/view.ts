import { html } from "hono/html";
import { assertScope, hasScope } from "../../http/auth.ts";
import {
  type Action,
  type ActionForm,
  type ActionParams,
  type Filled,
  renderActionForm,
} from "./action.ts";
import type { Caller } from "./caller.ts";
import { CommandList } from "./command-list.ts";
import { type NavLink, renderPage } from "./layout.ts";
import type { Markup } from "./markup.ts";
import { toCsrfToken } from "./own-form.ts";
import type { Visit } from "./visits.ts";

/** Where and how an action is offered. */
export interface Offer {
  readonly params?: ActionParams;
  readonly epoch?: number | undefined;
  readonly filled?: Filled;
  readonly back?: string;
  readonly label?: string;
  readonly isCompact?: boolean;
}

/** What a view is made of. */
export interface ViewParts {
  readonly steward: string;
  readonly visit: Visit;
  readonly api: Caller;
  readonly nav: readonly NavLink[];
  readonly actions: ReadonlyMap<string, Action>;
  /** Unix seconds. */
  readonly now: number;
  /** The request's, with its query. */
  readonly url: URL;
  /** Of the path. */
  readonly params: Readonly<Record<string, string>>;
}

/** One request of somebody who is logged in: what pages are rendered with. */
export class View {
  private readonly parts: ViewParts;
  private readonly commands = new CommandList();

  constructor(parts: ViewParts) {
    this.parts = parts;
  }

  /** Reads what `/v1` answers. */
  get api(): Caller {
    return this.parts.api;
  }

  get visit(): Visit {
    return this.parts.visit;
  }

  /** Unix seconds. */
  get now(): number {
    return this.parts.now;
  }

  /** A name of the page's path; empty where it has none. */
  param(name: string): string {
    return this.parts.params[name] ?? "";
  }

  /** A value of the page's query; empty where there is none. */
  query(name: string): string {
    return this.parts.url.searchParams.get(name) ?? "";
  }

  /** The page's path with some of its query replaced; an empty value takes one out. */
  href(changes: Readonly<Record<string, string>> = {}): string {
    const query = new URLSearchParams(this.parts.url.searchParams);
    for (const [name, value] of Object.entries({ done: "", ...changes })) {
      if (value === "") query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    return `${this.parts.url.pathname}${text === "" ? "" : `?${text}`}`;
  }

  /** Whether the token may do what an operation does. */
  may(operation: string): boolean {
    const { scope } = this.api.getRoute(operation);
    return scope === undefined || hasScope(this.visit.token, scope);
  }

  /** Throws StewardError `forbidden` where the token may not do what an operation does. */
  assertMay(operation: string): void {
    const { scope } = this.api.getRoute(operation);
    if (scope !== undefined) assertScope(this.visit.token, scope);
  }

  /** The form of an action; nothing where the token may not do it. */
  renderAction(operation: string, offer: Offer = {}): Markup | "" {
    const action = this.parts.actions.get(operation);
    if (action === undefined) throw new Error(`No page registered an action ${operation}.`);
    if (!this.may(operation)) return "";
    if (offer.isCompact) this.commands.note(action, offer);
    return renderActionForm(this.toForm(action, offer));
  }

  /** Everything that an action's form is rendered from. */
  toForm(action: Action, { params, epoch, filled, back, label, isCompact }: Offer): ActionForm {
    const csrf = toCsrfToken(this.visit.secret);
    const { scope } = this.api.getRoute(action.operation);
    return {
      ...{ action, scope, csrf, params, epoch, filled, label, isCompact },
      back: back ?? this.href(),
    };
  }

  /** A whole page. */
  renderPage(title: string, body: Markup): Markup {
    const { steward, visit, nav, url, actions } = this.parts;
    const done = actions.get(this.query("done"))?.done;
    const shown = html`${done === undefined ? "" : html`<p class="notice good" role="status">${done}.</p>`}${body}${this.commands.render()}`;
    const csrf = toCsrfToken(visit.secret);
    const who = { token: visit.token, csrf, nav, path: url.pathname };
    return renderPage({ steward, title, body: shown, visit: who });
  }
}
