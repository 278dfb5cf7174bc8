import { createHash, randomBytes } from "node:crypto";
import type { Counters } from "../../base/counters.ts";
import { StewardError } from "../../errors.ts";
import { createId } from "../../protocol/ids.ts";
import type { Write } from "../../store/database.ts";
import type { InviteQueries, InviteRow } from "../../store/zones/invites.ts";
import type { PlaceLimits } from "../places.ts";
import type { ZoneReader } from "../zone.ts";

const SECRET_BYTES = 24;

export interface InvitationDeps {
  readonly counters: Counters;
  readonly placeLimits: PlaceLimits;
  readonly reader: ZoneReader;
  readonly invites: InviteQueries;
  readonly now: () => number;
}

export interface InvitationInput {
  readonly zoneId: string;
  /** The only node that may use it; undefined admits anyone who has it. */
  readonly nodeId?: string | undefined;
  readonly maxUses: number;
  /** Unix seconds. */
  readonly expiresAt?: number | undefined;
}

/**
 * Creates an invitation; its secret is returned this once and stored as SHA-256;
 * `docs/protocol.md` §6.
 * @throws StewardError `zone_not_found`, `stopped`, `invalid_params`, `rate_limited` where the zone has
 *   too many
 */
export function createInvitation(
  write: Write,
  deps: InvitationDeps,
  input: InvitationInput,
): { readonly secret: string; readonly row: InviteRow } {
  const { row: zone } = deps.reader.get(input.zoneId);
  if (zone.state === "stopped") throw new StewardError("stopped");
  if (input.expiresAt !== undefined && input.expiresAt <= deps.now()) {
    throw new StewardError("invalid_params", { message: "expires_at: expected a time to come" });
  }
  assertRoom(write, deps, input.zoneId);
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const row: InviteRow = {
    inviteId: createId("inv"),
    zoneId: input.zoneId,
    hash: hashInvite(secret),
    nodeId: input.nodeId ?? null,
    maxUses: input.maxUses,
    uses: 0,
    createdAt: deps.now(),
    expiresAt: input.expiresAt ?? null,
    revokedAt: null,
  };
  deps.invites.insertInvite(write, row);
  return { secret, row };
}

/** Invitations that admit nobody any more make room for new ones. */
function assertRoom(write: Write, deps: InvitationDeps, zoneId: string): void {
  const { invites, placeLimits } = deps;
  const hasRoom = () => invites.countInvites(zoneId) < placeLimits.invites_per_zone;
  if (hasRoom()) return;
  if (invites.pruneInvitesOf(write, zoneId, deps.now()) > 0 && hasRoom()) return;
  deps.counters.add("zones.invites_per_zone");
  throw new StewardError("rate_limited", {
    reason: "OVERLOADED",
    message: "The zone has as many invitations as it may; revoke some.",
  });
}

/** Counts one use of an invitation; false where it does not admit the node. */
export function redeemInvitation(
  write: Write,
  deps: Pick<InvitationDeps, "invites" | "now">,
  zoneId: string,
  nodeId: string,
  secret: string,
): boolean {
  return deps.invites.useInvite(write, {
    zoneId,
    nodeId,
    hash: hashInvite(secret),
    now: deps.now(),
  });
}

function hashInvite(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
