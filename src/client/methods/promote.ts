import type { JsonObject } from "../../protocol/json.ts";
import type { StewardRef, ZoneEnvelope } from "../../protocol/manifest.ts";
import { isReplicated, toStewardSet } from "../../protocol/steward-set.ts";
import type { AgentCore } from "../agent-core.ts";
import { AgentError } from "../agent-error.ts";
import type { CallOptions, Deadline } from "../deadline.ts";
import { changeManifest } from "../zones/draft.ts";
import type { VerifiedZone } from "../zones/envelope.ts";
import { withEpochs } from "./epochs.ts";

/** The shortest lease that is not counted as a longer one; `docs/protocol.md` §9.1. */
const LEASE_MS_MIN = 1000;

/** How to promote. */
export interface PromoteOptions extends CallOptions {
  /**
   * The creator's signed word that what was acknowledged in earlier epochs may be gone: for where the
   * stewards that hold it will not come back; `docs/protocol.md` §9.8.
   */
  readonly acceptLoss?: boolean;
}

/** What promoting came to: the new primary has the envelope, and takes over once it may. */
export interface Promotion {
  readonly zoneId: string;
  readonly epoch: number;
  /** Its node id. */
  readonly primary: string;
  readonly envelope: ZoneEnvelope;
  /** Node ids of the stewards that answered the creator. */
  readonly answered: readonly string[];
}

/**
 * Signs a zone's next epoch with another primary, and hands it to that one first. The former primary stays
 * a voter only if it answers; `docs/protocol.md` §9.8.
 * @throws AgentError `invalid_input` where the zone is not replicated or does not name the node,
 * `connection_failed` where the node does not answer: nothing is signed then
 */
export async function promote(
  core: AgentCore,
  input: { readonly zoneId: string; readonly nodeId: string } & PromoteOptions,
  deadline: Deadline,
): Promise<Promotion> {
  const { zoneId, nodeId, acceptLoss = false } = input;
  return withEpochs(core, { zoneId, deadline }, async (desk) => {
    const { newest, answered } = desk;
    assertPromotable(newest, nodeId);
    if (!answered.includes(nodeId)) {
      throw new AgentError("connection_failed", {
        message: "The node to promote did not answer; nothing was signed.",
      });
    }
    const set = toStewardSet(newest.manifest, newest.envelope.replication);
    const isDone = set.primary === nodeId && (!acceptLoss || set.acceptsLoss);
    const { envelope, epoch } = isDone
      ? await desk.publishAgain(nodeId)
      : await desk.publishNext(toNext(newest, { nodeId, acceptLoss, answered }), nodeId);
    return { zoneId, epoch, primary: nodeId, envelope, answered };
  });
}

function assertPromotable({ manifest }: VerifiedZone, nodeId: string): void {
  if (!isReplicated(manifest)) {
    throw new AgentError("invalid_input", {
      message: "zoneId: no replica of this zone has a voter, so none has a copy to take over with.",
    });
  }
  if (manifest.steward_set.some((ref) => ref.node_id === nodeId)) return;
  throw new AgentError("invalid_input", { message: "nodeId: no steward of this zone." });
}

function toNext(
  { envelope, manifest }: VerifiedZone,
  change: { nodeId: string; acceptLoss: boolean; answered: readonly string[] },
) {
  const steward_set = manifest.steward_set.map((ref) => toNextRef(ref, change));
  const entrypoint = steward_set.find((ref) => ref.role === "primary")?.entrypoint;
  const others = manifest.entrypoints.filter((url) => url !== entrypoint);
  return {
    manifest: changeManifest(envelope.manifest, {
      steward_set,
      ...(entrypoint !== undefined && { entrypoints: [entrypoint, ...others] }),
    }),
    state: envelope.state,
    replication: toReplication(envelope.replication, steward_set),
  };
}

/** A steward of the next epoch; what is not said of it is absent. */
type NextRef = Pick<StewardRef, "node_id" | "role" | "entrypoint"> &
  Partial<Pick<StewardRef, "voter" | "accept_loss">>;

function toNextRef(
  ref: StewardRef,
  { nodeId, acceptLoss, answered }: Parameters<typeof toNext>[1],
): NextRef {
  const { accept_loss: _, voter, ...rest } = ref;
  if (ref.node_id === nodeId) {
    return { ...rest, role: "primary", ...(acceptLoss && { accept_loss: true as const }) };
  }
  // One that is away would hold up money: it becomes a voter again by a later epoch.
  if (ref.role === "primary") {
    return { ...rest, role: "replica", voter: answered.includes(ref.node_id) };
  }
  return { ...rest, ...(voter !== undefined && { voter }) };
}

/** No more acknowledgements than there are voters, and no shorter lease than counts; §9.1. */
export function toReplication(
  replication: ZoneEnvelope["replication"],
  steward_set: readonly NextRef[],
): ZoneEnvelope["replication"] {
  if (replication === undefined) return undefined;
  const n = steward_set.filter((ref) => ref.voter === true).length;
  const { min_acks, lease_ms } = replication;
  return { min_acks: Math.min(min_acks, n), lease_ms: Math.max(LEASE_MS_MIN, lease_ms) };
}

/** The next epoch's manifest without the word that a loss is accepted, which is for one epoch only. */
export function dropAcceptedLoss(manifest: JsonObject): JsonObject {
  const { steward_set } = manifest;
  if (!Array.isArray(steward_set)) return manifest;
  const refs = (steward_set as JsonObject[]).map(({ accept_loss: _, ...ref }) => ref);
  return { ...manifest, steward_set: refs };
}
