import { toReplyId, type ZoneHandler } from "../call.ts";
import type { ZoneCheckDeps } from "../checks.ts";
import { checkCreator } from "../creator-only.ts";
import { approveProvider, type ProvidersDeps } from "../members/providers.ts";

/** Approves a provider of the creator's zone, or ends its approval; `docs/protocol.md` §6. */
export function handleApprove(deps: ZoneCheckDeps & ProvidersDeps): ZoneHandler<"zone.approve"> {
  return (call, body, write) => {
    checkCreator(deps, call, body);
    const { zone_id, node_id, actions } = body;
    const approvedBy = call.sender.nodeId;
    approveProvider(write, deps, { zoneId: zone_id, nodeId: node_id, actions, approvedBy });
    call.reply({ type: "zone.done", ...toReplyId(body), zone_id });
  };
}
