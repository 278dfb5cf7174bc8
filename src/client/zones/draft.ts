import type { z } from "zod";
import { toHex } from "../../protocol/hex.ts";
import { type JsonObject, toCanonicalBytes, toCanonicalJson } from "../../protocol/json.ts";
import {
  MANIFEST_BYTES_MAX,
  manifestSchema,
  toEnvelopeContent,
  type ZoneEnvelope,
} from "../../protocol/manifest.ts";
import { toSchemaMessage } from "../../protocol/schema-fields.ts";
import { draftManifest, type SteadyFields, toSaid } from "../../protocol/zone-draft.ts";
import { AgentError } from "../agent-error.ts";
import { toBody } from "../calls/ask.ts";
import type { NodeIdentity } from "../link/node-identity.ts";

type ManifestInput = z.input<typeof manifestSchema>;

/** What a creator says about a zone; the SDK fills in the rest; `docs/protocol.md` §6. */
export interface ZoneInput
  extends Omit<ManifestInput, "version" | "id" | "creator" | "created_at"> {
  /** The creator's node id is always the agent's own. */
  readonly creator?: Omit<ManifestInput["creator"], "node_id"> | null;
  /** Not of the manifest but of the envelope: acknowledgements and lease; `docs/protocol.md` §9.1. */
  readonly replication?: ZoneEnvelope["replication"] | null;
}

/** What a creator says of the manifest itself. */
type ManifestFields = Omit<ZoneInput, "replication">;
type ManifestChange = Omit<ZoneChange, "replication">;

/** Fields that replace the zone's, each as a whole; null removes one, what is absent stays. */
export type ZoneChange = { readonly [Field in keyof ZoneInput]?: ZoneInput[Field] | null };

const INPUT_FIELDS: ReadonlySet<string> = new Set(
  Object.keys({
    name: 0,
    description: 0,
    type: 0,
    topic: 0,
    rules: 0,
    actions: 0,
    creator: 0,
    creator_fee_bps: 0,
    steward_set: 0,
    entrypoints: 0,
    chain_id: 0,
  } satisfies Record<keyof ManifestFields, 0>),
);

/**
 * Builds the manifest of a new zone.
 * @throws AgentError `invalid_input` for what the manifest's schema refuses, unknown fields included
 */
export function createManifest(input: ManifestFields, steady: SteadyFields): JsonObject {
  return checkManifest(draftManifest(toFields(input), steady));
}

/**
 * Builds the manifest that follows a zone's current one.
 * @throws AgentError `invalid_input`
 */
export function changeManifest(current: JsonObject, change: ManifestChange): JsonObject {
  const { creator, ...said } = toFields(change);
  const removed = Object.keys(change).filter(
    (field) => change[field as keyof ManifestChange] === null,
  );
  const kept = Object.entries(current).filter(([field]) => !removed.includes(field));
  const { node_id } = current.creator as JsonObject;
  const isChanged = creator !== undefined || removed.includes("creator");
  return checkManifest({
    ...Object.fromEntries(kept),
    ...said,
    creator: isChanged ? { ...creator, node_id } : current.creator,
  });
}

/** Tells whether two values are the same as they are signed. */
export function isSameContent(a: unknown, b: unknown): boolean {
  return toCanonicalJson(a) === toCanonicalJson(b);
}

/** Signs an envelope with the creator's key, which stays where it is; `docs/protocol.md` §6. */
export async function signEnvelope(
  identity: NodeIdentity,
  content: Omit<ZoneEnvelope, "public_key" | "signature">,
): Promise<JsonObject> {
  const { replication, ...rest } = content;
  return {
    ...rest,
    ...(replication !== undefined && { replication }),
    public_key: toHex(identity.publicKey),
    signature: toHex(await identity.sign(toEnvelopeContent(content))),
  };
}

/** Leaves out what is absent or null, and refuses what only the SDK may fill in. */
function toFields(
  input: ManifestFields | ManifestChange,
): Record<string, unknown> & { creator?: object } {
  const unknown = Object.keys(input).find((field) => !INPUT_FIELDS.has(field));
  if (unknown !== undefined) throw refuse(`${unknown}: no field that a creator sets.`);
  return toSaid(input);
}

function checkManifest(raw: object): JsonObject {
  const manifest = toBody({ type: "zone.create", manifest: raw }).manifest as JsonObject;
  const parsed = manifestSchema.safeParse(manifest);
  if (!parsed.success) throw refuse(toSchemaMessage(parsed.error));
  // The schema ignores them, and a mistyped field would be signed without an effect.
  const unknown = findUnknownField(manifest, parsed.data, "");
  if (unknown !== undefined) throw refuse(`${unknown}: unknown field.`);
  if (toCanonicalBytes(manifest).length > MANIFEST_BYTES_MAX) {
    throw refuse(`The manifest is larger than ${MANIFEST_BYTES_MAX} bytes.`);
  }
  return manifest;
}

function findUnknownField(raw: unknown, known: unknown, path: string): string | undefined {
  if (typeof raw !== "object" || raw === null || known === undefined) return undefined;
  for (const [name, value] of Object.entries(raw)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (!Object.hasOwn(known as object, name)) return at;
    const found = findUnknownField(value, (known as Record<string, unknown>)[name], at);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuse(message: string): AgentError {
  return new AgentError("invalid_input", { message: `zone: ${message}` });
}
