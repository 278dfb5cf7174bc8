import { z } from "zod";
import { StewardError } from "../errors.ts";
import { NODE_ID_PATTERN, REQUEST_ID_PATTERN, ZONE_MESSAGE_ID_PATTERN } from "../protocol/ids.ts";
import type { JsonValue } from "../protocol/json.ts";
import { optionalField, toSchemaMessage } from "../protocol/schema-fields.ts";
import type { PackedBody } from "./packed-body.ts";
import { PackedValue } from "./packed-value.ts";
import { PresentFields } from "./present-fields.ts";

const requestId = z.string().regex(REQUEST_ID_PATTERN, "expected 1 to 128 of A-Z a-z 0-9 _ -");
/** A string of any form: what can be no zone is a zone nobody knows. */
const zoneId = z.string().max(256);
const nodeId = z.string().regex(NODE_ID_PATTERN, "expected atlas_ and 64 hex digits");
const epoch = optionalField(z.int().nonnegative());
const json = z.unknown().transform((value) => value as JsonValue);
/** A value that is carried on without being built, or built only when it is known who sent it. */
function packedField(expected?: "map" | "array") {
  return z.unknown().transform((value, context): PackedValue => {
    const name = expected ?? "any JSON value";
    let message = `missing, expected ${name}`;
    if (value !== undefined) {
      const packed = value instanceof PackedValue ? value : PackedValue.from(value);
      if (expected === undefined || packed.wireType === expected) return packed;
      message = `expected ${name}, received ${packed.wireType}`;
    }
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}

const CHAIN_ENVELOPES_MAX = 64;
const EMPTY_MAP = PackedValue.from({});
const cursor = optionalField(z.string().max(256));

/** A limit from 1 to `max`, 50 where it is left out. */
function limitField(max: number) {
  return optionalField(z.int().min(1).max(max)).transform((limit) => limit ?? Math.min(50, max));
}

/** What names a request of the sender's; without a zone its newest of this id. */
const requestBound = { request_id: requestId, zone_id: optionalField(zoneId) };
/** Fields every zone body of a client may have. */
const common = { request_id: optionalField(requestId) };
/** What a replica must have reached before it answers; `docs/protocol.md` §9.10. */
const minSeq = optionalField(z.int().nonnegative());
const zoneBound = { ...common, zone_id: zoneId };

const filter = z.object({
  type: optionalField(z.string().max(64)),
  topic: optionalField(z.string().max(256)),
  keyword: optionalField(z.string().max(256)),
});

/** Field schemas of the bodies agents send, by `type`; `docs/protocol.md` §6. */
export const ZONE_REQUEST_SCHEMAS = {
  "zone.discover": z.object({
    ...common,
    filter: optionalField(filter).transform((value) => value ?? filter.parse({})),
    limit: limitField(100),
    cursor,
  }),
  "zone.inspect": z.object({ ...zoneBound, min_seq: minSeq }),
  "zone.join": z.object({ ...zoneBound, invite: optionalField(z.string().max(256)), epoch }),
  "zone.leave": z.object(zoneBound),
  "zone.message": z.object({
    ...zoneBound,
    id: z.string().regex(ZONE_MESSAGE_ID_PATTERN, "expected zmsg_ and a UUIDv7"),
    content: packedField(),
    topic: optionalField(z.string().max(256)),
    reply_to: optionalField(
      z.string().regex(ZONE_MESSAGE_ID_PATTERN, "expected zmsg_ and a UUIDv7"),
    ),
    epoch,
  }),
  "zone.history": z.object({
    ...zoneBound,
    after_seq: z.int().nonnegative(),
    limit: limitField(500),
    min_seq: minSeq,
  }),
  "zone.members": z.object({ ...zoneBound, cursor, limit: limitField(500), min_seq: minSeq }),
  "zone.request": z.object({
    request_id: requestId,
    zone_id: zoneId,
    action: z.string().max(256),
    params: optionalField(packedField("map")).transform((params) => params ?? EMPTY_MAP),
    epoch,
  }),
  // Without an authorization it is `payment_required`, which only payments can say: no schema error.
  "zone.payment": z.object({ ...requestBound, authorization: optionalField(json) }),
  "zone.receipt": z.object(requestBound),
  "zone.escrow": z.object({
    ...common,
    escrow_id: z.string().regex(/^0x[0-9a-fA-F]{64}$/, "expected 0x and 64 hex digits"),
    op: z.enum(["release", "refund", "dispute", "show"]),
    signature: optionalField(z.string().max(8192)),
  }),
  "zone.provide": z.object({
    ...zoneBound,
    actions: z.array(z.string().min(1).max(64)).min(1).max(256),
  }),
  "zone.result": z.object({
    ...common,
    invoke_id: z.string().max(128),
    result: optionalField(packedField()),
    error: optionalField(z.object({ message: z.string().max(4096) })),
  }),
  "zone.create": z.object({ ...common, envelope: packedField("map") }),
  "zone.update": z.object({
    ...common,
    envelope: packedField("map"),
    chain: optionalField(
      packedField("array").refine(
        ({ count }) => count <= CHAIN_ENVELOPES_MAX,
        `expected at most ${CHAIN_ENVELOPES_MAX} items`,
      ),
    ),
  }),
  "zone.ban": z.object({
    ...zoneBound,
    node_id: nodeId,
    reason: optionalField(z.string().max(256)),
    expires_at: optionalField(z.int().positive()),
  }),
  "zone.unban": z.object({
    ...zoneBound,
    node_id: nodeId,
    reason: optionalField(z.string().max(256)),
  }),
  "zone.approve": z.object({
    ...zoneBound,
    node_id: nodeId,
    actions: z.array(z.string().min(1).max(64)).max(256),
  }),
  "zone.invite": z.object({
    ...zoneBound,
    node_id: optionalField(nodeId),
    max_uses: optionalField(z.int().min(1).max(1_000_000)).transform((uses) => uses ?? 1),
    expires_at: optionalField(z.int().positive()),
  }),
} as const satisfies Record<string, z.ZodType>;

export type ZoneRequestType = keyof typeof ZONE_REQUEST_SCHEMAS;
/** The parsed fields of one body type. */
export type ZoneRequest<T extends ZoneRequestType> = z.output<(typeof ZONE_REQUEST_SCHEMAS)[T]>;

interface Reader {
  readonly keys: readonly string[];
  readonly present: PresentFields<z.ZodObject>;
}

const readers = new Map<string, Reader>(
  Object.entries<z.ZodObject>(ZONE_REQUEST_SCHEMAS).map(([type, schema]) => {
    return [type, { keys: Object.keys(schema.shape), present: new PresentFields(schema) }] as const;
  }),
);

/** The fields that are carried on as they came, or built only after who may send them is known. */
const PACKED_FIELDS: ReadonlySet<string> = new Set([
  "content",
  "params",
  "result",
  "envelope",
  "chain",
]);
/** MessagePack of any other field. */
const FIELD_BYTES_MAX = 64 * 1024;

/**
 * Parses a body's fields; those that its type does not have are not even built.
 * @throws StewardError `invalid_params`
 */
export function parseZoneRequest<T extends ZoneRequestType>(
  type: T,
  body: PackedBody,
): ZoneRequest<T> {
  const { keys, present } = readers.get(type) as Reader;
  const fields: Record<string, unknown> = {};
  for (const key of keys) {
    const value = body.find(key);
    if (value !== undefined) fields[key] = toField(key, value);
  }
  const parsed = present.parse(fields);
  if (parsed.success) return parsed.data as ZoneRequest<T>;
  throw new StewardError("invalid_params", { message: toSchemaMessage(parsed.error) });
}

function toField(key: string, value: PackedValue): unknown {
  if (value.isNil) return null;
  if (PACKED_FIELDS.has(key)) return value;
  if (value.byteLength <= FIELD_BYTES_MAX) return value.decode();
  throw new StewardError("invalid_params", { message: `${key}: longer than 64 KiB` });
}

/** Narrows to a body type agents send. */
export function isZoneRequestType(type: string): type is ZoneRequestType {
  return Object.hasOwn(ZONE_REQUEST_SCHEMAS, type);
}
