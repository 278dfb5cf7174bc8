import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";
import { toReplyId, type ZoneHandler } from "../call.ts";
import { checkZone, type ZoneCheckDeps } from "../checks.ts";
import { appendEvent, leaveRoom, type NewEvent, type ZoneLogDeps } from "../log/log.ts";

/** Ends a membership; `docs/protocol.md` §6. */
export function handleLeave(deps: ZoneCheckDeps & ZoneLogDeps): ZoneHandler<"zone.leave"> {
  return (call, body, write) => {
    const { zone } = checkZone(deps, call, body, { member: true });
    const { via } = call.sender.passedBy ?? {};
    const detail = via === undefined ? {} : { via };
    removeMember(write, deps, zone.row.zoneId, call.sender.nodeId, { event: "left", detail });
    call.reply({ type: "zone.left", ...toReplyId(body), zone_id: zone.row.zoneId });
  };
}

/**
 * Removes a member and tells the others why.
 * @throws StewardError `not_member`
 */
export function removeMember(
  write: Write,
  deps: ZoneLogDeps,
  zoneId: string,
  nodeId: string,
  { event, detail }: Pick<NewEvent, "detail"> & { readonly event: "left" | "removed" },
): void {
  if (!deps.queries.deleteMember(write, zoneId, nodeId)) throw new StewardError("not_member");
  leaveRoom(deps, zoneId, nodeId);
  appendEvent(write, deps, zoneId, { event, nodeId, ...(detail !== undefined && { detail }) });
}
