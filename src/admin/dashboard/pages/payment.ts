import { html } from "hono/html";
import type { Markup, Shown } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  renderBadge,
  renderFacts,
  renderId,
  renderLive,
  renderTable,
  renderTime,
  toUsdc,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import type { ChainLinks } from "./chain-links.ts";
import { renderJson } from "./lists.ts";
import { PAYMENT_MEANINGS, PAYMENT_WAY, type Refund, type ShownPayment } from "./money-types.ts";

const REFUND_UNDER_WAY = ["requested", "submitted"];

/** `/admin/payments/{payment_id}`: where a payment is on its way, how it came there, what can be done. */
export function createPaymentPage(links: ChainLinks): Page {
  return {
    path: "/payments/:payment_id",
    operation: "getPayment",
    render: async (view) => {
      const id = view.param("payment_id");
      const payment = await view.api.read<ShownPayment>("getPayment", {
        params: { payment_id: id },
      });
      const body = html`<div class="title"><h1>${toUsdc(payment.amount)} for ${payment.action}</h1>
${renderBadge(payment.state, PAYMENT_MEANINGS[payment.state]?.tone ?? "idle")}</div>
<p class="quiet"><code class="whole">${id}</code></p>
${renderLive("way", html`${renderWay(payment)}${renderStanding(payment)}`, { isSpoken: true })}
<section><h2 id="next">What can be done</h2>${renderNext(view, payment)}</section>
<section><h2>Facts</h2>${renderLive("payment-facts", renderPaymentFacts(payment, links))}</section>
${payment.refund === null ? "" : html`<section><h2>Refund</h2>${renderRefund(payment.chain_id, payment.refund, links)}</section>`}
${payment.held.length === 0 ? "" : renderHeld(payment, links)}
<section><h2>History</h2>${renderLive("history", renderHistory(payment))}</section>`;
      return { title: `Payment ${toUsdc(payment.amount)}`, body };
    },
  };
}

/** The states on the way to a delivery, and beside them the end that was reached instead. */
function renderWay({ state, history }: ShownPayment): Markup {
  const reached = new Map(history.map((step) => [step.state, step.at]));
  const way: readonly string[] = PAYMENT_WAY;
  const aside = [...reached.keys(), state].filter((name) => !way.includes(name));
  const names = [...way, ...new Set(aside)];
  return html`<ol class="way" aria-label="States of the payment">${names.map((name) => {
    const at = reached.get(name);
    const kind = name === state ? "now" : at === undefined ? "ahead" : "past";
    const word = { now: "now", ahead: "not reached", past: "passed" }[kind];
    return html`<li class="${kind}" ${name === state ? html`aria-current="step"` : ""}><b>${name}</b>
<span class="quiet">${at === undefined ? word : renderTime(at)}</span></li>`;
  })}</ol>`;
}

function renderStanding(payment: ShownPayment): Markup {
  const { state, failure, voided_at, waiting, hint, request } = payment;
  const said = request?.failure;
  const meaning =
    waiting !== undefined && state === "confirmed"
      ? "The chain has settled it; the action that it paid for did not end well."
      : PAYMENT_MEANINGS[state]?.text;
  return html`<p><b>${meaning ?? ""}</b></p>
${failure === null ? "" : html`<p>Why: ${failure.message} <span class="quiet">${failure.reason}</span></p>`}
${voided_at === null ? "" : html`<p>Its authorization can never execute: the chain showed so at ${renderTime(voided_at)}.</p>`}
${said === null || said === undefined ? "" : renderSaid(said)}
${waiting === undefined ? "" : html`<p class="notice bad"><b>It waits for you.</b> ${hint ?? ""}</p>`}`;
}

/** What the request ended with: in words, and as it is. */
function renderSaid(said: Readonly<Record<string, unknown>>): Markup {
  const { message, reason, code } = said;
  if (message === undefined) return html`<p>The request: ${renderJson(said)}</p>`;
  return html`<p>The request: ${String(message)} <span class="quiet">${String(reason ?? code ?? "")}</span></p>`;
}

function renderNext(view: View, { id, state, escrow_id, waiting, refund }: ShownPayment): Markup {
  const params = { payment_id: id };
  const isPaid = state === "confirmed" || state === "delivered";
  const isUnderWay = refund !== null && REFUND_UNDER_WAY.includes(refund.state);
  const forms = [
    waiting !== undefined && state === "confirmed"
      ? view.renderAction("retryPayment", { params })
      : "",
    isPaid && escrow_id === undefined && !isUnderWay
      ? view.renderAction("refundPayment", { params })
      : "",
    isUnderWay ? view.renderAction("declareRefundLost", { params }) : "",
  ].filter((form) => form !== "");
  const escrow =
    escrow_id === undefined
      ? ""
      : html`<p>The amount is in escrow: it is paid out, given back or disputed at <a href="/admin/escrows/${escrow_id}">its escrow</a>.</p>`;
  if (forms.length > 0) {
    return html`${escrow}<div class="cards">${forms.map((form) => html`<div class="card">${form}</div>`)}</div>`;
  }
  if (escrow !== "") return escrow;
  return html`<p class="empty">${
    isPaid
      ? "Your token may read this payment; to refund it or run it again needs the scope operate."
      : "Nothing: the steward goes on by itself, or there is nothing to give back."
  }</p>`;
}

function renderPaymentFacts(payment: ShownPayment, links: ChainLinks): Markup {
  const { chain_id: chain, settlement } = payment;
  const settled: [string, Shown][] =
    settlement === null
      ? []
      : [
          ["Transaction", links.tx(chain, settlement.tx_hash)],
          ["Block", settlement.block_number],
          ["Settled", renderTime(settlement.settled_at)],
          ["Recipient gets", toUsdc(settlement.recipient_amount)],
          ["Creator's fee", toUsdc(settlement.creator_fee)],
          ["Protocol fee", toUsdc(settlement.protocol_fee)],
        ];
  return renderFacts([
    ["Amount", toUsdc(payment.amount)],
    ["Zone", renderId(payment.zone_id, `/admin/zones/${payment.zone_id}`)],
    ["Action", payment.action],
    ["Agent", renderId(payment.node_id)],
    ["Request", html`<code class="whole">${payment.request_id}</code>`],
    ["Request is", payment.request?.state.replaceAll("_", " ") ?? "–"],
    ["Mode", payment.settlement_mode],
    ["Payer", links.address(chain, payment.payer)],
    ["Recipient", links.address(chain, payment.recipient)],
    ["Zone's creator", links.address(chain, payment.creator)],
    ["Chain", links.name(chain)],
    ["Contract", links.address(chain, payment.contract)],
    ["Token", links.address(chain, payment.token)],
    ["Deadline", renderTime(payment.deadline)],
    ["Attempts on chain", payment.attempts],
    ["Quoted", renderTime(payment.created_at)],
    ["Changed", renderTime(payment.updated_at)],
    ...settled,
  ]);
}

function renderRefund(chain: number, refund: Refund, links: ChainLinks): Markup {
  const { state, amount, to, tx_hash, requested_by, reason, failure, steward } = refund;
  return renderFacts([
    ["State", state],
    ["Amount", toUsdc(amount)],
    ["To", links.address(chain, to)],
    ["Transaction", links.tx(chain, tx_hash)],
    ["Asked for by", requested_by],
    ["Reason", reason ?? "–"],
    ["Failure", failure ?? "–"],
    ["Paid by", steward === undefined ? "this steward" : renderId(steward)],
    ["Asked for", renderTime(refund.created_at)],
    ["Changed", renderTime(refund.updated_at)],
  ]);
}

function renderHeld({ held, chain_id }: ShownPayment, links: ChainLinks): Markup {
  const table = renderTable(
    "Shares that the token refused to pay",
    [
      { title: "Share", cell: ({ share }) => share },
      { title: "Owner", cell: ({ owner }) => links.address(chain_id, owner) },
      { title: "Amount", cell: ({ amount }) => toUsdc(amount), isNumber: true },
      { title: "Claimed", cell: ({ claimed }) => (claimed ? "yes" : "no") },
    ],
    held,
    "",
  );
  return html`<section><h2>Held back</h2>${table}<p class="quiet">The contract keeps them for their owners: <a href="/admin/claims">claims</a>.</p></section>`;
}

function renderHistory({ history }: ShownPayment): Markup {
  return renderTable(
    "What happened, oldest first",
    [
      { title: "When", cell: ({ at }) => renderTime(at) },
      {
        title: "State",
        cell: ({ state }) => renderBadge(state, PAYMENT_MEANINGS[state]?.tone ?? "idle"),
      },
      { title: "Detail", cell: ({ detail }) => renderJson(detail) },
    ],
    history,
    "Nothing was noted.",
  );
}
