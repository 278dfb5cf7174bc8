import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import type { ZoneBanRow } from "../../store/zones/members.ts";
import type { ZoneRow } from "../../store/zones/zones.ts";
import { appendEvent, leaveRoom, type ZoneLogDeps } from "../log/log.ts";
import { assertBanRoom, type PlaceDeps } from "../places.ts";
import type { ZoneReader } from "../zone.ts";

export interface ModerationDeps extends ZoneLogDeps, PlaceDeps {
  readonly reader: ZoneReader;
}

/** Whom a moderator's decision is about. */
export interface ModerationTarget {
  readonly zoneId: string;
  readonly nodeId: string;
}

export interface BanInput extends ModerationTarget {
  readonly reason?: string | undefined;
  /** Unix seconds; absent means until it is lifted. */
  readonly expiresAt?: number | undefined;
}

/**
 * Bans a node from a zone and ends its membership; the same ban again changes nothing. The banned
 * node still hears of it; `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`, `stopped`, `invalid_params` for the creator and for an end
 *   that is past, `rate_limited` where the zone has too many
 */
export function banNode(write: Write, deps: ModerationDeps, input: BanInput): ZoneBanRow {
  const { zoneId, nodeId } = input;
  const zone = getOpenZone(deps, zoneId);
  if (nodeId === zone.creator) {
    throw new StewardError("invalid_params", {
      message: "node_id: a zone's creator cannot be banned from it",
    });
  }
  if (input.expiresAt !== undefined && input.expiresAt <= deps.now()) {
    throw new StewardError("invalid_params", { message: "expires_at: expected a time to come" });
  }
  const reason = input.reason ?? null;
  const expiresAt = input.expiresAt ?? null;
  const known = deps.queries.findZoneBan(zoneId, nodeId, deps.now());
  if (known?.reason === reason && known.expiresAt === expiresAt) return known;
  if (known === undefined) assertBanRoom(write, deps, zoneId, deps.now());
  const ban = { zoneId, nodeId, reason, createdAt: known?.createdAt ?? deps.now(), expiresAt };
  deps.queries.putZoneBan(write, ban);
  deps.queries.deleteMember(write, zoneId, nodeId);
  endMembership(write, deps, input, "banned", {
    ...(reason !== null && { reason }),
    ...(expiresAt !== null && { expires_at: expiresAt }),
  });
  return ban;
}

/**
 * Lifts a ban; tells whether there was one. The node may join again, it is no member by this;
 * `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`, `stopped`
 */
export function unbanNode(
  write: Write,
  deps: ModerationDeps,
  { zoneId, nodeId, reason }: ModerationTarget & { readonly reason?: string | undefined },
): boolean {
  getOpenZone(deps, zoneId);
  const inForce = deps.queries.findZoneBan(zoneId, nodeId, deps.now()) !== undefined;
  deps.queries.deleteZoneBan(write, zoneId, nodeId);
  const detail = reason === undefined ? {} : { reason };
  if (inForce) appendEvent(write, deps, zoneId, { event: "unbanned", nodeId, detail });
  return inForce;
}

/**
 * Ends a membership, which the node may take up again; tells whether there was one. The removed
 * node still hears of it; `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`, `stopped`
 */
export function removeNode(write: Write, deps: ModerationDeps, target: ModerationTarget): boolean {
  getOpenZone(deps, target.zoneId);
  if (!deps.queries.deleteMember(write, target.zoneId, target.nodeId)) return false;
  endMembership(write, deps, target, "removed");
  return true;
}

/** A signed stop is final and ends the log; a suspended zone can still be moderated. */
function getOpenZone(deps: ModerationDeps, zoneId: string): ZoneRow {
  const { row } = deps.reader.get(zoneId);
  if (row.state === "stopped") throw new StewardError("stopped");
  return row;
}

function endMembership(
  write: Write,
  deps: ModerationDeps,
  { zoneId, nodeId }: ModerationTarget,
  event: "banned" | "removed",
  detail: JsonObject = {},
): void {
  appendEvent(write, deps, zoneId, { event, nodeId, detail });
  // After the event's delivery, so that it reaches the node, too.
  leaveRoom(deps, zoneId, nodeId);
}
