import { html } from "hono/html";
import type { Action } from "../frame/action.ts";
import type { Markup } from "../frame/markup.ts";
import { orName, quote, toCommand, toNames } from "../frame/shell-text.ts";

const URL_MAX = 2048;

const CREATE: Action = {
  operation: "createWebhook",
  label: "Make a webhook",
  done: "The webhook is made",
  fields: [
    {
      name: "url",
      label: "URL",
      isRequired: true,
      max: URL_MAX,
      hint: "https://…; it is sent POSTs.",
    },
    {
      name: "events",
      label: "Events",
      isRequired: true,
      hint: "With spaces between them: types, families as payment.*, or *. All of them: docs/events.md.",
    },
    {
      name: "allow_private",
      label: "It may lead to private addresses",
      type: "checkbox",
      hint: "Only to those that webhooks.allow_private of the configuration names.",
    },
  ],
  toBody: ({ url, events = "", allow_private }) => ({
    url,
    events: toNames(events),
    ...(allow_private === "yes" && { allow_private: true }),
  }),
  toCommand: (_params, { url, events, allow_private }) =>
    [
      `steward webhook add ${orName(url, "url")} --event`,
      events === undefined ? "<pattern...>" : toNames(events).map(quote).join(" "),
      ...(allow_private === "yes" ? ["--allow-private"] : []),
    ].join(" "),
  show: renderSecret,
};

const CHANGE: Action = {
  operation: "updateWebhook",
  label: "Change",
  done: "The webhook is changed",
  fields: [
    {
      name: "state",
      label: "State",
      type: "select",
      options: [
        ["active", "active: is sent what happens"],
        ["paused", "paused: what happens waits in the event log"],
      ],
      isRequired: true,
    },
  ],
  toBody: ({ state }) => ({ state }),
  toCommand: ({ webhook_id }, { state }) =>
    toCommand("webhook", state === "paused" ? "pause" : "resume", webhook_id),
};

const DELETE: Action = {
  operation: "deleteWebhook",
  label: "Remove",
  done: "The webhook is removed",
  confirm: "What waits for it, and what was given up, is removed, too. It does not come back.",
  toCommand: ({ webhook_id }) => toCommand("webhook", "remove", webhook_id),
  toNext: () => "/admin/webhooks",
};

const ROTATE: Action = {
  operation: "rotateWebhookSecret",
  label: "Give it another secret",
  done: "The webhook has another secret",
  fields: [
    {
      name: "overlap_secs",
      label: "Seconds for which the one before signs, too",
      type: "number",
      hint: "Empty: webhooks.overlap_secs of the configuration.",
    },
  ],
  confirm: "The receiver must know the new one before the old one ends.",
  toBody: ({ overlap_secs }) =>
    overlap_secs === undefined ? {} : { overlap_secs: Number(overlap_secs) },
  toCommand: ({ webhook_id }, { overlap_secs }) =>
    toCommand(
      ...["webhook", "secret", webhook_id],
      ...(overlap_secs === undefined ? [] : ["--overlap", overlap_secs]),
    ),
  show: renderSecret,
};

const TEST: Action = {
  operation: "testWebhook",
  label: "Send a test",
  done: "The test was sent",
  toCommand: ({ webhook_id }) => toCommand("webhook", "test", webhook_id),
  show: ({ delivered, status, problem }) =>
    delivered === true
      ? html`<p>The receiver took it${status === undefined ? "" : html` and answered ${String(status)}`}.</p>`
      : html`<p class="notice bad"><b>It was not taken:</b> ${String(problem ?? "nothing is known of why")}. Correct the receiver or the URL, and send another test.</p>`,
};

const REPLAY: Action = {
  operation: "replayWebhookDelivery",
  label: "Send again",
  done: "It is sent again",
  toCommand: ({ webhook_id, delivery_id }) =>
    toCommand("webhook", "replay", webhook_id, delivery_id),
};

const REPLAY_DEAD: Action = {
  operation: "replayDeadDeliveries",
  label: "Send again all that was given up",
  done: "What was given up is sent again, a thousand at a time: repeat it while some is left",
  toCommand: ({ webhook_id }) => toCommand("webhook", "replay", webhook_id, "--dead"),
};

/** What the pages of webhooks offer to do. */
export const WEBHOOK_ACTIONS: readonly Action[] = [
  ...[CREATE, CHANGE, DELETE, ROTATE, TEST, REPLAY, REPLAY_DEAD],
];

function renderSecret({ secret, id }: Readonly<Record<string, unknown>>): Markup {
  return secret === undefined
    ? html`<p>It was made before, and shown then: where it was lost, give <code>${String(id)}</code> another one.</p>`
    : html`<p>Its secret is shown this once. The receiver checks signatures with it (<code>docs/webhooks.md</code>):</p><p><code class="secret">${String(secret)}</code></p>`;
}
