import { html } from "hono/html";
import { StewardError } from "../../../errors.ts";
import type { Action, Filled } from "../frame/action.ts";
import { orName, quote, toCommand, toNames } from "../frame/shell-text.ts";

const TYPES = ["open", "topic", "service", "market", "workspace"] as const;
/** Of the manifest's fields; `docs/protocol.md` §6. */
const NAME_MAX = 64;
const TEXT_MAX = 256;
const HOUR_SECS = 3600;
const MINUTE_SECS = 60;
const NODE = {
  name: "node_id",
  label: "Node id",
  isRequired: true,
  hint: "atlas_ and 64 hex digits",
} as const;

const EXPIRY = {
  name: "hours",
  label: "Ends after hours",
  type: "number",
  hint: "Empty: it does not end by itself.",
} as const;

const CREATE: Action = {
  operation: "createZone",
  label: "Create the zone",
  done: "The zone is created",
  fields: [
    { name: "name", label: "Name", isRequired: true, max: NAME_MAX },
    { name: "description", label: "Description", isRequired: true, max: TEXT_MAX },
    {
      name: "type",
      label: "Type",
      type: "select",
      options: TYPES.map((type) => [type, type] as const),
      isRequired: true,
    },
    { name: "topic", label: "Topic", max: TEXT_MAX },
    {
      name: "open",
      label: "Who may join",
      type: "select",
      options: [
        ["yes", "anybody"],
        ["no", "who is invited"],
      ],
      isRequired: true,
    },
    { name: "max_members", label: "Members at most", type: "number" },
    {
      name: "actions",
      label: "Actions",
      type: "textarea",
      hint: 'JSON, as in the manifest: [{"name": "echo", "description": "Answers its params.", "params": {"text": "string"}}]. A price makes one cost: docs/protocol.md, section 6.',
    },
  ],
  toBody: toZoneInput,
  toCommand: (_params, filled) =>
    filled.name === undefined
      ? "steward zone create zone.json"
      : `echo ${quote(JSON.stringify(toInputOrNothing(filled)))} | steward zone create -`,
  toNext: ({ id }) => `/admin/zones/${id}`,
};

const UPDATE: Action = {
  operation: "updateZone",
  label: "Sign the next epoch",
  done: "The next epoch is signed",
  fields: [
    {
      name: "manifest",
      label: "What the zone says",
      type: "textarea",
      isRequired: true,
      hint: "All of it, in JSON: what is left out is taken away. Stewards are changed under Replication.",
    },
  ],
  hasEpoch: true,
  toBody: ({ manifest = "" }) => parseJson("manifest", manifest),
  toCommand: ({ zone_id }) => toCommand("zone", "update", zone_id, "zone.json"),
};

const STOP: Action = {
  operation: "stopZone",
  label: "Stop the zone",
  done: "The zone is stopped",
  confirm:
    "A zone that this steward created ends for good: its members can read and no longer write. A zone of another creator is suspended here.",
  hasEpoch: true,
  toCommand: ({ zone_id }) => toCommand("zone", "stop", zone_id),
};

const RESUME: Action = {
  operation: "resumeZone",
  label: "Resume hosting",
  done: "The zone is hosted again",
  toCommand: ({ zone_id }) => toCommand("zone", "resume", zone_id),
};

const DELETE: Action = {
  operation: "deleteZone",
  label: "Delete the zone",
  done: "The zone is deleted",
  confirm: "Its log, its members and its invitations are really removed. They do not come back.",
  hasEpoch: true,
  toCommand: ({ zone_id }) => toCommand("zone", "delete", zone_id, "--no-export"),
  toNext: () => "/admin/zones",
};

const REMOVE: Action = {
  operation: "removeMember",
  label: "Remove",
  done: "The membership has ended",
  toCommand: ({ zone_id, node_id }) => toCommand("member", "remove", zone_id, node_id),
};

const BAN: Action = {
  operation: "putZoneBan",
  label: "Ban",
  done: "The node is banned",
  paramFields: [NODE],
  fields: [{ name: "reason", label: "Reason", max: TEXT_MAX }, EXPIRY],
  confirm: "The node's membership ends, and it cannot join again until the ban ends or is lifted.",
  toBody: ({ reason, hours }, now) => ({
    ...(reason !== undefined && { reason }),
    ...toExpiry(hours, now),
  }),
  toCommand: ({ zone_id, node_id }, { reason, hours }) =>
    [
      `steward ban add ${orName(zone_id, "zone-id")} ${orName(node_id, "node-id")}`,
      ...(reason === undefined ? [] : ["--reason", quote(reason)]),
      ...toExpiryFlag(hours),
    ].join(" "),
};

const UNBAN: Action = {
  operation: "removeZoneBan",
  label: "Lift the ban",
  done: "The ban is lifted",
  toCommand: ({ zone_id, node_id }) => toCommand("ban", "remove", zone_id, node_id),
};

const INVITE: Action = {
  operation: "createInvite",
  label: "Make an invitation",
  done: "The invitation is made",
  fields: [
    { name: "node_id", label: "For one node", hint: "Its node id; empty: whoever has the secret." },
    { name: "max_uses", label: "Uses", type: "number", hint: "Empty: one." },
    EXPIRY,
  ],
  toBody: ({ node_id, max_uses, hours }, now) => ({
    ...(node_id !== undefined && { node_id }),
    ...(max_uses !== undefined && { max_uses: Number(max_uses) }),
    ...toExpiry(hours, now),
  }),
  toCommand: ({ zone_id }, { node_id, max_uses, hours }) =>
    toCommand(
      ...["invite", "create", zone_id],
      ...(node_id === undefined ? [] : ["--node", node_id]),
      ...(max_uses === undefined ? [] : ["--max-uses", max_uses]),
      ...toExpiryFlag(hours),
    ),
  show: ({ invite, invite_id }) =>
    invite === undefined
      ? html`<p>It was made before, and its secret was shown then: revoke <code>${String(invite_id)}</code> and make another one where that was lost.</p>`
      : html`<p>Its secret is shown this once. Agents join with it:</p><p><code class="secret">${String(invite)}</code></p>`,
};

const REVOKE: Action = {
  operation: "revokeInvite",
  label: "Revoke",
  done: "The invitation is revoked",
  toCommand: ({ zone_id, invite_id }) => toCommand("invite", "revoke", zone_id, invite_id),
};

const APPROVE: Action = {
  operation: "putProvider",
  label: "Approve a provider",
  done: "The provider is approved",
  paramFields: [NODE],
  fields: [
    {
      name: "actions",
      label: "Actions",
      isRequired: true,
      hint: "Names, with spaces between them: these and no others.",
    },
  ],
  toBody: ({ actions = "" }) => ({ actions: toNames(actions) }),
  toCommand: ({ zone_id, node_id }, { actions }) =>
    `steward provider approve ${orName(zone_id, "zone-id")} ${orName(node_id, "node-id")} ${
      actions === undefined ? "<actions...>" : toNames(actions).map(quote).join(" ")
    }`,
};

const DISMISS: Action = {
  operation: "removeProvider",
  label: "End the approval",
  done: "The approval has ended",
  toCommand: ({ zone_id, node_id }) => toCommand("provider", "remove", zone_id, node_id),
};

const CLOSE_BREAKER: Action = {
  operation: "closeBreaker",
  label: "Let calls through",
  done: "Calls are let through again",
  toCommand: ({ breaker }) => toCommand("breaker", "close", breaker),
};

/** What the zone pages offer to do. */
export const ZONE_ACTIONS: readonly Action[] = [
  ...[CREATE, UPDATE, STOP, RESUME, DELETE, REMOVE, BAN, UNBAN],
  ...[INVITE, REVOKE, APPROVE, DISMISS, CLOSE_BREAKER],
];

function toZoneInput(filled: Filled): unknown {
  const { name, description, type, topic, open, max_members, actions } = filled;
  return {
    name,
    description,
    type,
    ...(topic !== undefined && { topic }),
    rules: {
      open: open !== "no",
      ...(max_members !== undefined && { max_members: Number(max_members) }),
    },
    ...(actions !== undefined && { actions: parseJson("actions", actions) }),
  };
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StewardError("invalid_request", { message: `${name}: expected JSON`, cause });
  }
}

/** What a command shows of a form that may be wrong. */
function toInputOrNothing(filled: Filled): unknown {
  try {
    return toZoneInput(filled);
  } catch {
    return toZoneInput({ ...filled, actions: "[]" });
  }
}

/** To the minute, so that a form that is sent twice asks for the same. */
function toExpiry(hours: string | undefined, now: number): { readonly expires_at?: number } {
  if (hours === undefined) return {};
  const at = Math.ceil((now + Number(hours) * HOUR_SECS) / MINUTE_SECS) * MINUTE_SECS;
  return { expires_at: at };
}

function toExpiryFlag(hours: string | undefined): string[] {
  return hours === undefined ? [] : ["--expires-in", `${hours}h`];
}
