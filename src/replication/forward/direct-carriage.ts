import { StewardError } from "../../errors.ts";
import { toSchemaMessage } from "../../protocol/schema-fields.ts";
import { asValue } from "../../wire/messagepack-encode.ts";
import { type AtlasMessage, MESSAGE_SCHEMAS } from "../../wire/messages.ts";
import { safeParse } from "../../wire/safe-parse.ts";
import type { LinkMessage, LinkPort, LinkSession } from "../links/link-port.ts";

/** Carried and not acknowledged; older ones are carried again when their receiver is present anew. */
const KEPT_MAX = 10_000;
const FIELDS = ["id", "from", "to", "timestamp", "reply_to", "topic", "public_key", "sig"];
const FIELD_BYTES_MAX = 1024;

export interface DirectCarriageDeps {
  readonly links: LinkPort;
  /** The stewards at which a node is present in a zone, but for this one. */
  readonly listStewards: (zoneId: string, nodeId: string) => readonly string[];
  readonly zonesOfMember: (nodeId: string) => readonly string[];
  readonly isMember: (zoneId: string, nodeId: string) => boolean;
  /** Sends a message to every session that a node has here; tells whether there was one. */
  readonly forwardHere: (nodeId: string, message: AtlasMessage) => boolean;
  /** Notes that a receiver has a message that this steward keeps. */
  readonly acknowledged: (receiver: string, messageId: string) => void;
}

/** Who waits for a receiver's acknowledgement. */
interface Carrier {
  readonly link: LinkSession;
  readonly zoneId: string;
  readonly carrierId: string;
}

/**
 * Carries direct messages between stewards: to the primary, and from there to where their receiver is. They
 * stay with whoever took them until they are acknowledged; `docs/protocol.md` §9.10.
 */
export class DirectCarriage {
  private readonly deps: DirectCarriageDeps;
  /** By the id of the Message that carried it: whom it is for, and its own id. */
  private readonly sent = new Map<string, { receiver: string; messageId: string }>();
  /** By receiver and message id. */
  private readonly carriers = new Map<string, Carrier>();

  constructor(deps: DirectCarriageDeps) {
    this.deps = deps;
  }

  /** Whether a node is present at another steward of a zone that both nodes are members of. */
  isPresent(nodeId: string): boolean {
    return this.deps
      .zonesOfMember(nodeId)
      .some((zoneId) => this.deps.listStewards(zoneId, nodeId).length > 0);
  }

  /** Sends a message to where its receiver is; tells whether it is anywhere. */
  send(message: AtlasMessage): boolean {
    return this.carry(message, undefined);
  }

  /**
   * Takes a message for somebody who is here, or, as the primary, at another replica.
   * @throws StewardError `invalid_params`, 2003 without a shared zone
   */
  receive(link: LinkSession, carrier: LinkMessage): void {
    const zoneId = carrier.body.find("zone_id")?.decode();
    const message = parse(carrier);
    const { isMember, forwardHere } = this.deps;
    if (
      typeof zoneId !== "string" ||
      ![message.from, message.to].every((id) => isMember(zoneId, id))
    ) {
      throw new StewardError(2003, { message: "to: no node that shares the zone with the sender" });
    }
    this.keep(toKey(message.to, message.id), { link, zoneId, carrierId: carrier.id });
    if (!forwardHere(message.to, message)) this.carry(message, link.nodeId);
  }

  /** Takes what came in answer to a carried message; false where it answers something else. */
  answered(replyTo: string | undefined, isAck: boolean): boolean {
    const carried = replyTo === undefined ? undefined : this.sent.get(replyTo);
    if (carried === undefined || replyTo === undefined) return false;
    this.sent.delete(replyTo);
    if (!isAck) return true;
    this.noteAck(carried.receiver, carried.messageId);
    this.deps.acknowledged(carried.receiver, carried.messageId);
    return true;
  }

  /** A receiver acknowledged a message: whoever carried it here is told. */
  noteAck(receiver: string, messageId: string): void {
    const key = toKey(receiver, messageId);
    const carrier = this.carriers.get(key);
    if (carrier === undefined) return;
    this.carriers.delete(key);
    const { link, zoneId: zone_id, carrierId } = carrier;
    const about = { type: "zone.answer", zone_id, node_id: receiver, reply_to: messageId, n: 0 };
    link.send({ ...about, ack: "received" }, carrierId);
  }

  private carry(message: AtlasMessage, except: string | undefined): boolean {
    const { zonesOfMember, listStewards, isMember, links } = this.deps;
    for (const zoneId of zonesOfMember(message.to)) {
      if (!isMember(zoneId, message.from)) continue;
      for (const steward of listStewards(zoneId, message.to)) {
        const link = steward === except ? undefined : links.findAny(steward);
        if (link === undefined) continue;
        const id = link.send({ type: "zone.direct", zone_id: zoneId, message });
        this.remember(id, message);
        return true;
      }
    }
    return false;
  }

  private remember(id: string, { to, id: messageId }: AtlasMessage): void {
    this.sent.set(id, { receiver: to, messageId });
    const [oldest] = this.sent.keys();
    if (this.sent.size > KEPT_MAX && oldest !== undefined) this.sent.delete(oldest);
  }

  private keep(key: string, carrier: Carrier): void {
    this.carriers.set(key, carrier);
    const [oldest] = this.carriers.keys();
    if (this.carriers.size > KEPT_MAX && oldest !== undefined) this.carriers.delete(oldest);
  }
}

function parse({ body }: LinkMessage): AtlasMessage {
  const picked = body.find("message")?.pick([...FIELDS, "body"]);
  const content = picked?.get("body");
  if (picked === undefined || content === undefined) {
    throw new StewardError("invalid_params", { message: "message: expected a Message" });
  }
  const fields: Record<string, unknown> = { body: {} };
  for (const key of FIELDS) {
    const value = picked.get(key);
    if (value === undefined) continue;
    if (value.byteLength > FIELD_BYTES_MAX) {
      throw new StewardError("invalid_params", { message: `message.${key}: too long` });
    }
    fields[key] = value.decode();
  }
  const parsed = safeParse(MESSAGE_SCHEMAS.message, fields);
  if (!parsed.success) {
    throw new StewardError("invalid_params", { message: toSchemaMessage(parsed.error) });
  }
  return { ...parsed.data, body: asValue(content.packed) };
}

function toKey(receiver: string, messageId: string): string {
  return `${receiver} ${messageId}`;
}
