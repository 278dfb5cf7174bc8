import { StewardError } from "../errors.ts";
import { MESSAGE_ID_PATTERN } from "../protocol/ids.ts";
import type { JsonObject, JsonValue } from "../protocol/json.ts";
import { toSchemaMessage } from "../protocol/schema-fields.ts";
import { MESSAGE_SCHEMAS } from "../wire/messages.ts";
import { PackedBody } from "../wire/packed-body.ts";
import { PackedValue } from "../wire/packed-value.ts";
import { safeParse } from "../wire/safe-parse.ts";
import { isEnvelopeType, isSealedType } from "../wire/sealed-types.ts";
import { BODY_LIMITS, StructureCount } from "../wire/structure-limits.ts";
import { isZoneRequestType, type ZoneRequestType } from "../wire/zone-requests.ts";
import type { PassedBy, Sender } from "../zones/call.ts";
import type { GateMark, ZoneGate } from "../zones/zone-gate.ts";
import type { MessageMeter } from "./message-meter.ts";
import { type Origin, ReturnPath } from "./return-path.ts";
import { assertSignature, type MessageVerifier } from "./seal.ts";
import { findRequestId, type TakingDeps, takeMessage } from "./taking.ts";
import type { UnbuiltMessage } from "./unbuilt-message.ts";

const FIELDS = ["id", "from", "to", "timestamp", "reply_to", "topic", "public_key", "sig"];
/** Of a field beside the body. */
const FIELD_BYTES_MAX = 1024;
/** What a message may have whose proof holds every field that its signature covers; `docs/protocol.md` §9.10. */
const PROVEN_KEYS = ["type", "request_id", "zone_id", "id", "content", "topic", "reply_to"];

export interface ForwardedDeps extends TakingDeps {
  readonly gate: ZoneGate;
  readonly heldAcks: Map<string, GateMark>;
  readonly meter: MessageMeter;
  readonly verifier: MessageVerifier;
  readonly ownNodeId: string;
  readonly maxClockDriftSecs: number;
  /** Whether a member has signed what needed no signature: its unsigned messages are refused then. */
  readonly signs: (zoneId: string, nodeId: string) => boolean;
}

/** A member's message as a replica passed it on. */
export interface Forwarded {
  readonly zoneId: string;
  /** Node id of the replica. */
  readonly replica: string;
  readonly message: PackedValue;
  readonly member: Pick<Sender, "nodeId" | "name" | "skills" | "trust">;
  readonly session: string;
  readonly origin: Origin;
}

/**
 * Takes a member's message that came through a replica, as if it had come from the member;
 * `docs/protocol.md` §9.10.
 * @throws StewardError 2001 or 2003, which refuses the message itself
 */
export function takeForwarded(deps: ForwardedDeps, forwarded: Forwarded): void {
  const { member, replica, origin } = forwarded;
  const message = parseMessage(deps, forwarded);
  const { body } = message;
  const { type } = body;
  if (!isZoneRequestType(type) || isEnvelopeType(type) || deps.handlers[type] === undefined) {
    throw new StewardError(2003, { message: "The body's type is unknown." });
  }
  const isSealed = isSealedType(type);
  const isSigned = assertSignature(deps.verifier, message, isSealed || mustSign(deps, forwarded));
  assertAddress(deps, forwarded, message, isSealed);
  assertZone(forwarded, body);
  const passedBy = isSealed ? undefined : toPassedBy(replica, message, type, isSigned);
  const sender: Sender = {
    ...member,
    bound: isSealed,
    ...(type === "zone.request" && { sealed: toSealed(message) }),
    // Where the node is at that replica, not one of its sessions there.
    sessionId: `${replica}:${member.nodeId}`,
    ...(passedBy !== undefined && { passedBy }),
  };
  const path = new ReturnPath(deps, origin, {
    id: message.id,
    from: member.nodeId,
    requestId: findRequestId(body),
    type,
  });
  takeMessage(deps, { message, sender, path, body, type, room: undefined });
}

function mustSign({ signs }: ForwardedDeps, { zoneId, member }: Forwarded): boolean {
  return signs(zoneId, member.nodeId);
}

function parseMessage(deps: ForwardedDeps, { message, member }: Forwarded): UnbuiltMessage {
  const picked = message.pick([...FIELDS, "body"]);
  const raw = picked.get("body");
  picked.delete("body");
  const fields: Record<string, unknown> = {};
  for (const [key, value] of picked) {
    if (value.byteLength > FIELD_BYTES_MAX) throw refuse(`${key}: too long`);
    fields[key] = value.decode();
  }
  if (raw === undefined) throw refuse("body: missing, expected map");
  const parsed = safeParse(MESSAGE_SCHEMAS.message, { ...fields, body: {} });
  if (!parsed.success) throw refuse(toSchemaMessage(parsed.error));
  const { data } = parsed;
  if (!MESSAGE_ID_PATTERN.test(data.id)) throw refuse("id: expected msg_ and a UUIDv7");
  if (data.from !== member.nodeId) throw refuse("from: expected the member's node id");
  if (Math.abs(deps.now() - data.timestamp) > deps.maxClockDriftSecs) {
    throw refuse("timestamp: too far from our clock");
  }
  // Measured alone, not as a part of what it came in.
  const alone = PackedValue.scan(raw.packed.bytes, 0, new StructureCount(BODY_LIMITS));
  return { ...data, body: PackedBody.parse(alone.isText ? alone.decode() : alone) };
}

function assertAddress(
  { ownNodeId }: ForwardedDeps,
  { replica }: Forwarded,
  { to }: UnbuiltMessage,
  isSealed: boolean,
): void {
  if (to === ownNodeId || (to === replica && !isSealed)) return;
  throw refuse("to: expected the zone's primary");
}

/** A replica of one zone says nothing for the members of another. */
function assertZone({ zoneId }: Forwarded, body: PackedBody): void {
  const named = body.find("zone_id");
  if (named === undefined || named.isNil) return;
  if (named.isText && named.byteLength <= FIELD_BYTES_MAX && named.decode() === zoneId) return;
  throw refuse("zone_id: expected the zone that it was forwarded for");
}

function toSealed({ body, ...fields }: UnbuiltMessage): JsonObject {
  const sealed = { ...fields, body: JSON.parse(body.value.canonical) as JsonValue };
  return JSON.parse(JSON.stringify(sealed)) as JsonObject;
}

/** What the log keeps of how an entry came; `docs/protocol.md` §9.10. */
function toPassedBy(
  replica: string,
  message: UnbuiltMessage,
  type: ZoneRequestType,
  isSigned: boolean,
): PassedBy {
  if (!isSigned) return { via: replica };
  const { id, to, timestamp, public_key, sig, body } = message;
  const isWhole = message.reply_to === undefined && message.topic === undefined;
  // What is said to be null is signed and not logged: nobody could put it together again.
  const isPlain = body.value.keys.every(
    (key) => PROVEN_KEYS.includes(key) && (key === "content" || body.find(key)?.isNil === false),
  );
  if (type !== "zone.message") return { isSigned };
  if (!isWhole || !isPlain) return { via: replica, isSigned };
  const requestId = findRequestId(body);
  const proof = {
    message_id: id,
    to,
    timestamp,
    ...(requestId !== undefined && { request_id: requestId }),
    public_key: public_key ?? "",
    sig: sig ?? "",
  };
  return { proof, isSigned };
}

function refuse(message: string): StewardError {
  return new StewardError(2003, { message });
}
