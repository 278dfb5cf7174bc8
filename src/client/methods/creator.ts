import { createId } from "../../protocol/ids.ts";
import { manifestSchema } from "../../protocol/manifest.ts";
import { mayFollowStop } from "../../protocol/zone-succession.ts";
import type { AgentCore } from "../agent-core.ts";
import { AgentError } from "../agent-error.ts";
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
import { toZoneInfo, type ZoneInfo } from "../zones/info.ts";
import { publish, withEpochs } from "./epochs.ts";
import { dropAcceptedLoss, toReplication } from "./promote.ts";

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
  const { replication, ...said } = input;
  const manifest = createManifest(said, {
    id: createId("zone"),
    creator: { node_id: identity.nodeId },
    steward_set: [{ node_id: nodeId, entrypoint: url, role: "primary" }],
    entrypoints: [url],
    chain_id: otherChains.length === 0 ? chainId : undefined,
    created_at: now,
  });
  const first = { epoch: 1, state: "active" as const, prev: null };
  const { steward_set } = manifestSchema.parse(manifest);
  const envelope = await signEnvelope(identity, {
    manifest,
    signed_at: now,
    replication: toReplication(replication ?? undefined, steward_set),
    ...first,
  });
  return publish(core, core.ask, "zone.create", { envelope, chain: [], deadline });
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
  return withEpochs(core, { zoneId, deadline }, async (desk) => {
    const { newest, shown, hasUnsent } = desk;
    const { envelope } = newest;
    const { state } = envelope;
    const { replication: asked, ...said } = change;
    const changed = changeManifest(envelope.manifest, said);
    const wanted = asked === undefined ? envelope.replication : (asked ?? undefined);
    const isSame =
      isSameContent(changed, envelope.manifest) &&
      isSameContent(wanted ?? null, envelope.replication ?? null);
    if (isSame) return hasUnsent ? desk.publishAgain() : toZoneInfo(newest, shown);
    if (state === "stopped" && !mayFollowStop(envelope, { manifest: changed, state })) {
      throw new AgentError("stopped");
    }
    const manifest = said.steward_set === undefined ? dropAcceptedLoss(changed) : changed;
    const replication = toReplication(wanted, manifestSchema.parse(manifest).steward_set);
    return desk.publishNext({ manifest, state, replication });
  });
}

/** Signs a zone's end, which is final; a stopped zone stays as it is. Throws AgentError. */
export async function stopZone(
  core: AgentCore,
  zoneId: string,
  deadline: Deadline,
): Promise<ZoneInfo> {
  return withEpochs(core, { zoneId, deadline }, async (desk) => {
    const { newest, shown, hasUnsent } = desk;
    const { manifest, state, replication } = newest.envelope;
    if (state === "stopped") return hasUnsent ? desk.publishAgain() : toZoneInfo(newest, shown);
    const last = dropAcceptedLoss(manifest);
    return desk.publishNext({ manifest: last, state: "stopped", replication });
  });
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

function nowSecs(): number {
  return Math.floor(Date.now() / 1000);
}
