import { z } from "zod";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { EnvelopeRow } from "../../store/zones/zones.ts";
import { verifyEnvelope } from "../../zones/hosting/signed-envelope.ts";
import type { AdminDeps } from "../deps.ts";
import { nextField, pageFields } from "../http/pages.ts";
import { createRoute, type Route } from "../http/route.ts";

/** Each is parsed and its signature verified: a page ends early rather than hold more. */
const CHECKED_MAX = 50;
/** Nor more than this, in characters of JSON; one always fits. */
const PAGE_CHARS_MAX = 2_000_000;

const querySchema = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  limit: pageFields.limit,
  order: z.enum(["asc", "desc"]).default("asc"),
});

const epochBody = z.object({
  epoch: z.int(),
  hash: z.string().describe("of what the creator signed"),
  accepted_at: z.int().describe("when this steward took it"),
  kept: z.boolean().describe("false of old ones, of which only the hash is kept"),
  state: z.string().optional(),
  signed_at: z.int().optional(),
  creator: z.string().optional(),
  name: z.string().optional(),
  signature_valid: z.boolean().optional().describe("checked now, against the creator's key"),
  follows: z
    .boolean()
    .optional()
    .describe("it names the hash of the epoch before; absent where that is not known"),
  problem: z.string().optional(),
});
type EpochBody = z.output<typeof epochBody>;

/** `/v1/zones/{zone_id}/epochs`: what the creator signed, each checked anew; `docs/protocol.md` §6. */
export function createZoneEpochRoutes({ zones, verifier }: AdminDeps): Route[] {
  const list = createRoute({
    id: "listZoneEpochs",
    method: "GET",
    path: "/v1/zones/{zone_id}/epochs",
    tag: "zones",
    summary: "A zone's epochs, each with its signature and its place in the chain checked now",
    description: "The oldest first, or with order=desc the newest.",
    scope: "read",
    query: querySchema,
    answers: { 200: z.object({ epochs: z.array(epochBody), next: nextField }) },
    kind: "read",
    read: ({ params, query: { after, limit, order } }) => {
      const { zoneId, epoch: newest } = zones.reader.get(params.zone_id).row;
      const step = order === "asc" ? 1 : -1;
      const most = Math.min(limit, CHECKED_MAX);
      const isWithin = (epoch: number) => epoch >= 1 && epoch <= newest;
      const epochs: EpochBody[] = [];
      let chars = 0;
      let at = order === "asc" ? (after ?? 0) + 1 : (after ?? newest + 1) - 1;
      for (; isWithin(at) && epochs.length < most; at += step) {
        const row = zones.queries.findEnvelope(zoneId, at);
        if (row === undefined) continue;
        chars += row.envelope.length;
        if (epochs.length > 0 && chars > PAGE_CHARS_MAX) break;
        const before = zones.queries.findEnvelope(zoneId, at - 1)?.hash;
        epochs.push({ ...check({ verifier }, row, before) });
      }
      const next = isWithin(at) ? epochs.at(-1)?.epoch : undefined;
      return { status: 200, body: { epochs, next } };
    },
  });
  return [list];
}

function check(
  { verifier }: Pick<AdminDeps, "verifier">,
  { epoch, envelope: text, hash, createdAt }: EnvelopeRow,
  before: string | undefined,
): EpochBody {
  const facts = { epoch, hash, accepted_at: createdAt };
  if (text === "") return { ...facts, kept: false };
  try {
    const verified = verifyEnvelope(verifier, JSON.parse(text) as JsonObject);
    const { envelope, manifest } = verified;
    const isExpected = epoch === 1 ? envelope.prev === null : envelope.prev === before;
    return {
      ...facts,
      kept: true,
      state: envelope.state,
      signed_at: envelope.signed_at,
      creator: manifest.creator.node_id,
      name: manifest.name,
      signature_valid: true,
      ...((epoch === 1 || before !== undefined) && { follows: isExpected }),
      ...(verified.hash !== hash && { problem: "its hash is another than the one that is kept" }),
    };
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return { ...facts, kept: true, signature_valid: false, problem: error.message };
  }
}
