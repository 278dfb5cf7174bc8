import { toReplyId, type ZoneHandler } from "../call.ts";
import type { ZoneCheckDeps } from "../checks.ts";
import { checkCreator } from "../creator-only.ts";
import { createInvitation, type InvitationDeps } from "../members/invitations.ts";
import { banNode, type ModerationDeps, unbanNode } from "../members/moderation.ts";

type Deps = ZoneCheckDeps & ModerationDeps;

/** Bans a node from the creator's zone; `docs/protocol.md` §6. */
export function handleBan(deps: Deps): ZoneHandler<"zone.ban"> {
  return (call, body, write) => {
    const { zone_id, node_id, reason, expires_at } = body;
    checkCreator(deps, call, body);
    banNode(write, deps, { zoneId: zone_id, nodeId: node_id, reason, expiresAt: expires_at });
    call.reply({ type: "zone.done", ...toReplyId(body), zone_id });
  };
}

/** Lifts a ban; `docs/protocol.md` §6. */
export function handleUnban(deps: Deps): ZoneHandler<"zone.unban"> {
  return (call, body, write) => {
    checkCreator(deps, call, body);
    unbanNode(write, deps, { zoneId: body.zone_id, nodeId: body.node_id, reason: body.reason });
    call.reply({ type: "zone.done", ...toReplyId(body), zone_id: body.zone_id });
  };
}

/** Creates an invitation, whose secret is in the answer and nowhere else; `docs/protocol.md` §6. */
export function handleInvite(deps: ZoneCheckDeps & InvitationDeps): ZoneHandler<"zone.invite"> {
  return (call, body, write) => {
    checkCreator(deps, call, body);
    const { secret, row } = createInvitation(write, deps, {
      zoneId: body.zone_id,
      nodeId: body.node_id,
      maxUses: body.max_uses,
      expiresAt: body.expires_at,
    });
    call.reply({
      type: "zone.invited",
      ...toReplyId(body),
      zone_id: body.zone_id,
      invite: secret,
      invite_id: row.inviteId,
      max_uses: row.maxUses,
      ...(row.expiresAt !== null && { expires_at: row.expiresAt }),
    });
  };
}
