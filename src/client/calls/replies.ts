import { z } from "zod";
import type { JsonObject, JsonValue } from "../../protocol/json.ts";
import { optionalField } from "../../protocol/schema-fields.ts";
import type { Body } from "../../wire/body.ts";
import type {
  MemberInfo,
  ZoneEventDelivery,
  ZoneMessageDelivery,
} from "../../wire/zone-replies.ts";
import { AgentError, toAgentError } from "../agent-error.ts";

const json = z.unknown().transform((value) => value as JsonValue);
const jsonObject = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject);
const count = z.int().nonnegative();
const zoneState = z.enum(["registered", "active", "stopped", "suspended"]);
const role = z.enum(["creator", "provider", "member"]);

const directoryEntry = z.object({
  zone_id: z.string(),
  name: z.string(),
  type: z.string(),
  topic: optionalField(z.string()),
  description: z.string(),
  entrypoints: z.array(z.string()),
  stewards: z.array(z.string()),
  members: count,
  epoch: count,
  state: zoneState,
});

const member = z.object({
  node_id: z.string(),
  name: z.string(),
  role,
  skills: z.array(z.string()),
  online: z.boolean(),
});

const logEntry = z.object({
  zone_id: z.string(),
  seq: z.int().min(1),
  timestamp: z.int(),
  kind: z.enum(["message", "event"]),
  node_id: z.string(),
  data: jsonObject,
});

/** Stewards of one zone; `docs/protocol.md` §6. */
const STEWARDS_MAX = 64;

const stewardHint = z.object({
  node_id: z.string(),
  entrypoint: optionalField(z.string()),
  role: z.string(),
});

/** A steward that an error names, which nobody signed; `docs/protocol.md` §9.13. */
export type StewardHint = z.output<typeof stewardHint>;

/** What a zone's log brings a member. */
export type Delivery = ZoneMessageDelivery | ZoneEventDelivery;

/** The replies an agent reads, by `type`; unknown fields are dropped; `docs/protocol.md` §6, §8. */
const REPLY_SCHEMAS = {
  "zone.directory": z.object({
    zones: z.array(directoryEntry),
    next_cursor: optionalField(z.string()),
  }),
  "zone.manifest": z.object({
    envelope: jsonObject,
    members: count,
    state: zoneState,
    epoch_seq: optionalField(count),
  }),
  "zone.joined": z.object({
    zone_id: z.string(),
    name: z.string(),
    entrypoint: optionalField(z.string()),
    members: count,
    epoch: count,
    role,
    seq: count,
    envelope: jsonObject,
    epoch_seq: optionalField(count),
  }),
  "zone.left": z.object({ zone_id: z.string() }),
  "zone.sent": z.object({ zone_id: z.string(), id: z.string(), seq: z.int().min(1) }),
  "zone.page": z.object({
    zone_id: z.string(),
    entries: z.array(z.object({ entry: logEntry, hash: z.string() })),
    head_seq: count,
    epoch_seq: optionalField(count),
  }),
  "zone.member_list": z.object({
    members: z.array(member),
    next_cursor: optionalField(z.string()),
  }),
  "zone.providing": z.object({}),
  "zone.done": z.object({ zone_id: z.string() }),
  "zone.invited": z.object({
    zone_id: z.string(),
    invite: z.string(),
    invite_id: z.string(),
    max_uses: count,
    expires_at: optionalField(z.int()),
  }),
  "zone.response": z.object({
    request_id: z.string(),
    zone_id: z.string(),
    action: z.string(),
    result: json,
    settlement: optionalField(jsonObject),
    escrow: optionalField(jsonObject),
  }),
  "zone.escrow_state": z.object({ escrow: jsonObject }),
  "zone.pending": z.object({
    request_id: z.string(),
    state: z.string(),
    tx_hash: optionalField(z.string()),
    reason: optionalField(z.string()),
    message: optionalField(z.string()),
    retry_after_ms: count,
  }),
  "zone.error": z.object({
    request_id: optionalField(z.string()),
    code: z.string(),
    message: z.string(),
    reason: optionalField(z.string()),
    recovery: optionalField(z.string()),
    retry_after_ms: optionalField(count),
    hint: optionalField(z.string()),
    // Only a hint: what is malformed is as if it were absent.
    entrypoints: z.array(stewardHint).max(STEWARDS_MAX).optional().catch(undefined),
  }),
} as const satisfies Record<string, z.ZodType>;

type ReplyType = keyof typeof REPLY_SCHEMAS;
/** The parsed fields of one reply. */
export type Reply<T extends ReplyType> = z.output<(typeof REPLY_SCHEMAS)[T]>;

/** One page of a zone's directory. */
export type DirectoryPage = Reply<"zone.directory">;
/** One page of a zone's log, as it arrives. */
export type LogPage = Reply<"zone.page">;
/** One page of a zone's members. */
export type MembersPage = {
  readonly members: readonly MemberInfo[];
  next_cursor?: string | undefined;
};

/** Reads a message's body as a map with a string `type`; undefined where it is none. */
export function findBody(raw: unknown): Body | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  return typeof (raw as Record<string, unknown>).type === "string" ? (raw as Body) : undefined;
}

/**
 * Parses a reply of one of the types expected here.
 * @throws AgentError `protocol_error` on another type or malformed fields
 */
export function parseReply<T extends ReplyType>(type: T, body: Body | undefined): Reply<T> {
  if (body?.type !== type) {
    throw new AgentError("protocol_error", {
      message: `The steward answered ${body?.type ?? "nothing"} instead of ${type}.`,
    });
  }
  const parsed = REPLY_SCHEMAS[type].safeParse(body);
  if (parsed.success) return parsed.data as Reply<T>;
  throw new AgentError("protocol_error", {
    message: `The steward's ${type} is malformed.`,
    cause: parsed.error,
  });
}

/** Converts a zone.error body; a malformed one is a `protocol_error`; `docs/protocol.md` §7. */
export function parseZoneError(body: Body): AgentError {
  try {
    const { entrypoints, ...fields } = parseReply("zone.error", body);
    return toAgentError({ ...fields, ...(entrypoints && { details: { entrypoints } }) });
  } catch (error) {
    return error as AgentError;
  }
}

const messageDelivery = z.looseObject({
  type: z.literal("zone.message"),
  zone_id: z.string(),
  id: z.string(),
  seq: z.int().min(1),
  from: z.string(),
  timestamp: z.int(),
});

const eventDelivery = z.looseObject({
  type: z.literal("zone.event"),
  zone_id: z.string(),
  seq: z.int().min(1),
  event: z.string(),
  node_id: z.string(),
  timestamp: z.int(),
});

/**
 * Parses a live `zone.message` or `zone.event`; `docs/protocol.md` §6.
 * @throws AgentError `protocol_error`
 */
export function parseDelivery(body: Body): Delivery {
  const schema = body.type === "zone.message" ? messageDelivery : eventDelivery;
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const message = `The steward's ${body.type} is malformed.`;
    throw new AgentError("protocol_error", { message, cause: parsed.error });
  }
  return body as unknown as Delivery;
}

/** Gives a log entry of history the form in which it is delivered live; `docs/protocol.md` §6. */
export function toDelivery(entry: LogPage["entries"][number]["entry"]): Delivery {
  const { zone_id, seq, timestamp, node_id, data } = entry;
  return entry.kind === "message"
    ? ({
        ...data,
        type: "zone.message",
        zone_id,
        seq,
        from: node_id,
        timestamp,
      } as unknown as ZoneMessageDelivery)
    : ({ ...data, type: "zone.event", zone_id, seq, node_id, timestamp } as ZoneEventDelivery);
}
