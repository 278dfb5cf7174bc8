import { html } from "hono/html";
import type { Markup, Shown } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import type { PageDeps } from "../frame/page-deps.ts";
import {
  type Column,
  renderBadge,
  renderFacts,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
  toUsdc,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { type ChainLinks, createChainLinks } from "./chain-links.ts";
import { pickFilter, renderFilter, toListQuery } from "./lists.ts";
import { ESCROW_MEANINGS, type Escrow } from "./money-types.ts";

const STATUSES = Object.keys(ESCROW_MEANINGS);

/** `/admin/escrows` and the page of one. */
export function createEscrowPages({ config }: PageDeps): Page[] {
  const links = createChainLinks(config.chains);
  return [
    {
      path: "/escrows",
      nav: "Escrows",
      operation: "listEscrows",
      render: async (view) => {
        const status = pickFilter(view, "status", STATUSES);
        const { escrows, next } = await view.api.read<{ escrows: Escrow[]; next?: string }>(
          "listEscrows",
          { query: toListQuery(view, { status }) },
        );
        const table = renderTable(
          "Escrows, newest first",
          toColumns(links),
          escrows,
          status === ""
            ? html`Nobody paid into escrow yet. An action whose price has <code>"settlement_mode": "escrow"</code> is paid so, where the chain's <code>escrow</code> contract is configured.`
            : "No escrow has this status.",
        );
        const body = html`<h1>Escrows</h1>${renderFilter("Status", "status", STATUSES, status)}
${renderLive("escrows", table)}${renderPager(view, next)}`;
        return { title: "Escrows", body };
      },
    },
    {
      path: "/escrows/:escrow_id",
      operation: "getEscrow",
      render: async (view) => {
        const params = { escrow_id: view.param("escrow_id") };
        const escrow = await view.api.read<Escrow>("getEscrow", { params });
        const meaning = ESCROW_MEANINGS[escrow.status];
        const body = html`<div class="title"><h1>${toUsdc(escrow.amount)} in escrow</h1>${renderBadge(escrow.status, meaning?.tone ?? "idle")}</div>
<p class="quiet"><code class="whole">${escrow.escrow_id}</code></p>
${renderLive("escrow-facts", html`<p><b>${meaning?.text ?? ""}</b>${escrow.pending === undefined ? "" : html` A ${escrow.pending} is under way.`}</p>${renderEscrowFacts(escrow, links)}`)}
<section><h2>What can be done</h2>${renderNext(view, escrow)}</section>`;
        return { title: `Escrow ${toUsdc(escrow.amount)}`, body };
      },
    },
  ];
}

function toColumns(links: ChainLinks): Column<Escrow>[] {
  return [
    {
      title: "Escrow",
      cell: ({ escrow_id }) => renderId(escrow_id, `/admin/escrows/${escrow_id}`),
    },
    {
      title: "Status",
      cell: ({ status, pending }) =>
        html`${renderBadge(status, ESCROW_MEANINGS[status]?.tone ?? "idle")}${pending === undefined ? "" : html` <span class="quiet">${pending} under way</span>`}`,
    },
    { title: "Amount", cell: ({ amount }) => toUsdc(amount), isNumber: true },
    { title: "Depositor", cell: ({ chain_id, depositor }) => links.address(chain_id, depositor) },
    { title: "Recipient", cell: ({ chain_id, recipient }) => links.address(chain_id, recipient) },
    { title: "Zone", cell: ({ zone_id }) => renderId(zone_id, `/admin/zones/${zone_id}`) },
    { title: "Chain", cell: ({ chain_id }) => links.name(chain_id) },
    { title: "Deadline", cell: ({ deadline }) => renderTime(deadline) },
  ];
}

function renderEscrowFacts(escrow: Escrow, links: ChainLinks): Markup {
  const { chain_id: chain, recipient_amount, creator_fee, protocol_fee } = escrow;
  const ended: [string, Shown][] =
    escrow.resolved_tx_hash === undefined
      ? []
      : [
          ["Ended by", escrow.resolved_by ?? "somebody else"],
          ["Ended", renderTime(escrow.resolved_at)],
          ["Ending transaction", links.tx(chain, escrow.resolved_tx_hash)],
        ];
  const shares: [string, Shown][] = [
    ["Recipient's share", recipient_amount],
    ["Creator's fee", creator_fee],
    ["Protocol fee", protocol_fee],
  ].flatMap(([name, amount]): [string, Shown][] =>
    amount === undefined ? [] : [[String(name), toUsdc(amount)]],
  );
  return renderFacts([
    ["Amount", toUsdc(escrow.amount)],
    ["Payment", renderId(escrow.payment_id, `/admin/payments/${escrow.payment_id}`)],
    ["Zone", renderId(escrow.zone_id, `/admin/zones/${escrow.zone_id}`)],
    ["Agent", renderId(escrow.node_id)],
    ["Request", html`<code class="whole">${escrow.request_id}</code>`],
    ["Depositor", links.address(chain, escrow.depositor)],
    ["Recipient", links.address(chain, escrow.recipient)],
    ["Arbiter", links.address(chain, escrow.arbiter)],
    ["Deadline", renderTime(escrow.deadline)],
    ["Chain", links.name(chain)],
    ["Contract", links.address(chain, escrow.contract)],
    ["Deposit", links.tx(chain, escrow.tx_hash)],
    ...shares,
    ...ended,
  ]);
}

function renderNext(view: View, { escrow_id, status, pending }: Escrow): Markup {
  const params = { escrow_id };
  const isOpen = (status === "deposited" || status === "disputed") && pending === undefined;
  const operations = [
    "releaseEscrow",
    "refundEscrow",
    ...(status === "deposited" ? ["disputeEscrow"] : []),
  ];
  const forms = isOpen
    ? operations
        .map((operation) => view.renderAction(operation, { params }))
        .filter((form) => form !== "")
    : [];
  if (forms.length > 0) {
    return html`<p class="quiet">Who may do what is the contract's: the wallet must be a party, or carry a party's signature.</p>
<div class="cards">${forms.map((form) => html`<div class="card">${form}</div>`)}</div>`;
  }
  return html`<p class="empty">${
    isOpen
      ? "Your token may read this escrow; to decide about it needs the scope operate."
      : "Nothing: it has ended, or something is under way already."
  }</p>`;
}
