import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import type { PageDeps } from "../frame/page-deps.ts";
import {
  type Column,
  renderBadge,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTabs,
  renderTime,
  toUsdc,
} from "../frame/parts.ts";
import { type ChainLinks, createChainLinks } from "./chain-links.ts";
import { pickFilter, renderFilter, toListQuery } from "./lists.ts";
import { PAYMENT_MEANINGS, type Payment } from "./money-types.ts";
import { createPaymentPage } from "./payment.ts";

const STATES = Object.keys(PAYMENT_MEANINGS);

/** `/admin/payments`, `/admin/payments/waiting` and the page of one. */
export function createPaymentPages({ config }: PageDeps): Page[] {
  const links = createChainLinks(config.chains);
  return [
    {
      path: "/payments",
      nav: "Payments",
      operation: "listPayments",
      render: async (view) => {
        const state = pickFilter(view, "state", STATES);
        const { payments, next } = await view.api.read<PaymentList>("listPayments", {
          query: toListQuery(view, { state }),
        });
        const table = renderTable(
          "Payments, newest first",
          toColumns(links),
          payments,
          state === "" ? renderNone(config.chains.length > 0) : "No payment is in this state.",
        );
        const body = html`<h1>Payments</h1>${renderPaymentTabs("/admin/payments")}
${renderFilter("State", "state", STATES, state)}${renderLive("payments", table)}${renderPager(view, next)}`;
        return { title: "Payments", body };
      },
    },
    {
      path: "/payments/waiting",
      operation: "listPayments",
      render: async (view) => {
        const { payments, next } = await view.api.read<PaymentList>("listPayments", {
          query: toListQuery(view, { waiting: "operator" }),
        });
        const table = renderTable(
          "Paid, and undelivered or failed, or a refund that failed",
          [
            ...[ID, AMOUNT, ACTION],
            { title: "Request", cell: ({ request }) => request?.state.replaceAll("_", " ") ?? "–" },
            { title: "Since", cell: ({ updated_at }) => renderTime(updated_at) },
            { title: "Reason", cell: toReason },
            {
              title: "Next step",
              cell: ({ id, hint }) =>
                html`<a href="/admin/payments/${id}#next">Decide here</a> <span class="quiet">${hint ?? ""}</span>`,
            },
          ],
          payments,
          "No payment waits for you: whatever was paid for is delivered, under way, or given back.",
        );
        const body = html`<h1>Payments that wait for you</h1>${renderPaymentTabs("/admin/payments/waiting")}
${renderLive("waiting", table, { isSpoken: true })}${renderPager(view, next)}`;
        return { title: "Payments that wait for you", body };
      },
    },
    createPaymentPage(links),
  ];
}

interface PaymentList {
  readonly payments: readonly Payment[];
  readonly next?: string;
}

/** Why a payment waits, in the words of whoever failed. */
export function toReason({ request, failure }: Payment): string {
  const said = request?.failure;
  const text = said?.message ?? said?.reason ?? said?.code;
  if (text !== undefined) return String(text);
  if (request?.state === "undelivered") return "What became of the run is not known.";
  return failure?.message ?? "Its refund failed.";
}

function renderPaymentTabs(path: string): Markup {
  const tabs = [
    ["All", "/admin/payments"],
    ["Waiting for you", "/admin/payments/waiting"],
  ] as const;
  return renderTabs("Which payments", tabs, path);
}

const ID: Column<Payment> = {
  title: "Payment",
  cell: ({ id }) => renderId(id, `/admin/payments/${id}`),
};
const AMOUNT: Column<Payment> = {
  title: "Amount",
  cell: ({ amount }) => toUsdc(amount),
  isNumber: true,
};
const ACTION: Column<Payment> = {
  title: "For",
  cell: ({ action, zone_id }) => html`${action} in ${renderId(zone_id, `/admin/zones/${zone_id}`)}`,
};

function toColumns(links: ChainLinks): Column<Payment>[] {
  return [
    ID,
    AMOUNT,
    {
      title: "State",
      cell: ({ state, waiting }) =>
        html`${renderBadge(state, PAYMENT_MEANINGS[state]?.tone ?? "idle")}${
          waiting === undefined ? "" : html` ${renderBadge("waits for you", "bad")}`
        }`,
    },
    ACTION,
    { title: "Request", cell: ({ request }) => request?.state.replaceAll("_", " ") ?? "–" },
    { title: "Payer", cell: ({ chain_id, payer }) => links.address(chain_id, payer) },
    { title: "Chain", cell: ({ chain_id }) => links.name(chain_id) },
    { title: "Quoted", cell: ({ created_at }) => renderTime(created_at) },
  ];
}

function renderNone(hasChain: boolean): Markup {
  return hasChain
    ? html`Nobody was quoted a price yet. Give a zone's action a <code>price</code> and a handler; agents are quoted when they ask for it.`
    : html`No chain is configured: actions are free here. <code>steward chain deploy --write steward.config.json</code> sets one up.`;
}
