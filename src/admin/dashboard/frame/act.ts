import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { StewardError } from "../../../errors.ts";
import type { AdminDeps, AdminEnv } from "../../deps.ts";
import { describeError } from "../../http/answers.ts";
import { readForm } from "../../http/input.ts";
import { PARAMS, type ParamName } from "../../http/params.ts";
import { type Action, type ActionParams, type Filled, renderConfirmation } from "./action.ts";
import type { Ask } from "./caller.ts";
import { renderError } from "./error-page.ts";
import type { Markup } from "./markup.ts";
import { assertCsrfToken, assertOwnOrigin, CSRF_FIELD } from "./own-form.ts";
import type { View } from "./view.ts";

const KEY_PATTERN = /^[0-9a-f-]{36}$/;
/** A page of the dashboard. */
const BACK_PATTERN = /^\/admin(?:[/?][\x21-\x5b\x5d-\x7e]{0,1000})?$/;

/** What a form said. */
interface Sent {
  readonly params: ActionParams;
  readonly filled: Filled;
  readonly epoch: number | undefined;
  readonly key: string;
  readonly back: string;
  readonly isConfirmed: boolean;
  readonly isCompact: boolean;
}

export type ActDeps = Pick<AdminDeps, "config" | "log">;

/**
 * Does what a form of a page asks for by the operation's own route, and goes back to the page.
 * @throws StewardError `forbidden` for a form that is none of this session's pages
 */
export async function act(
  deps: ActDeps,
  context: Context<AdminEnv>,
  view: View,
  action: Action,
): Promise<Response> {
  assertOwnOrigin(context, deps.config.http.public_url);
  const form = await readForm(context, deps.config.http.body_bytes_max);
  assertCsrfToken(view.visit.secret, form.get(CSRF_FIELD));
  const sent = readSent(form);
  const page = (title: string, body: Markup) => view.renderPage(title, body);
  try {
    const ask = toAsk(action, sent, view.now);
    if (action.confirm !== undefined && !sent.isConfirmed) {
      view.assertMay(action.operation);
      return context.html(
        page(action.label, renderConfirmation(view.toForm(action, sent), sent.key)),
      );
    }
    const { reply } = await view.api.run(action.operation, ask);
    const body = (reply.body ?? {}) as Readonly<Record<string, unknown>>;
    if (action.show !== undefined) {
      const shown = html`<section class="card"><h1>${action.done}</h1>${action.show(body, sent.params)}
<p><a class="button" href="${sent.back}">Back</a></p></section>`;
      return context.html(page(action.done, shown));
    }
    const next = action.toNext?.(body, sent.params) ?? sent.back;
    return context.redirect(withDone(next, action.operation), 303);
  } catch (thrown) {
    if (!(thrown instanceof StewardError)) throw thrown;
    const error = describeError(deps, context, thrown);
    const again = view.may(action.operation)
      ? view.renderAction(action.operation, { ...sent, isCompact: false })
      : "";
    const body = html`${renderError(error, sent.back)}${again}`;
    return context.html(page("Not done", body), error.status as ContentfulStatusCode);
  }
}

function readSent(form: URLSearchParams): Sent {
  const pick = (prefix: string) =>
    [...form]
      .filter(([name, value]) => name.startsWith(prefix) && value !== "")
      .map(([name, value]) => [name.slice(prefix.length), value.trim()] as const);
  const params = pick("p.").filter(([name]) => Object.hasOwn(PARAMS, name));
  const key = form.get("key") ?? "";
  const back = form.get("back") ?? "";
  const epoch = form.get("epoch");
  return {
    params: Object.fromEntries(params) as Partial<Record<ParamName, string>>,
    filled: Object.fromEntries(pick("f.")),
    epoch: epoch === null ? undefined : Number(epoch),
    key: KEY_PATTERN.test(key) ? key : "",
    back: BACK_PATTERN.test(back) ? back : "/admin",
    isConfirmed: form.get("confirmed") === "yes",
    isCompact: form.get("compact") === "yes",
  };
}

function toAsk(action: Action, { params, filled, epoch, key }: Sent, now: number): Ask {
  const known = new Set((action.fields ?? []).map(({ name }) => name));
  const own = Object.fromEntries(Object.entries(filled).filter(([name]) => known.has(name)));
  const body = action.toBody?.(own, now);
  return {
    params,
    ...(body !== undefined && { body }),
    ...(key !== "" && { key }),
    ...(action.hasEpoch && epoch !== undefined && { ifMatch: `"${epoch}"` }),
  };
}

/** Names what was done, for the page to say it; a name that is no action's is ignored there. */
function withDone(path: string, operation: string): string {
  const url = new URL(path, "http://dashboard");
  url.searchParams.set("done", operation);
  return `${url.pathname}${url.search}`;
}
