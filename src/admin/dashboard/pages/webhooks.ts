import { html } from "hono/html";
import type { Markup } from "../frame/markup.ts";
import type { Page } from "../frame/page.ts";
import {
  type Column,
  renderBadge,
  renderFacts,
  renderId,
  renderLive,
  renderPager,
  renderTable,
  renderTime,
  type Tone,
} from "../frame/parts.ts";
import type { View } from "../frame/view.ts";
import { pickFilter, renderFilter, renderJson, toListQuery } from "./lists.ts";

interface WebhookBody {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly allow_private: boolean;
  readonly state: "active" | "paused" | "disabled";
  readonly has_secret: boolean;
  readonly created_at: number;
  readonly created_by: string;
  readonly former_secret_until?: number;
  readonly pending: number;
  readonly dead: number;
}

interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly zone_id: string | null;
  readonly state: "pending" | "delivered" | "dead";
  readonly attempts: number;
  readonly created_at: number;
  readonly changed_at: number;
  readonly next_at?: number;
  readonly status?: number;
  readonly error?: string;
  readonly body: unknown;
}

const WEBHOOK_TONES: Readonly<Record<WebhookBody["state"], Tone>> = {
  active: "good",
  paused: "idle",
  disabled: "bad",
};
const DELIVERY_TONES: Readonly<Record<Delivery["state"], Tone>> = {
  pending: "warn",
  delivered: "good",
  dead: "bad",
};
const DELIVERY_STATES = Object.keys(DELIVERY_TONES);

/** `/admin/webhooks` and the page of one, with its deliveries. */
export function createWebhookPages(): Page[] {
  return [
    {
      path: "/webhooks",
      nav: "Webhooks",
      operation: "listWebhooks",
      render: async (view) => {
        const { webhooks, next } = await view.api.read<{ webhooks: WebhookBody[]; next?: string }>(
          "listWebhooks",
          { query: toListQuery(view) },
        );
        const form = view.renderAction("createWebhook");
        const body = html`<h1>Webhooks</h1>${renderLive("webhooks", renderWebhooks(webhooks))}${renderPager(view, next)}
${form === "" ? "" : html`<section class="card"><h2>Another webhook</h2>${form}</section>`}`;
        return { title: "Webhooks", body };
      },
    },
    {
      path: "/webhooks/:webhook_id",
      operation: "getWebhook",
      render: async (view) => {
        const params = { webhook_id: view.param("webhook_id") };
        const state = pickFilter(view, "state", DELIVERY_STATES);
        const webhook = await view.api.read<WebhookBody>("getWebhook", { params });
        const { deliveries, next } = await view.api.read<DeliveryList>("listWebhookDeliveries", {
          params,
          query: toListQuery(view, { state }),
        });
        const body = html`<div class="title"><h1>Webhook</h1>${renderBadge(webhook.state, WEBHOOK_TONES[webhook.state])}</div>
<p class="quiet"><code class="whole">${webhook.id}</code></p>
${renderLive("webhook-facts", renderWebhookFacts(webhook), { isSpoken: true })}
<section><h2>Deliveries</h2>${renderFilter("State", "state", DELIVERY_STATES, state)}
${renderLive("deliveries", renderDeliveries(view, deliveries, state))}${renderPager(view, next)}</section>
<section><h2>What can be done</h2>${renderNext(view, webhook)}</section>`;
        return { title: "Webhook", body };
      },
    },
  ];
}

interface DeliveryList {
  readonly deliveries: readonly Delivery[];
  readonly next?: string | number;
}

function renderWebhooks(webhooks: readonly WebhookBody[]): Markup {
  return renderTable(
    "Where what happens is sent",
    [
      { title: "Webhook", cell: ({ id }) => renderId(id, `/admin/webhooks/${id}`) },
      { title: "URL", cell: ({ url }) => html`<code class="whole">${url}</code>` },
      { title: "Events", cell: ({ events }) => events.join(" ") },
      {
        title: "State",
        cell: ({ state, has_secret }) =>
          html`${renderBadge(state, WEBHOOK_TONES[state])}${has_secret ? "" : renderBadge("no secret", "bad")}`,
      },
      { title: "Waiting", cell: ({ pending }) => pending, isNumber: true },
      {
        title: "Given up",
        cell: ({ dead }) => (dead === 0 ? dead : renderBadge(String(dead), "bad")),
        isNumber: true,
      },
    ],
    webhooks,
    html`Nothing is sent anywhere. Make one here, or with <code>steward webhook add URL --event 'payment.*'</code>; <code>docs/webhooks.md</code> has what a receiver does.`,
  );
}

function renderWebhookFacts(webhook: WebhookBody): Markup {
  const { state, has_secret, dead, former_secret_until: until } = webhook;
  return html`${has_secret ? "" : html`<p class="notice bad"><b>It is sent nothing: it has no secret,</b> since the master key was lost. Give it another one here, and its receiver, too.</p>`}
${state === "disabled" && has_secret ? html`<p class="notice bad"><b>It is sent nothing:</b> its receiver answered 410, gone. Make it active again where the receiver is back.</p>` : ""}
${dead === 0 ? "" : html`<p class="notice bad"><b>${dead} deliveries were given up.</b> Correct the receiver, send a test, then send them again.</p>`}
${renderFacts([
  ["URL", html`<code class="whole">${webhook.url}</code>`],
  ["Events", webhook.events.join(" ")],
  ["Waiting", webhook.pending],
  ["Given up", dead],
  ["Private addresses", webhook.allow_private ? "as configured" : "refused"],
  ["Made", renderTime(webhook.created_at)],
  ["Made by token", renderId(webhook.created_by)],
  ["Former secret until", renderTime(until)],
])}`;
}

function renderDeliveries(view: View, deliveries: readonly Delivery[], state: string): Markup {
  const webhook_id = view.param("webhook_id");
  const columns: Column<Delivery>[] = [
    { title: "Event", cell: ({ id, type }) => html`${type} <span class="quiet">${id}</span>` },
    {
      title: "Zone",
      cell: ({ zone_id }) =>
        zone_id === null ? "–" : renderId(zone_id, `/admin/zones/${zone_id}`),
    },
    { title: "State", cell: ({ state: now }) => renderBadge(now, DELIVERY_TONES[now]) },
    { title: "Tries", cell: ({ attempts }) => attempts, isNumber: true },
    { title: "Happened", cell: ({ created_at }) => renderTime(created_at) },
    { title: "Next try", cell: ({ next_at }) => renderTime(next_at) },
    {
      title: "Answer",
      cell: ({ status, error }) => [status ?? "", error ?? ""].join(" ").trim() || "–",
    },
    {
      title: "Sent",
      cell: ({ body }) => html`<details><summary>Show</summary>${renderJson(body)}</details>`,
    },
    {
      title: "",
      cell: ({ id, state: now }) =>
        now === "pending"
          ? ""
          : view.renderAction("replayWebhookDelivery", {
              params: { webhook_id, delivery_id: id },
              label: `Send event ${id} again`,
              isCompact: true,
            }),
    },
  ];
  return renderTable(
    "By event, the oldest first",
    columns,
    deliveries,
    state === ""
      ? "Nothing it asks for has happened yet. A test shows whether the receiver takes it."
      : "No delivery is in this state.",
  );
}

function renderNext(view: View, { id, state, dead }: WebhookBody): Markup {
  const params = { webhook_id: id };
  const filled = { state: state === "active" ? "paused" : "active" };
  const forms = [
    view.renderAction("testWebhook", { params }),
    dead === 0 ? "" : view.renderAction("replayDeadDeliveries", { params }),
    view.renderAction("updateWebhook", { params, filled }),
    view.renderAction("rotateWebhookSecret", { params }),
    view.renderAction("deleteWebhook", { params }),
  ].filter((form) => form !== "");
  if (forms.length === 0) {
    return html`<p class="empty">Your token may read this webhook; to test it needs the scope operate, to change it admin.</p>`;
  }
  return html`<div class="cards">${forms.map((form) => html`<div class="card">${form}</div>`)}</div>`;
}
