import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { View } from "../frame/view.ts";

const PAGE_ITEMS = 50;

/** The query of a list's page: how many, from where, and filters that are not empty. */
export function toListQuery(
  view: View,
  filters: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const after = view.query("after");
  const given = Object.entries({ after, ...filters }).filter(([, value]) => value !== "");
  return { limit: String(PAGE_ITEMS), ...Object.fromEntries(given) };
}

/** A value of the page's query where it is one of those known, else an empty one. */
export function pickFilter(view: View, name: string, known: readonly string[]): string {
  const value = view.query(name);
  return known.includes(value) ? value : "";
}

/** A form that narrows a list by one of several words. */
export function renderFilter(
  label: string,
  name: string,
  options: readonly string[],
  chosen: string,
): Markup {
  return html`<form class="search" method="get" role="search"><div class="field"><label for="${name}">${label}</label>
<select id="${name}" name="${name}"><option value="">any</option>${options.map(
    (one) =>
      html`<option value="${one}" ${one === chosen ? "selected" : ""}>${one.replaceAll("_", " ")}</option>`,
  )}</select></div><button>Show</button></form>`;
}

/** A value of JSON, folded into a few words where it is long. */
export function renderJson(value: unknown): Markup | "" {
  if (value === undefined || value === null) return "";
  return html`<code class="whole">${JSON.stringify(value)}</code>`;
}
