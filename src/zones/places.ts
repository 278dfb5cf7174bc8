import type { Counters } from "../base/counters.ts";
import { StewardError } from "../errors.ts";
import type { Write } from "../store/database.ts";
import type { ZoneQueries } from "../store/zones/zones.ts";
import type { ZonesConfig } from "./config.ts";

/** How many places zones have for others; keys of the configuration's `zones`. */
export type PlaceLimits = Pick<
  ZonesConfig,
  "members_max" | "memberships_per_node" | "invites_per_zone" | "bans_per_zone"
>;

export interface PlaceDeps {
  readonly queries: ZoneQueries;
  readonly placeLimits: PlaceLimits;
  readonly counters: Counters;
}

/**
 * Refuses a node another place where all zones together, or those it is in, have as many members as
 * may be. @throws StewardError `full`
 */
export function assertPlace({ queries, placeLimits, counters }: PlaceDeps, nodeId: string): void {
  const own = queries.membershipsOf(nodeId) >= placeLimits.memberships_per_node;
  if (!own && queries.membershipsInAll() < placeLimits.members_max) return;
  counters.add(own ? "zones.memberships_per_node" : "zones.members_max");
  throw new StewardError("full", {
    reason: "OVERLOADED",
    message: own
      ? "You are in as many zones of this steward as one node may; leave some."
      : "The zones of this steward have as many members as may be.",
  });
}

/**
 * Refuses another ban in a zone that has as many as one may; those that are over are forgotten first.
 * @throws StewardError `rate_limited`
 */
export function assertBanRoom(write: Write, deps: PlaceDeps, zoneId: string, now: number): void {
  const { queries, placeLimits, counters } = deps;
  const hasRoom = () => queries.countZoneBans(zoneId) < placeLimits.bans_per_zone;
  if (hasRoom()) return;
  if (queries.pruneZoneBansOf(write, zoneId, now) > 0 && hasRoom()) return;
  counters.add("zones.bans_per_zone");
  throw new StewardError("rate_limited", {
    reason: "OVERLOADED",
    message: "The zone has as many bans as it may; lift some.",
  });
}
