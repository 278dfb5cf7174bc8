import { z } from "zod";
import { StewardError } from "../errors.ts";
import { type Commit, ZONE_RECORD_KINDS } from "../protocol/commit.ts";
import { type JsonObject, toCanonicalBytes, utf8Bytes } from "../protocol/json.ts";
import { nodeIdField, optionalField, toSchemaMessage } from "../protocol/schema-fields.ts";
import type { SnapshotLine } from "../protocol/snapshot.ts";
import { CHUNK_BYTES_MAX } from "../protocol/snapshot.ts";
import { safeParse } from "./safe-parse.ts";

/** Envelopes of one body, and their canonical JSON in all, where they are more than one; `docs/protocol.md` §9.3. */
export const LINK_ENVELOPES_MAX = 64;
export const LINK_ENVELOPES_BYTES_MAX = 1_048_576;
/** Pairs of a follower's `log`; `docs/protocol.md` §9.5. */
export const LOCATOR_PAIRS_MAX = 64;
/** Node ids of one zone.presence; `docs/protocol.md` §9.10. */
export const PRESENCE_IDS_MAX = 5_000;
/** Bytes sent and not acknowledged; `docs/protocol.md` §9.5. */
export const WINDOW_BYTES_MIN = 65_536;
export const WINDOW_BYTES_MAX = 67_108_864;

/** How a steward stands in a zone; `docs/protocol.md` §9.6. */
export const REPLICA_STATES = [
  "joining",
  "snapshot",
  "catching_up",
  "ready",
  "lagging",
  "halted",
  "recovering",
  "primary",
] as const;
export type ReplicaState = (typeof REPLICA_STATES)[number];

/** An optional field whose key may be left out of what is sent, too. */
function optionalKey<T extends z.ZodType>(schema: T) {
  return optionalField(schema).optional();
}

const hashField = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hex digits");
const signatureField = z.string().regex(/^[0-9a-f]{128}$/, "expected 128 hex digits");
const countField = z.int().nonnegative();
const epochField = z.int().min(1);
/** A slice of a commit or a snapshot. */
const textField = z
  .string()
  .refine((text) => utf8Bytes(text) <= CHUNK_BYTES_MAX, "expected at most 1 MiB");
const jsonMap = z.record(z.string(), z.unknown()).transform((value) => value as JsonObject);
/** Reserved: any but none and 0 is another version's; `docs/protocol.md` §9.1. */
const termField = optionalKey(z.literal(0));
const zoneBound = { zone_id: z.string().max(256), term: termField };
const ofEpoch = { ...zoneBound, epoch: epochField };
const sessionField = z.string().min(1).max(128);

const positionField = z.object({
  epoch: countField,
  n: countField,
  digest: hashField,
  term: termField,
});
const logPositionField = z.object({ seq: countField, hash: hashField });

const primaryHeadField = z.object({
  zone_id: z.string().max(256),
  epoch: epochField,
  seq: countField,
  hash: hashField,
  state: hashField,
  signed_at: z.int(),
  steward: nodeIdField,
  public_key: hashField,
  signature: signatureField,
});

/** The head of a page of §6, which §9's `head` of a snapshot's `checkpoint` is, too. */
const checkpointField = z.object({
  zone_id: z.string().max(256),
  seq: countField,
  hash: hashField,
  signed_at: z.int(),
  steward: nodeIdField,
  public_key: hashField,
  signature: signatureField,
});

const logEntryField = z.object({
  zone_id: z.string().max(256),
  seq: z.int().min(1),
  timestamp: z.int(),
  kind: z.enum(["message", "event"]),
  node_id: z.string().max(128),
  data: jsonMap,
});

const recordField = z.object({
  kind: z.enum(ZONE_RECORD_KINDS),
  key: z.array(z.string().max(256)).min(1).max(2),
  value: jsonMap.nullable(),
});

const commitField = z.object({
  epoch: epochField,
  n: z.int().min(1),
  seq: countField,
  hash: hashField,
  salt: z.string().regex(/^[0-9a-f]{32}$/, "expected 32 hex digits"),
  entries: z.array(logEntryField),
  records: z.array(recordField),
  term: termField,
});

const lineField = z.union([
  z.object({ entry: logEntryField, hash: hashField }),
  z.object({ record: recordField }),
]);

/** Reads the value of a commit that came in parts; undefined where it is none; `docs/protocol.md` §9.5. */
export function readCommit(value: unknown): Commit | undefined {
  return commitField.safeParse(value).data;
}

/** Reads the value of a snapshot's line; undefined where it is none; `docs/protocol.md` §9.6. */
export function readSnapshotLine(value: unknown): SnapshotLine | undefined {
  return lineField.safeParse(value).data;
}

const envelopesField = z
  .array(jsonMap)
  .min(1)
  .max(LINK_ENVELOPES_MAX)
  .refine(fitsTogether, "expected at most 1 MiB, or one envelope");

function fitsTogether(envelopes: readonly JsonObject[]): boolean {
  if (envelopes.length <= 1) return true;
  let bytes = 0;
  for (const envelope of envelopes) bytes += toCanonicalBytes(envelope).length;
  return bytes <= LINK_ENVELOPES_BYTES_MAX;
}

const nodeIds = z.array(nodeIdField).max(PRESENCE_IDS_MAX);

/** A MessageAck's status; with nothing said it is `received`. */
const ackField = z.union([
  z.enum(["received", "registered", "waiting", "relayed"]),
  z.literal(true).transform(() => "received" as const),
  z
    .object({ status: z.enum(["received", "registered", "waiting", "relayed"]) })
    .transform(({ status }) => status),
]);

const errorField = z.object({
  code: countField,
  message: z.string(),
  ref_msg_id: optionalKey(z.string()),
  reason: optionalKey(z.string()),
  recovery: optionalKey(z.string()),
  retry_after_ms: optionalKey(z.int()),
  hint: optionalKey(z.string()),
});

const memberField = z.object({
  node_id: nodeIdField,
  name: z.string().max(128),
  skills: z.array(z.string().max(64)).max(64),
  trust: z.enum(["unknown", "verified"]),
});

const snapshotBound = { ...ofEpoch, snapshot: z.string().min(1).max(128) };

/** The forms of zone.entries, by what only each has. */
const ENTRIES = {
  commits: z
    .object({
      ...ofEpoch,
      commits: z.array(commitField),
      head: optionalKey(primaryHeadField),
      released: countField,
    })
    .refine(({ commits, head }) => commits.length === 0 || head !== undefined, {
      path: ["head"],
      message: "missing, expected map",
    }),
  part: z.object({
    ...ofEpoch,
    part: z
      .object({
        n: z.int().min(1),
        index: countField,
        of: z.int().min(1),
        text: textField,
      })
      .refine(({ index, of }) => index < of, "expected an index below `of`"),
    head: optionalKey(primaryHeadField),
    released: optionalKey(countField),
  }),
} as const;

/** The forms of zone.snapshot, by what only each has. */
const SNAPSHOT = {
  begin: z.object({
    ...snapshotBound,
    position: positionField,
    log_after: logPositionField,
    head: primaryHeadField,
    checkpoint: optionalKey(checkpointField),
  }),
  chunk: z.object({ ...snapshotBound, index: countField, text: textField, hash: hashField }),
  end: z.object({
    ...snapshotBound,
    chunks: countField,
    hash: hashField,
    upto: countField,
    signature: signatureField,
    public_key: hashField,
  }),
} as const;

const ACK = {
  commit: z.object({ ...ofEpoch, n: countField, digest: hashField }),
  chunk: z.object({ ...snapshotBound, index: countField }),
} as const;

/** Field schemas of the bodies that have one form. */
const PLAIN = {
  "zone.epoch": z.object({ ...zoneBound, envelopes: envelopesField }),
  "zone.position": z.object({
    ...zoneBound,
    epoch: countField,
    envelope_hash: hashField.nullish().transform((value) => value ?? null),
    state: z.enum(REPLICA_STATES),
    position: positionField.nullish().transform((value) => value ?? null),
    head: primaryHeadField.nullish().transform((value) => value ?? null),
    lost: optionalKey(z.boolean()),
    envelopes: optionalKey(envelopesField),
  }),
  "zone.replicate": z.object({
    ...ofEpoch,
    envelope_hash: hashField,
    position: positionField.nullable(),
    log: z.array(logPositionField).min(1).max(LOCATOR_PAIRS_MAX),
    window: z.int().min(WINDOW_BYTES_MIN).max(WINDOW_BYTES_MAX),
    recover: optionalKey(z.boolean()),
  }),
  "zone.forward": z.object({
    ...zoneBound,
    message: jsonMap,
    member: memberField,
    session: sessionField,
  }),
  "zone.answer": z
    .object({
      ...zoneBound,
      node_id: nodeIdField,
      reply_to: optionalKey(z.string().max(128)),
      session: optionalKey(sessionField),
      n: optionalField(countField).transform((n) => n ?? 0),
      ack: optionalKey(ackField),
      error: optionalKey(errorField),
      body: optionalKey(jsonMap),
    })
    .refine(
      ({ ack, error, body }) =>
        [ack, error, body].filter((part) => part !== undefined).length === 1,
      "expected one of ack, error and body",
    ),
  "zone.presence": z
    .object({
      ...zoneBound,
      full: optionalKey(z.boolean()),
      online: nodeIds,
      offline: nodeIds,
    })
    .refine(
      ({ online, offline }) => online.length + offline.length <= PRESENCE_IDS_MAX,
      `expected at most ${PRESENCE_IDS_MAX} node ids`,
    ),
  "zone.head": z.object({ ...zoneBound, n: countField, head: primaryHeadField }),
  "zone.direct": z.object({ ...zoneBound, message: jsonMap }),
} as const;

/** As parsed, and as what is to be sent may be given. */
type Fixed<T> = T extends readonly (infer Item)[]
  ? readonly Fixed<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [K in keyof T]: Fixed<T[K]> }
    : T;
type Forms<T extends Record<string, z.ZodType>> = {
  readonly [K in keyof T]: Fixed<z.output<T[K]>>;
};
type Plain = Forms<typeof PLAIN>;

/** Parsed fields by body type; bodies of several forms as one of them. */
type LinkFields = Plain & {
  readonly "zone.entries": Forms<typeof ENTRIES>[keyof typeof ENTRIES];
  readonly "zone.snapshot": Forms<typeof SNAPSHOT>[keyof typeof SNAPSHOT];
  readonly "zone.replica_ack": Forms<typeof ACK>[keyof typeof ACK];
};

export type LinkBodyType = keyof LinkFields;
/** A body that stewards of a zone send one another, parsed; `docs/protocol.md` §9. */
export type LinkBody<T extends LinkBodyType = LinkBodyType> = {
  [K in T]: { readonly type: K } & LinkFields[K];
}[T];

export type EntriesOf<F extends keyof typeof ENTRIES> = Forms<typeof ENTRIES>[F];
export type SnapshotOf<F extends keyof typeof SNAPSHOT> = Forms<typeof SNAPSHOT>[F];
export type AckOf<F extends keyof typeof ACK> = Forms<typeof ACK>[F];

/** Chooses a body's form by the fields that are there. */
function findSchema(type: LinkBodyType, fields: Readonly<Record<string, unknown>>): z.ZodType {
  const has = (key: string) => fields[key] !== undefined && fields[key] !== null;
  switch (type) {
    case "zone.entries":
      return has("part") ? ENTRIES.part : ENTRIES.commits;
    case "zone.snapshot":
      if (has("chunks")) return SNAPSHOT.end;
      return has("index") ? SNAPSHOT.chunk : SNAPSHOT.begin;
    case "zone.replica_ack":
      return has("snapshot") ? ACK.chunk : ACK.commit;
    default:
      return PLAIN[type];
  }
}

const TYPES: ReadonlySet<string> = new Set([
  ...Object.keys(PLAIN),
  "zone.entries",
  "zone.snapshot",
  "zone.replica_ack",
]);

/** Narrows to a body type that only links carry; `docs/protocol.md` §9.2. */
export function isLinkBodyType(type: string): type is LinkBodyType {
  return TYPES.has(type);
}

/**
 * Parses a link body's fields; its Messages and envelopes are still to be verified.
 * @throws StewardError `invalid_params`; the message names the field
 */
export function parseLinkBody<T extends LinkBodyType>(
  type: T,
  fields: Readonly<Record<string, unknown>>,
): LinkBody<T> {
  const parsed = safeParse(findSchema(type, fields), fields);
  if (parsed.success) return { type, ...(parsed.data as object) } as unknown as LinkBody<T>;
  throw new StewardError("invalid_params", { message: toSchemaMessage(parsed.error) });
}
