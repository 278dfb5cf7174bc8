import { z } from "zod";
import { StewardError } from "../../errors.ts";
import { nodeIdField } from "../../protocol/schema-fields.ts";
import type { InviteRow } from "../../store/zones/invites.ts";
import { createInvitation } from "../../zones/members/invitations.ts";
import type { AdminDeps } from "../deps.ts";
import { pageSchema, toListSchema, toPage } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

const inviteSchema = z.strictObject({
  node_id: nodeIdField.nullish(),
  max_uses: z.int().min(1).max(1_000_000).default(1),
  expires_at: z.int().positive().nullish(),
});

const inviteBody = z.object({
  invite_id: z.string(),
  node_id: nodeIdField.optional(),
  max_uses: z.int(),
  uses: z.int(),
  created_at: z.int(),
  expires_at: z.int().optional(),
  revoked_at: z.int().optional(),
});
const madeBody = inviteBody.extend({
  invite: z.string().optional().describe("the secret; in the first answer only"),
});

/** `/v1/zones/{zone_id}/invites`; an invitation's secret is shown once, when it is made. */
export function createInviteRoutes(deps: AdminDeps): Route[] {
  return [listInvites(deps), createInvite(deps), revokeInvite(deps)];
}

function listInvites({ zones }: AdminDeps): Route {
  return createRoute({
    id: "listInvites",
    method: "GET",
    path: "/v1/zones/{zone_id}/invites",
    tag: "members",
    summary: "The invitations to a zone, without their secrets",
    scope: "read",
    query: pageSchema,
    answers: { 200: toListSchema("invites", inviteBody) },
    kind: "read",
    read: ({ params, query: { after, limit } }) => {
      const { zoneId } = zones.reader.get(params.zone_id).row;
      const rows = zones.invites.listInvites(zoneId, after, limit + 1);
      const { items, next } = toPage(rows, limit, {
        toCursor: (row) => row.inviteId,
        toItem: toInviteBody,
      });
      return { status: 200, body: { invites: items, next } };
    },
  });
}

function createInvite({ zones }: AdminDeps): Route {
  return createRoute({
    id: "createInvite",
    method: "POST",
    path: "/v1/zones/{zone_id}/invites",
    tag: "members",
    summary: "Makes an invitation; its secret is shown this once",
    scope: "operate",
    body: inviteSchema,
    isBodyOptional: true,
    answers: { 201: madeBody },
    errors: ["stopped", "invalid_params", "conflict", "rate_limited"],
    shownOnce: ["invite"],
    kind: "change",
    change: (write, { params, body }) => {
      const { secret, row } = createInvitation(write, zones, {
        zoneId: params.zone_id,
        nodeId: body.node_id ?? undefined,
        maxUses: body.max_uses,
        expiresAt: body.expires_at ?? undefined,
      });
      return { status: 201, body: { ...toInviteBody(row), invite: secret } };
    },
  });
}

function revokeInvite({ zones, now }: AdminDeps): Route {
  return createRoute({
    id: "revokeInvite",
    method: "DELETE",
    path: "/v1/zones/{zone_id}/invites/{invite_id}",
    tag: "members",
    summary: "Makes an invitation worthless; members stay",
    scope: "operate",
    answers: { 204: null },
    errors: ["not_found", "conflict"],
    kind: "change",
    look: ({ params }) => {
      const row = zones.invites.findInvite(params.zone_id, params.invite_id);
      return row && toInviteBody(row);
    },
    change: (write, { params }) => {
      const { zoneId } = zones.reader.get(params.zone_id).row;
      const revoked = zones.invites.revokeInvite(write, zoneId, params.invite_id, now());
      if (!revoked) {
        throw new StewardError("not_found", { message: "There is no such invitation." });
      }
      return { status: 204 };
    },
  });
}

function toInviteBody(row: InviteRow): z.output<typeof inviteBody> {
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
