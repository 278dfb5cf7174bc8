import { CLAIM_STATES } from "../store/payments/claim-schema.ts";
import { ESCROW_STATUSES } from "../store/payments/escrow-schema.ts";
import { PAYMENT_STATES, REFUND_STATES } from "../store/payments/schema.ts";

/** Every type of an event that is kept, without those that follow from states; `docs/events.md`. */
const OTHER_TYPES = [
  "zone.created",
  "zone.updated",
  "zone.stopped",
  "zone.resumed",
  "zone.deleted",
  "zone.forked",
  "member.joined",
  "member.left",
  "member.removed",
  "member.banned",
  "member.unbanned",
  "replication.primary_changed",
  "replication.halted",
  "replication.resumed",
  "replication.evidence",
  "replication.steward_lost",
  "replication.steward_back",
  "alarm.raised",
  "alarm.cleared",
  "token.created",
  "token.deleted",
  "ban.set",
  "ban.lifted",
  "steward.restored",
] as const;

/** A type of the log. */
export type EventType =
  | (typeof OTHER_TYPES)[number]
  | `payment.${(typeof PAYMENT_STATES)[number]}`
  | `escrow.${(typeof ESCROW_STATUSES)[number]}`
  | `refund.${(typeof REFUND_STATES)[number]}`
  | `claim.${(typeof CLAIM_STATES)[number]}`;

/** Every type of an event that is kept; `docs/events.md`. */
export const EVENT_TYPES: readonly EventType[] = [
  ...OTHER_TYPES,
  ...PAYMENT_STATES.map((state) => `payment.${state}` as const),
  ...ESCROW_STATUSES.map((status) => `escrow.${status}` as const),
  ...REFUND_STATES.map((state) => `refund.${state}` as const),
  ...CLAIM_STATES.map((state) => `claim.${state}` as const),
];

/** What the feed tells beside and nobody keeps: whoever connects is told what is then; `docs/events.md`. */
export const VOLATILE_TYPES = ["session.opened", "session.closed", "zone.head"] as const;
export type VolatileType = (typeof VOLATILE_TYPES)[number];

const KNOWN_TYPES: readonly string[] = [...EVENT_TYPES, ...VOLATILE_TYPES];

/** The types that somebody asks for by whole names and families that end in `.*`, each once. */
export function expandTypes(patterns: readonly string[]): string[] {
  const wanted = new Set(patterns);
  return KNOWN_TYPES.filter((type) => {
    const family = `${type.slice(0, type.indexOf("."))}.*`;
    return wanted.has(type) || wanted.has(family);
  });
}
