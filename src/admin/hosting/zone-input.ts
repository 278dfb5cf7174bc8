import { z } from "zod";
import type { JsonObject } from "../../protocol/json.ts";
import { manifestSchema } from "../../protocol/manifest.ts";

const { name, description, type, topic, rules, actions, creator_fee_bps } = manifestSchema.shape;
const { steward_set, entrypoints, chain_id } = manifestSchema.shape;

/** A zone as its creator signed it. */
export const envelopeInputSchema = z.strictObject({
  envelope: z.record(z.string(), z.unknown()).transform((envelope) => envelope as JsonObject),
});

/** A create-input as the document shows it; `parseCreateInput` says what is wrong with one. */
const createInputSchema = z.strictObject({
  name,
  description,
  type,
  topic,
  rules,
  actions,
  creator: z
    .object({
      wallet: z.string().nullish(),
      operator_fid: z.int().nullish(),
      operator_username: z.string().nullish(),
    })
    .nullish(),
  creator_fee_bps,
  steward_set,
  entrypoints,
  chain_id,
  replication: z.object({ min_acks: z.int().min(0), lease_ms: z.int().min(1) }).nullish(),
});

/**
 * What a zone is made or changed from: a create-input, or an envelope that its creator signed. It is
 * shown; what parses it says what is wrong more exactly than a union could.
 */
export const zoneInputSchema: z.ZodType<unknown> = z.union([
  createInputSchema,
  envelopeInputSchema,
]);
