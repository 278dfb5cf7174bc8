import { html } from "hono/html";
import { StewardError } from "../../../errors.ts";
import type { Action } from "../frame/action.ts";
import { orName, quote, toCommand } from "../frame/shell-text.ts";

const NAME_MAX = 64;
const REASON_MAX = 256;
const HOUR_SECS = 3600;
const MINUTE_SECS = 60;

const END_SESSION: Action = {
  operation: "endSession",
  label: "End",
  done: "The session has ended; the peer may come back",
  toCommand: ({ session_id }) => toCommand("session", "disconnect", session_id),
};

const BAN: Action = {
  operation: "putWireBan",
  label: "Ban",
  done: "The node is banned",
  paramFields: [
    { name: "node_id", label: "Node id", isRequired: true, hint: "atlas_ and 64 hex digits" },
  ],
  fields: [
    { name: "hours", label: "Ends after hours", type: "number", isRequired: true },
    { name: "reason", label: "Reason", max: REASON_MAX },
  ],
  confirm:
    "Its sessions end, and it cannot come back to this steward until the ban ends or is lifted.",
  toBody: ({ hours = "", reason }, now) => ({
    expires_at: toExpiry(hours, now),
    ...(reason !== undefined && { reason }),
  }),
  toCommand: ({ node_id }, { hours, reason }) =>
    [
      `steward ban wire-add ${orName(node_id, "node-id")} --expires-in ${orName(hours, "hours")}h`,
      ...(reason === undefined ? [] : [`--reason ${quote(reason)}`]),
    ].join(" "),
};

const LIFT_BAN: Action = {
  operation: "liftWireBan",
  label: "Lift the ban",
  done: "The node may come back",
  toCommand: ({ node_id }) => toCommand("ban", "wire-remove", node_id),
};

const CREATE_TOKEN: Action = {
  operation: "createToken",
  label: "Make a token",
  done: "The token is made",
  fields: [
    {
      name: "name",
      label: "Name",
      isRequired: true,
      max: NAME_MAX,
      hint: "Of who uses it: it stands in the audit log.",
    },
    {
      name: "scope",
      label: "Scope",
      type: "select",
      options: [
        ["read", "read: sees everything but tokens, audit and configuration"],
        ["operate", "operate: also changes zones and money"],
        ["admin", "admin: also tokens and configuration"],
      ],
      isRequired: true,
    },
    {
      name: "hours",
      label: "Ends after hours",
      type: "number",
      hint: "Empty: it does not end by itself.",
    },
  ],
  toBody: ({ name, scope, hours }, now) => ({
    name,
    scope,
    ...(hours !== undefined && { expires_at: toExpiry(hours, now) }),
  }),
  toCommand: (_params, { name, scope, hours }) =>
    [
      `steward token create ${orName(name, "name")} --scope ${orName(scope, "scope")}`,
      ...(hours === undefined ? [] : [`--expires-in ${orName(hours, "hours")}h`]),
    ].join(" "),
  show: ({ token, id }) =>
    token === undefined
      ? html`<p>It was made before, and its text was shown then: revoke <code>${String(id)}</code> and make another one where that was lost.</p>`
      : html`<p>Its text is shown this once, and nobody can read it again. Put it into a file of mode 0600:</p><p><code class="secret">${String(token)}</code></p>`,
};

const DELETE_TOKEN: Action = {
  operation: "deleteToken",
  label: "Revoke",
  done: "The token is worthless",
  confirm:
    "Whoever uses it is refused from the next request on, its sessions of this dashboard included.",
  toCommand: ({ token_id }) => toCommand("token", "revoke", token_id),
};

const CREATE_BACKUP: Action = {
  operation: "createBackup",
  label: "Make a backup now",
  done: "The backup is being made",
  toBody: () => ({ wait: false }),
  toCommand: () => "steward backup create",
};

const RELOAD: Action = {
  operation: "reloadConfig",
  label: "Read the configuration again",
  done: "The configuration was read",
  toCommand: () => "steward config reload",
  show: ({ changed, restart }) =>
    html`<p>In force now: ${renderKeys(changed, "nothing changed")}.</p><p>In force after a restart: ${renderKeys(restart, "nothing")}.</p>`,
};

/** What the pages of the service offer to do. */
export const SERVICE_ACTIONS: readonly Action[] = [
  ...[END_SESSION, BAN, LIFT_BAN, CREATE_TOKEN, DELETE_TOKEN, CREATE_BACKUP, RELOAD],
];

/** To the minute, so that a form that is sent twice asks for the same. */
function toExpiry(hours: string, now: number): number {
  const secs = Number(hours) * HOUR_SECS;
  if (!(secs > 0)) {
    throw new StewardError("invalid_request", { message: "hours: expected a number above 0" });
  }
  return Math.ceil((now + secs) / MINUTE_SECS) * MINUTE_SECS;
}

function renderKeys(keys: unknown, none: string) {
  if (!Array.isArray(keys) || keys.length === 0) return none;
  return html`${keys.map((key, index) => html`${index === 0 ? "" : ", "}<code>${String(key)}</code>`)}`;
}
