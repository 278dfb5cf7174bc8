import { html } from "hono/html";
import { StewardError } from "../../../errors.ts";
import { type ChartInput, renderChart } from "../frame/chart.ts";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import type { PageDeps } from "../frame/page-deps.ts";
import { renderFacts, renderLive, renderTable, toBytes, toSpan, toUsdc } from "../frame/parts.ts";
import { Remembered } from "../frame/remembered.ts";
import type { SampleKey } from "../frame/samples.ts";
import type { View } from "../frame/view.ts";
import { type Attention, findAttention, type Readiness, renderAttention } from "./attention.ts";

const DAY_SECS = 86_400;
const MIB = 1024 ** 2;

interface Stats {
  readonly version: string;
  readonly uptime_secs: number;
  readonly sessions: { readonly verified: number; readonly links: number };
  readonly public_zones: number;
  readonly database: { readonly bytes: number };
  readonly disk_free_bytes: number | null;
  readonly memory: { readonly rss_bytes: number };
}

interface Account {
  readonly chain_id: number;
  readonly payments: number;
  readonly gross: string;
  readonly protocol_fee: string;
  readonly creator_fee: string;
  readonly net: string;
  readonly held: string;
  readonly refunded: string;
}

const CHARTS: readonly {
  readonly key: SampleKey;
  readonly title: string;
  readonly format: (value: number) => string;
  /** What one of the chart's units is, of the sample's. */
  readonly unit?: number;
}[] = [
  { key: "sessions", title: "Agents connected", format: toCount },
  { key: "messages", title: "Messages taken", format: toRate },
  { key: "deliveries", title: "Deliveries to members", format: toRate },
  { key: "refusals", title: "Messages refused", format: toRate },
  { key: "cpu", title: "Processor", format: (value) => `${Math.round(value)} %`, unit: 0.01 },
  { key: "memory", title: "Memory", format: (value) => `${Math.round(value)} MiB`, unit: MIB },
];

/** `/admin`: how the steward is, and what needs somebody. */
export function createOverviewPages({ config, samples }: PageDeps): Page[] {
  const accounts = new Remembered<readonly Account[]>();
  return [
    {
      path: "/",
      nav: "Overview",
      operation: "getStats",
      render: async (view) => {
        const from = String(view.now - (view.now % DAY_SECS));
        const [readiness, stats, today] = await Promise.all([
          readReadiness(view),
          view.api.read<Stats>("getStats"),
          accounts.get(async () => {
            const ask = { query: { from } };
            return (await view.api.read<{ accounts: Account[] }>("listAccounts", ask)).accounts;
          }),
        ]);
        const attention = await findAttention(view, readiness);
        const charts = CHARTS.map(
          ({ key, title, format, unit = 1 }): ChartInput => ({
            id: `chart-${key}`,
            points: samples.list(key).map(({ atMs, value }) => ({ atMs, value: value / unit })),
            ...{ title, format },
          }),
        );
        const spanMs = config.admin.dashboard.chart_points * samples.stepMs;
        const body = html`<h1>Overview</h1>
${renderLive("attention", renderHealth(readiness.isReady, attention), { isSpoken: true })}
${renderLive("facts", renderStats(stats))}
<section aria-labelledby="money-title"><h2 id="money-title">Money today</h2>${renderLive("money", renderMoney(config.chains, today))}</section>
<section aria-labelledby="charts-title"><h2 id="charts-title">Over time</h2>
<p class="quiet">One point every ${toSpan(samples.stepMs / 1000)}, for at most ${toSpan(spanMs / 1000)}. They are kept in memory and begin anew with the process; <code>/metrics</code> is for keeping them.</p>
${renderLive("charts", html`<div class="charts">${charts.map(renderChart)}</div>`)}</section>`;
        return { title: "Overview", body };
      },
    },
  ];
}

async function readReadiness(view: View): Promise<Readiness> {
  try {
    const body = await view.api.read<Omit<Readiness, "isReady">>("getReadiness", {
      query: { verbose: "" },
    });
    return { ...body, isReady: true };
  } catch (error) {
    if (!(error instanceof StewardError) || error.code !== "not_ready") throw error;
    return { ...(error.details as Omit<Readiness, "isReady">), isReady: false };
  }
}

function renderHealth(isReady: boolean, attention: readonly Attention[]): Markup {
  const state = isReady
    ? html`<p class="state good"><b>Ready.</b> The steward takes connections.</p>`
    : html`<p class="state bad"><b>Not ready.</b> Load balancers are told to send nobody here.</p>`;
  return html`${state}${renderAttention(attention)}`;
}

function renderStats(stats: Stats): Markup {
  const { sessions, disk_free_bytes: disk } = stats;
  return renderFacts([
    ["Agents connected", sessions.verified],
    ["Links of stewards", sessions.links],
    ["Public zones", html`<a href="/admin/zones">${stats.public_zones}</a>`],
    ["Up for", toSpan(stats.uptime_secs)],
    ["Memory", toBytes(stats.memory.rss_bytes)],
    ["Database", toBytes(stats.database.bytes)],
    ["Disk left", disk === null ? "unknown" : toBytes(disk)],
    ["Version", stats.version],
  ]);
}

function renderMoney(chains: PageDeps["config"]["chains"], accounts: readonly Account[]): Markup {
  const rows = chains.map(({ chain_id, network }) => {
    const own = accounts.filter((account) => account.chain_id === chain_id);
    const sum = (field: Exclude<keyof Account, "chain_id" | "payments">) =>
      toUsdc(own.reduce((total, account) => total + BigInt(account[field]), 0n).toString());
    const payments = own.reduce((total, account) => total + account.payments, 0);
    return { network, chain_id, payments, sum };
  });
  return renderTable(
    "Settled since midnight UTC",
    [
      { title: "Chain", cell: ({ network, chain_id }) => `${network} (${chain_id})` },
      { title: "Payments", cell: ({ payments }) => payments, isNumber: true },
      { title: "Gross", cell: ({ sum }) => sum("gross"), isNumber: true },
      { title: "Protocol fee", cell: ({ sum }) => sum("protocol_fee"), isNumber: true },
      { title: "Creator fee", cell: ({ sum }) => sum("creator_fee"), isNumber: true },
      { title: "Net", cell: ({ sum }) => sum("net"), isNumber: true },
      { title: "Held back by the token", cell: ({ sum }) => sum("held"), isNumber: true },
      { title: "Given back", cell: ({ sum }) => sum("refunded"), isNumber: true },
    ],
    rows,
    html`No chain is configured: actions are free here. <code>steward chain deploy --write steward.config.json</code> sets one up.`,
  );
}

function toCount(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

function toRate(value: number): string {
  return `${Number(value.toFixed(value >= 100 ? 0 : value >= 1 ? 1 : 2))}/s`;
}
