import { html } from "hono/html";
import type { Markup, Shown } from "./markup.ts";
import type { View } from "./view.ts";

/** How a state looks; its word always stands beside the colour. */
export type Tone = "good" | "bad" | "warn" | "idle";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Shown;
  /** Numbers stand at the right. */
  readonly isNumber?: true;
}

const DECIMALS = 6;
const ID_HEAD = 13;
const ID_TAIL = 4;

/**
 * A table with a caption; where there is nothing it says what to do. On a phone each row stands for itself,
 * with the columns' titles in it: the roles keep it a table for those who listen to it.
 */
export function renderTable<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  empty: Shown,
): Markup {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table class="list" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(({ title, isNumber }) => html`<th role="columnheader" scope="col" class="${isNumber ? "num" : ""}">${title}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) =>
      html`<tr role="row">${columns.map(({ cell, isNumber, title }) => html`<td role="cell" class="${isNumber ? "num" : ""}" data-title="${title}">${cell(row)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** Names and values, side by side. */
export function renderFacts(facts: readonly (readonly [name: string, value: Shown])[]): Markup {
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A state's word on its colour. */
export function renderBadge(word: string, tone: Tone): Markup {
  return html`<span class="badge ${tone}">${word.replaceAll("_", " ")}</span>`;
}

/** A moment of Unix seconds, in UTC. */
export function renderTime(seconds: number | null | undefined): Shown {
  if (seconds === undefined || seconds === null) return "–";
  const moment = new Date(seconds * 1000);
  if (Number.isNaN(moment.getTime())) return String(seconds);
  const iso = moment.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 10)} <span class="clock">${iso.slice(11, 19)}</span></time>`;
}

/** An id, cut in its middle; all of it is in the title, and in what is copied from a link. */
export function renderId(id: string, href?: string): Markup {
  const short =
    id.length > ID_HEAD + ID_TAIL + 1 ? `${id.slice(0, ID_HEAD)}…${id.slice(-ID_TAIL)}` : id;
  const shown = html`<code class="id" title="${id}">${short}</code>`;
  return href === undefined ? shown : html`<a href="${href}">${shown}</a>`;
}

/** An amount of USDC's smallest unit, a decimal string, in USDC. */
export function toUsdc(amount: string): string {
  const digits = amount.replace("-", "").padStart(DECIMALS + 1, "0");
  const whole = digits.slice(0, -DECIMALS).replaceAll(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(-DECIMALS).replace(/0{1,4}$/, "");
  return `${amount.startsWith("-") ? "-" : ""}${whole}.${fraction} USDC`;
}

/** A number of bytes. */
export function toBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** A span of seconds in its two largest units. */
export function toSpan(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return `${seconds} s`;
  return parts
    .slice(first, first + 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** Links to the first and the following page of a list; `cursor` is the query's name for where it begins. */
export function renderPager(
  view: View,
  next: string | number | undefined,
  cursor = "after",
): Markup | "" {
  const isFirst = view.query(cursor) === "";
  if (isFirst && next === undefined) return "";
  return html`<nav class="pager" aria-label="Pages of the list">
${isFirst ? "" : html`<a class="button" href="${view.href({ [cursor]: "" })}">First page</a>`}
${next === undefined ? "" : html`<a class="button" rel="next" href="${view.href({ [cursor]: String(next) })}">Next page</a>`}</nav>`;
}

/** A part of a page that refreshes itself while it is open; its id is unique on the page. */
export function renderLive(id: string, content: Shown, { isSpoken = false } = {}): Markup {
  return html`<div id="${id}" data-live ${isSpoken ? html`aria-live="polite"` : ""}>${content}</div>`;
}

/** Links to the parts of something that takes several pages. */
export function renderTabs(
  label: string,
  tabs: readonly (readonly [name: string, href: string])[],
  path: string,
): Markup {
  return html`<nav class="tabs" aria-label="${label}"><ul>${tabs.map(
    ([name, href]) =>
      html`<li><a href="${href}" ${href === path ? html`aria-current="page"` : ""}>${name}</a></li>`,
  )}</ul></nav>`;
}

/** A form that is folded away until somebody wants it. */
export function renderFold(summary: string, content: Shown): Markup | "" {
  return content === ""
    ? ""
    : html`<details class="fold"><summary>${summary}</summary>${content}</details>`;
}
