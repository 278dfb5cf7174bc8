import { z } from "zod";
import type { NodeKey } from "../../identity/node-key.ts";
import { createId } from "../../protocol/ids.ts";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { manifestSchema, type ZoneEnvelope, zoneEnvelopeSchema } from "../../protocol/manifest.ts";
import { LEASE_MS_MIN, toStewardSet } from "../../protocol/steward-set.ts";
import { draftManifest, type SteadyFields, toSaid } from "../../protocol/zone-draft.ts";
import { signEnvelope } from "../../zones/hosting/signed-envelope.ts";
import type { Zone } from "../../zones/zone.ts";
import { assertSendable, parseInput } from "../http/input.ts";

/** As `zoneEnvelopeSchema` has it. */
const LEASE_MS_MAX = 3_600_000;
const value = z.unknown().optional();

/** Knows the keys only; the values are the manifest schema's to judge. */
function keysOf(names: readonly string[], nested: Record<string, z.ZodType> = {}) {
  return z.strictObject({ ...Object.fromEntries(names.map((name) => [name, value])), ...nested });
}

const PRICE = ["amount", "asset", "network", "settlement_mode", "escrow_secs", "arbiter"];
const price = keysOf(PRICE).nullish();
const creator = keysOf(["wallet", "operator_fid", "operator_username"]).nullish();
const actions = z.array(keysOf(["name", "description", "params", "returns"], { price })).nullish();
const rules = keysOf(["open", "skills_required", "max_members"]).nullish();
const stewards = z
  .array(keysOf(["node_id", "entrypoint", "role", "voter", "accept_loss"]))
  .nullish();
const replication = keysOf(["min_acks", "lease_ms"]).nullish();

/**
 * A create-input: what the operator says about a zone, and `replication` of its envelope; the steward fills
 * in the rest.
 */
const createInputSchema = keysOf(
  ["name", "description", "type", "topic", "creator_fee_bps", "entrypoints", "chain_id"],
  { creator, actions, rules, steward_set: stewards, replication },
).transform((input) => toSaid(input) as JsonObject);

/**
 * Parses a create-input; the manifest it becomes is checked by `signFirst` and `signNext`.
 * @throws StewardError `invalid_request` for unknown fields
 */
export function parseCreateInput(body: unknown): JsonObject {
  return parseInput(createInputSchema, body);
}

/** Signs the first envelope of a new zone. Throws StewardError `invalid_request`. */
export function signFirst(
  key: NodeKey,
  input: JsonObject,
  own: { nodeId: string; wireUrl: string; chainId: number | undefined; now: number },
): JsonObject {
  const { replication: asked, ...said } = input;
  const manifest = toManifest(said, {
    id: createId("zone"),
    creator: { node_id: key.nodeId },
    steward_set: [{ node_id: own.nodeId, entrypoint: own.wireUrl, role: "primary" }],
    entrypoints: [own.wireUrl],
    chain_id: own.chainId ?? 8453,
    created_at: own.now,
  });
  return signEnvelope(key, {
    manifest,
    epoch: 1,
    state: "active",
    signed_at: own.now,
    prev: null,
    replication: toReplication(manifest, asked, undefined),
  });
}

/**
 * What the envelope says of acknowledgements: as asked for, which must be as it counts, or as before, made
 * to count where the stewards are others; `docs/protocol.md` §9.1.
 * @throws StewardError `invalid_request`
 */
function toReplication(
  manifest: JsonObject,
  asked: JsonValue | undefined,
  before: ZoneEnvelope["replication"],
): ZoneEnvelope["replication"] {
  const { n } = toStewardSet(manifestSchema.parse(manifest), undefined);
  if (asked !== undefined) {
    const schema = z.object({
      min_acks: z.int().min(0).max(n, "expected at most the number of voters"),
      lease_ms: z.int().min(LEASE_MS_MIN).max(LEASE_MS_MAX),
    });
    return parseInput(z.object({ replication: schema }), { replication: asked }).replication;
  }
  if (before === undefined) return undefined;
  return {
    min_acks: Math.min(before.min_acks, n),
    lease_ms: Math.max(before.lease_ms, LEASE_MS_MIN),
  };
}

function toManifest(input: JsonObject, steady: SteadyFields): JsonObject {
  const { steward_set: set, entrypoints, ...said } = input;
  const filled = {
    ...said,
    ...(isFilled(set) && { steward_set: set }),
    ...(isFilled(entrypoints) && { entrypoints }),
  };
  const manifest = draftManifest(filled, steady) as JsonObject;
  parseInput(manifestSchema, manifest);
  // As deep as in the answers that carry it.
  assertSendable({ envelope: { manifest } });
  return manifest;
}

/** An empty list means what the steward fills in, as an absent one. */
function isFilled(list: unknown): boolean {
  return list !== undefined && !(Array.isArray(list) && list.length === 0);
}

/** What a signed successor changes; the rest stays as it is. */
interface Successor {
  /** Replaces what the creator says about the zone. */
  readonly input?: JsonObject;
  readonly state: "active" | "stopped";
  readonly now: number;
}

/** Signs the envelope that follows a zone's current one. Throws StewardError `invalid_request`. */
export function signNext(key: NodeKey, zone: Zone, { input, state, now }: Successor): JsonObject {
  const { manifest: current, epoch, replication } = zoneEnvelopeSchema.parse(zone.envelope);
  const { replication: asked, ...said } = input ?? {};
  const manifest = input === undefined ? current : toNextManifest(key, current, said);
  return signEnvelope(key, {
    manifest,
    epoch: epoch + 1,
    state,
    signed_at: now,
    prev: zone.row.envelopeHash,
    // What is only stopped says what it said.
    replication: input === undefined ? replication : toReplication(manifest, asked, replication),
  });
}

function toNextManifest(key: NodeKey, current: JsonObject, said: JsonObject): JsonObject {
  const steady = current as unknown as SteadyFields;
  const { id, steward_set, entrypoints, chain_id, created_at } = steady;
  const creator = said.creator === undefined ? steady.creator : { node_id: key.nodeId };
  return toManifest(said, { id, creator, steward_set, entrypoints, chain_id, created_at });
}
