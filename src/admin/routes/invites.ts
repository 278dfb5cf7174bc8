import { Hono } from "hono";
import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { NODE_ID_PATTERN } from "../../protocol/ids.ts";
import type { InviteRow } from "../../store/zones/invites.ts";
import { createInvitation } from "../../zones/members/invitations.ts";
import type { AdminDeps, AdminEnv } from "../deps.ts";
import { requireScope } from "../http/auth.ts";
import { getZoneId, parseInput, parsePage, readJson, toPage } from "../http/input.ts";

const inviteSchema = z.strictObject({
  node_id: z.string().regex(NODE_ID_PATTERN, "expected atlas_ and 64 hex digits").nullish(),
  max_uses: z.int().min(1).max(1_000_000).default(1),
  expires_at: z.int().positive().nullish(),
});

/** Serves `/v1/zones/{zone_id}/invites`; an invitation's secret is shown once, when it is made. */
export function createInviteRoutes(deps: AdminDeps): Hono<AdminEnv> {
  const { zones, store, config, now } = deps;
  const routes = new Hono<AdminEnv>();
  routes.get("/:zone_id/invites", requireScope("read"), (context) => {
    const { zoneId } = zones.reader.get(getZoneId(context)).row;
    const { after, limit } = parsePage(context);
    const rows = zones.invites.listInvites(zoneId, after, limit + 1);
    const { items, next } = toPage(rows, limit, {
      toCursor: (row) => row.inviteId,
      toItem: toInviteBody,
    });
    return context.json({ invites: items, next });
  });
  routes.post("/:zone_id/invites", requireScope("operate"), async (context) => {
    const zoneId = getZoneId(context);
    const body = await readJson(context, config.http.body_bytes_max, { optional: true });
    const input = parseInput(inviteSchema, body);
    const { secret, row } = store.write((write) =>
      createInvitation(write, zones, {
        zoneId,
        nodeId: input.node_id ?? undefined,
        maxUses: input.max_uses,
        expiresAt: input.expires_at ?? undefined,
      }),
    );
    return context.json({ ...toInviteBody(row), invite: secret }, 201);
  });
  routes.delete("/:zone_id/invites/:invite_id", requireScope("operate"), (context) => {
    const { zoneId } = zones.reader.get(getZoneId(context)).row;
    const inviteId = context.req.param("invite_id");
    const revoked = store.write((write) =>
      zones.invites.revokeInvite(write, zoneId, inviteId, now()),
    );
    if (!revoked) throw new StewardError("not_found", { message: "There is no such invitation." });
    return context.body(null, 204);
  });
  return routes;
}

function toInviteBody(row: InviteRow) {
  return {
    invite_id: row.inviteId,
    ...(row.nodeId !== null && { node_id: row.nodeId }),
    max_uses: row.maxUses,
    uses: row.uses,
    created_at: row.createdAt,
    ...(row.expiresAt !== null && { expires_at: row.expiresAt }),
    ...(row.revokedAt !== null && { revoked_at: row.revokedAt }),
  };
}
