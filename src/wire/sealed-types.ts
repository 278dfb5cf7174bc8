import type { ZoneRequestType } from "./zone-requests.ts";

/** What a primary takes through a replica only with its sender's signature; `docs/protocol.md` §9.10. */
const SEALED: ReadonlySet<ZoneRequestType> = new Set<ZoneRequestType>([
  "zone.request",
  "zone.payment",
  "zone.receipt",
  "zone.escrow",
  "zone.provide",
  "zone.result",
  "zone.ban",
  "zone.unban",
  "zone.approve",
  "zone.invite",
]);

/** What a replica answers by itself, from its own copy. */
const OWN: ReadonlySet<ZoneRequestType> = new Set<ZoneRequestType>([
  "zone.discover",
  "zone.inspect",
  "zone.history",
  "zone.members",
]);

/** What any steward that a new envelope names takes for itself; never forwarded. */
const ENVELOPES: ReadonlySet<ZoneRequestType> = new Set<ZoneRequestType>([
  "zone.create",
  "zone.update",
]);

/** Whether a primary takes it through a replica only signed, addressed to itself; `docs/protocol.md` §9.10. */
export function isSealedType(type: string): boolean {
  return (SEALED as ReadonlySet<string>).has(type);
}

/** Whether a replica passes it on to its primary. */
export function isForwardedType(type: ZoneRequestType): boolean {
  return !OWN.has(type) && !ENVELOPES.has(type);
}

/** Whether any steward that the envelope names takes it; `docs/protocol.md` §9.3. */
export function isEnvelopeType(type: string): boolean {
  return (ENVELOPES as ReadonlySet<string>).has(type);
}
