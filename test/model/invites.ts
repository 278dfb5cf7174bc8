import { expect } from "vitest";
import type { Fields } from "./envelopes.ts";
import { fromLast, type Op, toZoneId } from "./membership.ts";
import { enterAsCreator, type Model, refuse, toAnswer } from "./model.ts";
import { getUnstopped, type OperatorOp, toTarget } from "./moderation.ts";

/** For whom an invitation is. */
export interface InviteArgs {
  readonly slot: number;
  /** The only agent that may use it. */
  readonly target: number | undefined;
  readonly maxUses: number | undefined;
  readonly forSecs: number | undefined;
}

function toInviteFields(model: Model, args: InviteArgs) {
  return {
    node_id: args.target === undefined ? undefined : toTarget(model, args.target),
    max_uses: args.maxUses,
    expires_at: args.forSecs === undefined ? undefined : model.now + args.forSecs,
  };
}

type InviteFields = ReturnType<typeof toInviteFields>;

function assertInvitable(model: Model, { expires_at }: InviteFields): void {
  if (expires_at !== undefined && expires_at <= model.now) refuse("invalid_params");
}

/** The secret and the id are the steward's to choose. */
function learnInvite(model: Model, zoneId: string, fields: InviteFields) {
  return (reply: Fields): void => {
    if (typeof reply.invite !== "string") return;
    model.zones.get(zoneId)?.invites.push({
      inviteId: reply.invite_id as string,
      secret: reply.invite,
      nodeId: fields.node_id,
      maxUses: fields.max_uses ?? 1,
      expiresAt: fields.expires_at,
      uses: 0,
      revoked: false,
    });
  };
}

/** A creator invites. */
export function invite(args: InviteArgs): Op {
  return (model, { agent }) => {
    const zone_id = toZoneId(model, args.slot);
    const fields = toInviteFields(model, args);
    return {
      body: { type: "zone.invite", zone_id, ...fields },
      learn: learnInvite(model, zone_id, fields),
      expected: toAnswer(() => {
        enterAsCreator(model, zone_id, agent);
        assertInvitable(model, fields);
        return {
          type: "zone.invited",
          zone_id,
          invite: expect.stringMatching(/^[A-Za-z0-9_-]{22,}$/),
          invite_id: expect.stringMatching(/^inv_/),
          max_uses: fields.max_uses ?? 1,
          expires_at: fields.expires_at,
        };
      }),
    };
  };
}

/** The operator invites, also while the zone is suspended. */
export function inviteByOperator(args: InviteArgs): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, args.slot);
    const fields = toInviteFields(model, args);
    return {
      method: "POST",
      path: `/v1/zones/${zoneId}/invites`,
      body: fields,
      learn: learnInvite(model, zoneId, fields),
      expected: toAnswer(() => {
        getUnstopped(model, zoneId);
        assertInvitable(model, fields);
        return {
          ...fields,
          max_uses: fields.max_uses ?? 1,
          invite_id: expect.stringMatching(/^inv_/),
          invite: expect.any(String),
          uses: 0,
          created_at: model.now,
        };
      }),
    };
  };
}

/** The operator takes an invitation back. */
export function revokeByOperator({ slot, pick }: { slot: number; pick: number }): OperatorOp {
  return (model) => {
    const zoneId = toZoneId(model, slot);
    const invites = model.zones.get(zoneId)?.invites ?? [];
    const found = fromLast(invites, pick);
    return {
      method: "DELETE",
      path: `/v1/zones/${zoneId}/invites/${found?.inviteId ?? "inv_none"}`,
      expected: toAnswer(() => {
        if (!model.zones.has(zoneId)) refuse("zone_not_found");
        if (found === undefined || found.revoked) return refuse("not_found");
        found.revoked = true;
        return undefined;
      }),
    };
  };
}
