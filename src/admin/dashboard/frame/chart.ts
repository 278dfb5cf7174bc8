import { scaleLinear, scaleUtc } from "d3-scale";
import { area, line } from "d3-shape";
import { html, raw } from "hono/html";
import type { Markup } from "./markup.ts";
import type { Point } from "./samples.ts";

const WIDTH = 560;
const HEIGHT = 150;
const LEFT = 58;
/** Room for a label of the time, half of it. */
const LABEL_HALF = 24;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;
const TICKS_X = 5;
const TICKS_Y = 3;
/** Rows of the table that says the same. */
const TABLE_ROWS = 12;

/** What a chart shows. */
export interface ChartInput {
  readonly id: string;
  readonly title: string;
  readonly points: readonly Point[];
  /** Writes a value with its unit. */
  readonly format: (value: number) => string;
}

/** Draws a series over time as SVG, with what it says in words and as a table. */
export function renderChart({ id, title, points, format }: ChartInput): Markup {
  const last = points.at(-1);
  if (last === undefined) {
    return html`<figure class="chart" id="${id}"><figcaption><b>${title}</b></figcaption><p class="empty">No sample was taken yet.</p></figure>`;
  }
  const values = points.map(({ value }) => value);
  const most = Math.max(...values);
  const summary = `now ${format(last.value)}, at most ${format(most)}, at least ${format(Math.min(...values))}`;
  return html`<figure class="chart" id="${id}"><figcaption><b>${title}</b> <span class="now">${format(last.value)}</span></figcaption>
${drawSvg(`${title}: ${summary}`, points, most, format)}
<details id="${id}-table"><summary>As a table</summary><table><caption>${title}, ${summary}</caption>
<thead><tr><th scope="col">time</th><th scope="col" class="num">value</th></tr></thead><tbody>${thin(
    points,
    TABLE_ROWS,
  ).map(
    ({ atMs, value }) =>
      html`<tr><td>${new Date(atMs).toISOString().slice(11, 19)}</td><td class="num">${format(value)}</td></tr>`,
  )}</tbody></table></details></figure>`;
}

function drawSvg(
  label: string,
  points: readonly Point[],
  most: number,
  format: (value: number) => string,
): Markup {
  const first = points[0]?.atMs ?? 0;
  const end = Math.max(points.at(-1)?.atMs ?? 0, first + 1);
  const x = scaleUtc([first, end], [LEFT, WIDTH - RIGHT]);
  const y = scaleLinear([0, most === 0 ? 1 : most], [HEIGHT - BOTTOM, TOP]).nice(TICKS_Y);
  const toX = ({ atMs }: Point) => x(atMs);
  const toY = ({ value }: Point) => y(value);
  const curve = line<Point>().x(toX).y(toY)([...points]) ?? "";
  const filled = area<Point>().x(toX).y0(y(0)).y1(toY)([...points]) ?? "";
  const rows = y.ticks(TICKS_Y).map(
    (tick) =>
      html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>
<text x="${LEFT - 6}" y="${y(tick) + 4}" text-anchor="end">${format(tick)}</text>`,
  );
  const toText = x.tickFormat(TICKS_X, "%H:%M:%S");
  const fitting = x
    .ticks(TICKS_X)
    .filter((tick) => x(tick) >= LEFT + LABEL_HALF && x(tick) <= WIDTH - LABEL_HALF);
  // Of a few seconds the library gives twice as many as asked for.
  const columns = thin(fitting, TICKS_X).map(
    (tick) =>
      html`<text x="${x(tick)}" y="${HEIGHT - 6}" text-anchor="middle">${toText(tick)}</text>`,
  );
  // Numbers and letters alone, as the library writes them.
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${rows}${columns}<path class="area" d="${raw(filled)}"/><path class="line" d="${raw(curve)}"/></svg>`;
}

/** Some of many, the last one always. */
function thin<Item>(items: readonly Item[], most: number): readonly Item[] {
  const step = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, i) => (items.length - 1 - i) % step === 0);
}
