import { html } from "hono/html";
import type { AdminToken } from "../../deps.ts";
import { toAssetPath } from "./assets.ts";
import type { Markup } from "./markup.ts";
import { CSRF_FIELD } from "./own-form.ts";

/** Every page's path begins so, and it is a page itself. */
const HOME = "/admin";

/** A link of the navigation. */
export interface NavLink {
  readonly href: string;
  readonly label: string;
}

/** What a whole page is made of; without `visit` nobody is logged in. */
export interface PageParts {
  readonly steward: string;
  readonly title: string;
  readonly body: Markup;
  readonly visit?: {
    readonly token: AdminToken;
    readonly csrf: string;
    readonly nav: readonly NavLink[];
    /** The request's path. */
    readonly path: string;
  };
}

/** Renders a whole page. */
export function renderPage({ steward, title, body, visit }: PageParts): Markup {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${title} · ${steward}</title>
<link rel="stylesheet" href="${toAssetPath("dashboard.css")}">
<link rel="icon" type="image/svg+xml" href="${toAssetPath("icon.svg")}">
<script type="module" src="${toAssetPath("dashboard.js")}"></script></head>
<body><a class="skip" href="#main">Skip to the content</a>
${visit === undefined ? "" : renderTop(steward, visit)}
<main id="main" tabindex="-1">${body}</main>
<footer><p>Times are UTC. <a href="/docs">API</a></p><p id="live-state" role="status"></p></footer></body></html>`;
}

function renderTop(
  steward: string,
  { token, csrf, nav, path }: NonNullable<PageParts["visit"]>,
): Markup {
  const current = nav
    .filter(({ href }) => path === href || (href !== HOME && path.startsWith(`${href}/`)))
    .reduce((longest, { href }) => (href.length > longest.length ? href : longest), "");
  return html`<header class="top"><a class="brand" href="/admin">${steward}</a>
<nav aria-label="Pages"><ul>${nav.map(
    ({ href, label }) =>
      html`<li><a href="${href}" ${href === current ? html`aria-current="page"` : ""}>${label}</a></li>`,
  )}</ul></nav>
<form class="who" method="post" action="/admin/logout"><input type="hidden" name="${CSRF_FIELD}" value="${csrf}">
<span title="Scope of the token">${token.name} <span class="badge">${token.scope}</span></span> <button class="plain">Log out</button></form></header>`;
}
