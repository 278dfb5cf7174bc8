import type { Action } from "../frame/action.ts";
import { orName, quote, toCommand } from "../frame/shell-text.ts";

const URL_MAX = 512;

const PROMOTE: Action = {
  operation: "promoteReplica",
  label: "Make it the primary",
  done: "The epoch that names another primary is signed",
  fields: [
    { name: "node_id", label: "Node id", hint: "Empty: this steward." },
    {
      name: "accept_loss",
      label: "Accept that what earlier epochs acknowledged may be gone",
      type: "checkbox",
      hint: "Only where those who have it will not come back. A payer is not charged twice even then.",
    },
  ],
  confirm:
    "This signs a new epoch of the zone, which every steward of it follows. It cannot be taken back, only followed by another one.",
  toBody: ({ node_id, accept_loss }) => ({
    ...(node_id !== undefined && { node_id }),
    ...(accept_loss === "yes" && { accept_loss: true }),
  }),
  toCommand: ({ zone_id }, { node_id, accept_loss }) =>
    toCommand(
      ...["replica", "promote", zone_id, node_id],
      ...(accept_loss === "yes" ? ["--accept-loss"] : []),
    ),
};

const RESYNC: Action = {
  operation: "resyncReplica",
  label: "Take another copy",
  done: "Another copy is being taken",
  fields: [
    {
      name: "branch",
      label: "Go by another envelope",
      hint: "The hash of the other one, where the creator signed two of one epoch. Empty: a copy of the same.",
    },
  ],
  confirm:
    "The copy that is here stays in use until the new one is complete. What the new one has not is set aside.",
  toBody: ({ branch }) => (branch === undefined ? {} : { branch }),
  toCommand: ({ zone_id }, { branch }) =>
    toCommand("replica", "resync", zone_id, ...(branch === undefined ? [] : ["--branch", branch])),
};

const DISCARD: Action = {
  operation: "removeQuarantine",
  label: "Remove for good",
  done: "What was set aside is removed, or some of it: repeat it while the list shows it",
  confirm: "These entries and requests exist nowhere else. They do not come back.",
  toCommand: ({ zone_id, cut_id }) =>
    `steward replica quarantine ${orName(zone_id, "zone-id")} --remove ${orName(cut_id, "id")}`,
};

const ADD: Action = {
  operation: "addSteward",
  label: "Add a steward",
  done: "The steward is named as a learner, and votes once it is ready",
  fields: [
    { name: "node_id", label: "Node id", isRequired: true, hint: "atlas_ and 64 hex digits" },
    {
      name: "entrypoint",
      label: "Entrypoint",
      isRequired: true,
      max: URL_MAX,
      hint: "wss://…/wire",
    },
  ],
  confirm:
    "It reads everything of the zone: messages, members, requests with their params and results. This signs a new epoch.",
  toBody: ({ node_id, entrypoint }) => ({ node_id, entrypoint }),
  toCommand: ({ zone_id }, { node_id, entrypoint }) =>
    `steward replica add ${[orName(zone_id, "zone-id"), orName(node_id, "node-id"), orName(entrypoint, "entrypoint")].join(" ")}`,
};

const REMOVE: Action = {
  operation: "removeSteward",
  label: "Remove",
  done: "The steward is named no more",
  confirm:
    "This signs a new epoch without it. Where it voted, others must hold what is acknowledged from then on.",
  toCommand: ({ zone_id, node_id }) =>
    `steward replica remove ${orName(zone_id, "zone-id")} ${node_id === undefined ? "<node-id>" : quote(node_id)}`,
};

/** What the pages of replication offer to do. */
export const REPLICATION_ACTIONS: readonly Action[] = [PROMOTE, RESYNC, DISCARD, ADD, REMOVE];
