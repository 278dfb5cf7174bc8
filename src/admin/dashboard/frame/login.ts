import type { Context } from "hono";
import { html } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { StewardError } from "../../../errors.ts";
import { insertAuditEntry } from "../../../store/admin/audit.ts";
import type { AdminDeps, AdminEnv, AdminToken } from "../../deps.ts";
import { describeError, toRetryHeader } from "../../http/answers.ts";
import { type AuthDeps, checkToken } from "../../http/auth.ts";
import { readForm } from "../../http/input.ts";
import { renderPage } from "./layout.ts";
import type { Markup } from "./markup.ts";
import { assertCsrfToken, assertOwnOrigin, CSRF_FIELD } from "./own-form.ts";
import { beginVisit, endVisit, findVisit, forgetVisit } from "./visits.ts";

/** A login's form is short. */
const FORM_BYTES_MAX = 4096;
/** A page of the dashboard, to go on to after the login. */
const OWN_PATH = /^\/admin(?:[/?][\x21-\x5b\x5d-\x7e]{0,1000})?$/;

export type LoginDeps = AuthDeps & Pick<AdminDeps, "config" | "log">;

/** `GET /admin/login`: asks for a token. */
export function showLogin(
  deps: LoginDeps,
  context: Context<AdminEnv>,
): Response | Promise<Response> {
  const next = toOwnPath(context.req.query("next"));
  if (findVisit(deps, context) !== undefined) return context.redirect(next, 303);
  const isOver = context.req.query("over") !== undefined;
  return context.html(renderLogin(deps, next, isOver ? "Your session is over." : undefined));
}

/** `POST /admin/login`: begins a session for a token that is right. */
export async function login(deps: LoginDeps, context: Context<AdminEnv>): Promise<Response> {
  assertOwnOrigin(context, deps.config.http.public_url);
  const form = await readForm(context, FORM_BYTES_MAX);
  const next = toOwnPath(form.get("next") ?? undefined);
  const asker = { address: context.get("address"), requestId: context.get("requestId") };
  try {
    const token = await checkToken(deps, asker, (form.get("token") ?? "").trim());
    forgetVisit(deps, context);
    beginVisit(deps, context, token.tokenId);
    note(deps, context, token, "dashboard login");
    return context.redirect(next, 303);
  } catch (thrown) {
    if (!(thrown instanceof StewardError)) throw thrown;
    const { status, body, retryAfterMs } = describeError(deps, context, thrown);
    const isWrong = thrown.code === "unauthorized";
    const problem = isWrong ? "That is no token in force on this steward." : body.error.message;
    return context.html(
      renderLogin(deps, next, problem),
      status as ContentfulStatusCode,
      toRetryHeader(retryAfterMs),
    );
  }
}

/** `POST /admin/logout`: ends the session. */
export async function logout(deps: LoginDeps, context: Context<AdminEnv>): Promise<Response> {
  assertOwnOrigin(context, deps.config.http.public_url);
  const form = await readForm(context, FORM_BYTES_MAX);
  const visit = findVisit(deps, context);
  if (visit !== undefined) {
    assertCsrfToken(visit.secret, form.get(CSRF_FIELD));
    endVisit(deps, context);
    note(deps, context, visit.token, "dashboard logout");
  }
  return context.redirect("/admin/login", 303);
}

function note(
  { store, now }: LoginDeps,
  context: Context<AdminEnv>,
  { tokenId, name }: AdminToken,
  action: string,
): void {
  store.write((write) =>
    insertAuditEntry(write, store, {
      kind: "change",
      at: now(),
      tokenId,
      actor: name,
      address: context.get("address"),
      action,
      requestId: context.get("requestId"),
      status: 303,
      detail: {},
    }),
  );
}

function toOwnPath(path: string | undefined): string {
  return path !== undefined && OWN_PATH.test(path) ? path : "/admin";
}

function renderLogin({ config }: LoginDeps, next: string, problem: string | undefined): Markup {
  const body = html`<form class="login card" method="post" action="/admin/login">
<h1>Log in to ${config.name}</h1>
${problem === undefined ? "" : html`<p class="notice bad" role="alert">${problem}</p>`}
<label for="token">Token</label>
<input id="token" name="token" type="password" required autocomplete="current-password" autofocus spellcheck="false" aria-describedby="token-help">
<p id="token-help" class="quiet">A token of the admin API, which begins with <code>zs_</code>. Its scope rules what the pages offer.
<code>steward token create</code> makes one; where all are lost, <code>steward token reset</code> on the steward's machine.</p>
<input type="hidden" name="next" value="${next}">
<button>Log in</button></form>`;
  return renderPage({ steward: config.name, title: "Log in", body });
}
