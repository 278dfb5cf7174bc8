import { z } from "zod";
import { byteField, optionalField, timestampField } from "../protocol/schema-fields.ts";
import type { MessageType } from "./envelope.ts";

/** Any MessagePack integer; those beyond ±(2^53-1) are bigints; `docs/protocol.md` §4. */
const clockField = z.union([z.int(), z.bigint()]);

const identityFields = {
  node_id: z.string().max(128),
  name: z.string().max(128),
  skills: z.array(z.string().max(64)).max(64),
  operator: optionalField(z.union([z.string().max(256), z.record(z.string(), z.unknown())])),
  wallet: optionalField(z.string().max(128)),
  public_key: byteField,
  protocol_v: z.int(),
  capabilities: optionalField(z.array(z.string().max(64)).max(32)),
};

/** Field schemas by message type; `docs/protocol.md` §2. */
export const MESSAGE_SCHEMAS = {
  hello: z.object({
    ...identityFields,
    timestamp: timestampField,
    challenge: optionalField(byteField),
    authority: optionalField(z.string().max(300)),
  }),
  hello_ack: z.object({
    ...identityFields,
    challenge: byteField,
    signature: optionalField(byteField),
  }),
  verify: z.object({ signature: byteField, challenge: byteField }),
  verify_ack: z.object({
    status: z.enum(["ok", "rejected"]),
    reason: optionalField(z.string()),
    trust: optionalField(z.enum(["unknown", "verified"])),
    hint: optionalField(z.string()),
  }),
  message: z.object({
    id: z.string().max(128),
    from: z.string().max(128),
    to: z.string().max(128),
    timestamp: timestampField,
    reply_to: optionalField(z.string().max(128)),
    topic: optionalField(z.string().max(256)),
    body: z.unknown(),
    public_key: optionalField(z.string().max(128)),
    sig: optionalField(z.string().max(256)),
  }),
  message_ack: z.object({
    msg_id: z.string().max(128),
    status: z.enum(["received", "registered", "waiting", "relayed"]),
  }),
  error: z.object({
    code: z.int().nonnegative(),
    message: z.string(),
    ref_msg_id: optionalField(z.string()),
    reason: optionalField(z.string()),
    recovery: optionalField(z.string()),
    retry_after_ms: optionalField(z.int()),
    hint: optionalField(z.string()),
  }),
  ping: z.object({ ts: clockField }),
  pong: z.object({ ts: clockField, echo: clockField }),
  disconnect: z.object({
    reason: z.string().max(64),
    message: optionalField(z.string().max(1024)),
  }),
} as const satisfies Record<MessageType, z.ZodType>;

/** The parsed fields of one message type. */
export type MessageFields<T extends MessageType> = z.output<(typeof MESSAGE_SCHEMAS)[T]>;
export type HelloFields = MessageFields<"hello">;
export type HelloAckFields = MessageFields<"hello_ack">;
export type AtlasMessage = MessageFields<"message">;

/** Reasons a Disconnect gives; `docs/protocol.md` §4. */
export type DisconnectReason =
  | "normal"
  | "timeout"
  | "idle"
  | "error"
  | "client_shutdown"
  | "server_shutdown"
  | "banned"
  | "too_slow"
  | "replaced";

/**
 * Parses the fields of a decoded envelope by its type's schema.
 * @throws z.ZodError; the session chooses the code, which differs inside the handshake
 */
export function parseMessageFields<T extends MessageType>(
  type: T,
  fields: Readonly<Record<string, unknown>>,
): MessageFields<T> {
  return MESSAGE_SCHEMAS[type].parse(fields) as MessageFields<T>;
}
