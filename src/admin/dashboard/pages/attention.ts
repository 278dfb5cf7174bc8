import { html } from "hono/html";
import type { Markup, Shown } from "../frame/markup.ts";
import { toUsdc } from "../frame/parts.ts";
import type { View } from "../frame/view.ts";

/** What `/readyz?verbose` tells. */
export interface Readiness {
  readonly isReady: boolean;
  readonly checks?: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly problem?: string;
    readonly alarms?: readonly { readonly id: string; readonly message?: string }[];
    readonly halted?: number;
  }[];
  readonly warnings?: readonly {
    readonly key: string;
    readonly what: string;
    readonly remedy: string;
  }[];
}

/** Something that waits for somebody, and what to do about it. */
export interface Attention {
  readonly what: string;
  readonly remedy: Shown;
  readonly isGrave: boolean;
}

interface WaitingPayment {
  readonly id: string;
  readonly amount: string;
  readonly action: string;
  readonly hint?: string;
}

interface Breaker {
  readonly name: string;
  readonly state: string;
}

const WAITING_SHOWN = 5;
const REMEDIES: Readonly<Record<string, string>> = {
  draining: "It is stopping: nothing is to be done unless nobody asked for it.",
  database: "See the log for what the database said, and: steward doctor",
};

/** Finds what needs somebody, the gravest first. */
export async function findAttention(view: View, readiness: Readiness): Promise<Attention[]> {
  const [waiting, { breakers }] = await Promise.all([
    view.api.read<{ payments: WaitingPayment[]; next?: string }>("listPayments", {
      query: { waiting: "operator", limit: String(WAITING_SHOWN) },
    }),
    view.api.read<{ breakers: Breaker[] }>("listBreakers", { query: { limit: "500" } }),
  ]);
  return [
    ...findFailing(readiness),
    ...findHalted(readiness),
    ...waiting.payments.map(toWaiting),
    ...(waiting.next === undefined
      ? []
      : [
          {
            what: "More payments wait for you.",
            remedy: html`<a href="/admin/payments/waiting">All of them</a>`,
            isGrave: true,
          },
        ]),
    ...(readiness.warnings ?? []).map(({ key, what, remedy }) => ({
      what: `${key}: ${what}`,
      remedy,
      isGrave: false,
    })),
    ...breakers
      .filter(({ state }) => state !== "closed")
      .map(({ name }) => ({
        what: `Calls are kept from ${name}: its last ones failed.`,
        remedy: html`One call tries it again by itself; at once: <code>steward breaker close ${name}</code>`,
        isGrave: false,
      })),
  ];
}

/** Lists what needs somebody. */
export function renderAttention(attention: readonly Attention[]): Markup {
  if (attention.length === 0) {
    return html`<p class="empty">Nothing needs you now.</p>`;
  }
  return html`<h2>Needs you</h2><ul class="attention">${attention.map(
    ({ what, remedy, isGrave }) =>
      html`<li class="${isGrave ? "bad" : "warn"}"><b>${what}</b> <span>${remedy}</span></li>`,
  )}</ul>`;
}

function findFailing({ checks = [] }: Readiness): Attention[] {
  return checks
    .filter(({ ok }) => !ok)
    .map(({ name, problem }) => ({
      what: `${name}: ${problem ?? "the check fails"}`,
      remedy: REMEDIES[name] ?? "See each item with: steward doctor",
      isGrave: true,
    }));
}

function findHalted({ checks = [] }: Readiness): Attention[] {
  const halted = checks.find(({ name }) => name === "replication")?.halted ?? 0;
  if (halted === 0) return [];
  return [
    {
      what: `${halted} replicated ${halted === 1 ? "zone is" : "zones are"} halted.`,
      remedy: html`<a href="/admin/replication">Replication</a> says why, and what ends it.`,
      isGrave: true,
    },
  ];
}

function toWaiting({ id, amount, action, hint = "" }: WaitingPayment): Attention {
  return {
    what: `A payment of ${toUsdc(amount)} for ${action} waits for you.`,
    remedy: html`<a href="/admin/payments/${id}">${id}</a>: ${hint}`,
    isGrave: true,
  };
}
