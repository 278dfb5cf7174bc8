import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  type Column,
  renderBadge,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { renderJson, toListQuery } from "./lists.ts";

interface TokenBody {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly prefix?: string;
  readonly created_at: number;
  readonly expires_at?: number;
  readonly last_used_at?: number;
}

interface AuditEntry {
  readonly seq: number;
  readonly kind: string;
  readonly at: number;
  readonly token_id: string | null;
  readonly actor: string | null;
  readonly address: string;
  readonly action: string;
  readonly request_id: string | null;
  readonly status: number | null;
  readonly ids?: Readonly<Record<string, string>>;
  readonly asked?: unknown;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly code?: string;
  readonly failures?: number;
}

const STATUS_REFUSED = 400;

/** `/admin/audit`: who changed what, and `/admin/tokens`: who may. */
export function createAccessPages(): Page[] {
  return [
    {
      path: "/audit",
      nav: "Audit",
      operation: "listAuditEntries",
      render: async (view) => {
        const { entries, next } = await view.api.read<{ entries: AuditEntry[]; next?: string }>(
          "listAuditEntries",
          { query: toListQuery(view, { order: "desc" }) },
        );
        const body = html`<h1>Audit log</h1>
<p class="quiet">Everything that was changed over the admin API, this dashboard and this machine's own commands, and every token that was refused. Same from the shell: <code>steward audit list</code></p>
${renderLive("audit", renderEntries(entries))}${renderPager(view, next)}`;
        return { title: "Audit log", body };
      },
    },
    {
      path: "/tokens",
      nav: "Tokens",
      operation: "listTokens",
      render: async (view) => {
        const { tokens, next } = await view.api.read<{ tokens: TokenBody[]; next?: string }>(
          "listTokens",
          { query: toListQuery(view) },
        );
        const body = html`<h1>Tokens</h1>${renderLive("tokens", renderTokens(view, tokens))}${renderPager(view, next)}
<section class="card"><h2>Another token</h2>${view.renderAction("createToken")}</section>`;
        return { title: "Tokens", body };
      },
    },
  ];
}

function renderEntries(entries: readonly AuditEntry[]): Markup {
  const columns: Column<AuditEntry>[] = [
    { title: "When", cell: ({ at }) => renderTime(at) },
    { title: "Who", cell: ({ actor }) => actor ?? html`<span class="quiet">unknown</span>` },
    { title: "From", cell: ({ address }) => address },
    { title: "What", cell: ({ action }) => html`<code>${action}</code>` },
    {
      title: "Of",
      cell: ({ ids = {} }) =>
        html`${Object.values(ids).map((id, index) => html`${index === 0 ? "" : " "}${renderId(id)}`)}`,
    },
    { title: "Answer", cell: renderAnswer },
    { title: "Detail", cell: renderDetail },
  ];
  return renderTable("The newest first", columns, entries, "Nothing was changed yet.");
}

function renderAnswer({ status, code, kind }: AuditEntry): Markup {
  if (status === null) return renderBadge("under way or cut off", "warn");
  const isRefused = status >= STATUS_REFUSED || kind !== "change";
  return html`${renderBadge(String(status), isRefused ? "bad" : "good")} ${code ?? ""}`;
}

function renderDetail(entry: AuditEntry): Markup | "" {
  const { request_id, asked, before, after, failures } = entry;
  const said = [
    ["asked", asked],
    ["before", before],
    ["after", after],
    ["wrong tokens within that minute", failures],
    ["request", request_id],
  ].filter(([, value]) => value !== undefined && value !== null);
  if (said.length === 0) return "";
  return html`<details><summary>Show</summary><dl class="facts">${said.map(
    ([name, value]) => html`<div><dt>${String(name)}</dt><dd>${renderJson(value)}</dd></div>`,
  )}</dl></details>`;
}

function renderTokens(view: View, tokens: readonly TokenBody[]): Markup {
  const columns: Column<TokenBody>[] = [
    {
      title: "Name",
      cell: ({ name, id }) =>
        id === view.visit.token.tokenId
          ? html`${name} <span class="quiet">this session's</span>`
          : name,
    },
    {
      title: "Begins with",
      cell: ({ prefix }) => (prefix === undefined ? "–" : html`<code>${prefix}…</code>`),
    },
    { title: "Scope", cell: ({ scope }) => scope },
    { title: "Made", cell: ({ created_at }) => renderTime(created_at) },
    {
      title: "Ends",
      cell: ({ expires_at }) =>
        expires_at !== undefined && expires_at <= view.now
          ? renderBadge("ended", "idle")
          : renderTime(expires_at),
    },
    { title: "Last used", cell: ({ last_used_at }) => renderTime(last_used_at) },
    {
      title: "Do",
      cell: ({ id, name }) =>
        view.renderAction("deleteToken", {
          params: { token_id: id },
          label: `Revoke ${name}`,
          isCompact: true,
        }),
    },
  ];
  return renderTable(
    "Tokens, without their texts",
    columns,
    tokens,
    "There is no token on this page.",
  );
}
