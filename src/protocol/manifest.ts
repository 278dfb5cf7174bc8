import { z } from "zod";
import { ZONE_ID_PATTERN } from "./ids.ts";
import { type JsonObject, utf8Bytes } from "./json.ts";
import { nodeIdField, optionalField, timestampField } from "./schema-fields.ts";
import { toSignedJson } from "./signed-content.ts";

/** The largest manifest, in bytes of canonical JSON; `docs/protocol.md` §6. */
export const MANIFEST_BYTES_MAX = 256 * 1024;

function boundedText(bytesMax: number) {
  return z
    .string()
    .refine(
      (text) => text.length > 0 && utf8Bytes(text) <= bytesMax,
      `expected 1 to ${bytesMax} bytes`,
    );
}

/** A 20-byte address as 0x-hex; case is not checked here. */
export const addressField = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "expected an address");

const AMOUNT_PATTERN = /^[1-9][0-9]{0,38}$/;
const amountField = z
  .string()
  .regex(AMOUNT_PATTERN, "expected a decimal amount in the smallest unit")
  // Runs for what the pattern refused, too, where BigInt would throw.
  .refine(
    (text) => !AMOUNT_PATTERN.test(text) || BigInt(text) <= 2n ** 128n,
    "expected at most 2^128",
  );

const priceSchema = z.object({
  amount: amountField,
  asset: z.string().min(1).max(32),
  network: z.string().min(1).max(64),
  settlement_mode: optionalField(z.enum(["direct", "escrow"])).transform(
    (mode) => mode ?? "direct",
  ),
  escrow_secs: optionalField(z.int().positive()),
  arbiter: optionalField(addressField),
});

const jsonObjectField = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject);

const actionSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9._]{1,64}$/, "expected 1 to 64 of A-Z a-z 0-9 . _"),
  description: boundedText(256),
  params: optionalField(jsonObjectField),
  returns: optionalField(jsonObjectField),
  price: optionalField(priceSchema),
});

const rulesSchema = z.object({
  open: optionalField(z.boolean()).transform((open) => open ?? true),
  skills_required: optionalField(z.array(boundedText(64)).max(32)).transform((s) => s ?? []),
  max_members: optionalField(z.int().positive()),
});

const stewardRefSchema = z.object({
  node_id: nodeIdField,
  entrypoint: optionalField(z.string().max(512)),
  role: z.enum(["primary", "replica"]),
  voter: optionalField(z.boolean()),
  accept_loss: optionalField(z.literal(true)),
});

const creatorSchema = z.object({
  node_id: nodeIdField,
  operator_fid: optionalField(z.int().nonnegative()),
  operator_username: optionalField(z.string().max(128)),
  wallet: optionalField(addressField),
});

/** The manifest's schema with defaults applied; `docs/protocol.md` §6. */
export const manifestSchema = z
  .object({
    version: z.literal("1"),
    id: z.string().regex(ZONE_ID_PATTERN, "expected zone_ and a UUIDv7"),
    name: boundedText(64),
    description: boundedText(256),
    creator: creatorSchema,
    type: z.enum(["open", "topic", "service", "market", "workspace"]),
    topic: optionalField(z.string().max(256)),
    rules: optionalField(rulesSchema).transform(
      (r) => r ?? { open: true, skills_required: [], max_members: undefined },
    ),
    actions: optionalField(z.array(actionSchema).max(256)).transform((a) => a ?? []),
    creator_fee_bps: optionalField(z.int().min(0).max(300)).transform((bps) => bps ?? 0),
    steward_set: optionalField(z.array(stewardRefSchema).max(64)).transform((s) => s ?? []),
    entrypoints: optionalField(z.array(z.string().max(512)).max(64)).transform((e) => e ?? []),
    chain_id: optionalField(z.int().positive()).transform((id) => id ?? 8453),
    created_at: timestampField,
  })
  .superRefine((manifest, context) => {
    const names = manifest.actions.map((action) => action.name);
    if (new Set(names).size !== names.length) {
      context.addIssue({ code: "custom", path: ["actions"], message: "expected unique names" });
    }
    if (manifest.creator_fee_bps > 0 && manifest.creator.wallet === undefined) {
      context.addIssue({
        code: "custom",
        path: ["creator_fee_bps"],
        message: "expected 0 where creator.wallet is absent",
      });
    }
    checkStewardSet(manifest.steward_set, (path, message) => {
      context.addIssue({ code: "custom", path: ["steward_set", ...path], message });
    });
  });

/** The rules of a zone's stewards; `docs/protocol.md` §6 and §9.1. */
function checkStewardSet(
  refs: readonly StewardRef[],
  refuse: (path: readonly (string | number)[], message: string) => void,
): void {
  if (refs.length > 0 && refs.filter((ref) => ref.role === "primary").length !== 1) {
    refuse([], "expected one primary");
  }
  for (const [index, ref] of refs.entries()) {
    if (ref.role === "primary" && ref.voter !== undefined) {
      refuse([index, "voter"], "expected only on a replica");
    }
    if (ref.role === "replica" && ref.accept_loss !== undefined) {
      refuse([index, "accept_loss"], "expected only on the primary");
    }
  }
  const isReplicated = refs.some((ref) => ref.voter !== undefined);
  // Zones that named a node twice before there was replication stay valid.
  if (isReplicated && new Set(refs.map((ref) => ref.node_id)).size !== refs.length) {
    refuse([], "expected no node twice");
  }
}

export type StewardRef = z.output<typeof stewardRefSchema>;
export type Manifest = z.output<typeof manifestSchema>;
export type ManifestAction = Manifest["actions"][number];
export type ActionPrice = NonNullable<ManifestAction["price"]>;

/** The schema of a signed zone envelope; the manifest inside stays as sent; `docs/protocol.md` §6. */
export const zoneEnvelopeSchema = z.object({
  manifest: jsonObjectField,
  epoch: z.int().min(1),
  state: z.enum(["active", "stopped"]),
  signed_at: timestampField,
  prev: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "expected 64 hex digits")
    .nullable(),
  replication: optionalField(
    z.object({ min_acks: z.int().min(0).max(64), lease_ms: z.int().min(100).max(3_600_000) }),
  ),
  public_key: z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hex digits"),
  signature: z.string().regex(/^[0-9a-f]{128}$/, "expected 128 hex digits"),
});

export type ZoneEnvelope = z.output<typeof zoneEnvelopeSchema>;

/** The bytes a zone envelope's signature covers, and `prev` hashes; `docs/protocol.md` §6. */
export function toEnvelopeContent(
  envelope: Omit<ZoneEnvelope, "public_key" | "signature">,
): Uint8Array {
  const { manifest, epoch, state, signed_at, prev, replication } = envelope;
  return toSignedJson("atlas-zone-manifest-v1", {
    manifest,
    epoch,
    state,
    signed_at,
    prev,
    ...(replication !== undefined && { replication }),
  });
}

/** The JSON form of an envelope, absent members left out. */
export function toEnvelopeJson(envelope: ZoneEnvelope): JsonObject {
  const { replication, ...rest } = envelope;
  return { ...rest, ...(replication !== undefined && { replication }) } as JsonObject;
}

/** The node id of the zone's primary steward; undefined where the set is empty. */
export function findPrimary(manifest: Manifest): string | undefined {
  return manifest.steward_set.find((steward) => steward.role === "primary")?.node_id;
}

/** Finds an action of the manifest by name. */
export function findAction(manifest: Manifest, name: string): ManifestAction | undefined {
  return manifest.actions.find((action) => action.name === name);
}
