import { z } from "zod";
import type { JsonObject } from "./json.ts";
import type { LogEntry } from "./log-chain.ts";
import type { SignedMessageFields } from "./signed-content.ts";

const proofSchema = z.object({
  message_id: z.string(),
  to: z.string(),
  timestamp: z.int(),
  request_id: z.string().optional(),
  public_key: z.string(),
  sig: z.string(),
});

const sealedSchema = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  timestamp: z.int(),
  reply_to: z.string().optional(),
  topic: z.string().optional(),
  body: z.record(z.string(), z.unknown()),
  public_key: z.string(),
  sig: z.string(),
});

/** What a member signed of an entry or of a record, with its signature; `docs/protocol.md` §9.10. */
export interface MemberSeal {
  readonly message: SignedMessageFields & { readonly body: Readonly<Record<string, unknown>> };
  /** Hex. */
  readonly public_key: string;
  /** Hex. */
  readonly sig: string;
}

/**
 * The Message that an entry with a `proof` is, put together again: whatever the entry says beside its
 * proof must have been in the body; undefined where the proof has another form; `docs/protocol.md` §9.10.
 */
export function findProvenMessage(
  entry: Pick<LogEntry, "zone_id" | "node_id" | "data">,
): MemberSeal | undefined {
  const { proof, ...said } = entry.data;
  const parsed = proofSchema.safeParse(proof).data;
  if (parsed === undefined) return undefined;
  const { message_id: id, to, timestamp, request_id, public_key, sig } = parsed;
  const body = { ...said, type: "zone.message", zone_id: entry.zone_id, request_id };
  return { message: { id, from: entry.node_id, to, timestamp, body }, public_key, sig };
}

/** The Message of a request's record that came sealed; undefined where it is none; `docs/protocol.md` §9.10. */
export function findSealedMessage(sig: JsonObject): MemberSeal | undefined {
  const parsed = sealedSchema.safeParse(sig.message).data;
  if (parsed === undefined) return undefined;
  const { public_key, sig: signature, ...message } = parsed;
  return { message, public_key, sig: signature };
}
