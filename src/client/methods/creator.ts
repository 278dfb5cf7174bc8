import { createId } from "../../protocol/ids.ts";
import type { JsonObject } from "../../protocol/json.ts";
import { mayFollowStop } from "../../protocol/zone-succession.ts";
import type { AgentCore } from "../agent-core.ts";
import { AgentError, hasCode } from "../agent-error.ts";
import type { BodyFields } from "../calls/ask.ts";
import { parseReply } from "../calls/replies.ts";
import type { CallOptions, Deadline } from "../deadline.ts";
import {
  changeManifest,
  createManifest,
  isSameContent,
  signEnvelope,
  type ZoneChange,
  type ZoneInput,
} from "../zones/draft.ts";
import { type VerifiedZone, verifyZoneEnvelope } from "../zones/envelope.ts";
import { toZoneInfo, type ZoneInfo } from "../zones/info.ts";

/** How to ban. */
export interface BanOptions extends CallOptions {
  readonly reason?: string;
  /** Unix seconds; absent means until it is lifted. */
  readonly expiresAt?: number;
}

/** How to invite. */
export interface InviteOptions extends CallOptions {
  /** The only node that may use it; absent admits anyone who has it. */
  readonly nodeId?: string;
  /** Default 1. */
  readonly maxUses?: number;
  /** Unix seconds. */
  readonly expiresAt?: number;
}

/** An invitation; its secret is nowhere else. */
export interface Invitation {
  readonly zoneId: string;
  readonly inviteId: string;
  readonly invite: string;
  readonly maxUses: number;
  /** Unix seconds. */
  readonly expiresAt?: number;
}

/** Signs a new zone's first envelope and has the connected steward host it; throws AgentError. */
export async function createZone(
  core: AgentCore,
  input: ZoneInput,
  deadline: Deadline,
): Promise<ZoneInfo> {
  const { identity, link, chains } = core.settings;
  const { nodeId, proven } = core.peer;
  // The envelope would give the zone to whoever owns the id that this node only claims.
  if (!proven) throw new AgentError("identity_unproven");
  const { url } = link.dial;
  const [chainId, ...otherChains] = chains.keys();
  const now = nowSecs();
  const manifest = createManifest(input, {
    id: createId("zone"),
    creator: { node_id: identity.nodeId },
    steward_set: [{ node_id: nodeId, entrypoint: url, role: "primary" }],
    entrypoints: [url],
    chain_id: otherChains.length === 0 ? chainId : undefined,
    created_at: now,
  });
  const first = { epoch: 1, state: "active" as const, prev: null, replication: undefined };
  const envelope = await signEnvelope(identity, { manifest, signed_at: now, ...first });
  return publish(core, "zone.create", envelope, deadline);
}

/**
 * Signs a zone's next epoch; a change that changes nothing makes none. A stopped zone takes new stewards
 * and entrypoints, and stays stopped. Throws AgentError, `stopped` for any other change of it.
 */
export async function updateZone(
  core: AgentCore,
  zoneId: string,
  change: ZoneChange,
  deadline: Deadline,
): Promise<ZoneInfo> {
  const { zone, ...current } = await inspectOwn(core, zoneId, deadline);
  const { state } = zone.envelope;
  const manifest = changeManifest(zone.envelope.manifest, change);
  if (state === "stopped" && !mayFollowStop(zone.envelope, { manifest, state })) {
    throw new AgentError("stopped");
  }
  if (isSameContent(manifest, zone.envelope.manifest)) return toZoneInfo(zone, current);
  return publishNext(core, zone, { manifest, state }, deadline);
}

/** Signs a zone's end, which is final; a stopped zone stays as it is. Throws AgentError. */
export async function stopZone(
  core: AgentCore,
  zoneId: string,
  deadline: Deadline,
): Promise<ZoneInfo> {
  const { zone, ...current } = await inspectOwn(core, zoneId, deadline);
  if (zone.envelope.state === "stopped") return toZoneInfo(zone, current);
  const { manifest } = zone.envelope;
  return publishNext(core, zone, { manifest, state: "stopped" }, deadline);
}

/** Sends one of the creator's messages that are answered by `zone.done`; throws AgentError. */
export async function moderate(
  core: AgentCore,
  fields: BodyFields,
  deadline: Deadline,
): Promise<void> {
  parseReply("zone.done", (await core.ask(fields, { deadline })).body);
}

/** Creates an invitation; throws AgentError. */
export async function invite(
  core: AgentCore,
  zoneId: string,
  options: InviteOptions & { deadline: Deadline },
): Promise<Invitation> {
  const { nodeId, maxUses, expiresAt, deadline } = options;
  const fields = {
    type: "zone.invite",
    zone_id: zoneId,
    node_id: nodeId,
    max_uses: maxUses,
    expires_at: expiresAt,
  };
  // Each copy makes an invitation of its own.
  const { body } = await core.ask(fields, { deadline, repeatable: false });
  const made = parseReply("zone.invited", body);
  return {
    zoneId,
    inviteId: made.invite_id,
    invite: made.invite,
    maxUses: made.max_uses,
    ...(made.expires_at !== undefined && { expiresAt: made.expires_at }),
  };
}

async function inspectOwn(core: AgentCore, zoneId: string, deadline: Deadline) {
  const current = await core.inspect(zoneId, deadline);
  if (current.zone.manifest.creator.node_id !== core.settings.identity.nodeId) {
    throw new AgentError(2003, {
      reason: "NOT_ALLOWED",
      message: "Only the zone's creator can sign its next epoch.",
    });
  }
  return current;
}

async function publishNext(
  core: AgentCore,
  zone: VerifiedZone,
  change: { readonly manifest: JsonObject; readonly state: "active" | "stopped" },
  deadline: Deadline,
): Promise<ZoneInfo> {
  const { epoch, replication } = zone.envelope;
  const envelope = await signEnvelope(core.settings.identity, {
    ...change,
    epoch: epoch + 1,
    signed_at: nowSecs(),
    prev: zone.contentHash,
    replication,
  });
  return publish(core, "zone.update", envelope, deadline);
}

/** Sends a signed envelope; that the steward has it already is as good as that it takes it. */
async function publish(
  core: AgentCore,
  type: "zone.create" | "zone.update",
  envelope: JsonObject,
  deadline: Deadline,
): Promise<ZoneInfo> {
  const zoneId = (envelope.manifest as { id: string }).id;
  const own = await verifyZoneEnvelope(envelope, zoneId);
  try {
    const { body } = await core.ask({ type, envelope }, { deadline, zoneId });
    const reply = parseReply("zone.manifest", body);
    const zone = await core.book.accept(zoneId, reply.envelope);
    if (zone.contentHash === own.contentHash) return toZoneInfo(zone, reply);
    throw new AgentError("protocol_error", { message: "The steward shows another envelope." });
  } catch (error) {
    // A copy that was sent before a reconnect may have arrived.
    if (!hasCode(error, "stale_manifest")) throw error;
    const { zone, ...current } = await core.inspect(zoneId, deadline);
    if (zone.contentHash !== own.contentHash) throw error;
    return toZoneInfo(zone, current);
  }
}

function nowSecs(): number {
  return Math.floor(Date.now() / 1000);
}
