import type { Logger } from "../base/log.ts";
import { type ErrorMessageFields, StewardError } from "../errors.ts";
import { MESSAGE_ID_PATTERN, NODE_ID_PATTERN } from "../protocol/ids.ts";
import { toSchemaMessage } from "../protocol/schema-fields.ts";
import type { Peer } from "../session/peer.ts";
import type { Session } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Store } from "../store/database.ts";
import type { DecodedEnvelope } from "../wire/envelope.ts";
import { isLinkBodyType } from "../wire/link-bodies.ts";
import { type AtlasMessage, MESSAGE_SCHEMAS } from "../wire/messages.ts";
import { PackedBody } from "../wire/packed-body.ts";
import { PresentFields } from "../wire/present-fields.ts";
import { isForwardedType } from "../wire/sealed-types.ts";
import { BODY_LIMITS } from "../wire/structure-limits.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import { isZoneRequestType } from "../wire/zone-requests.ts";
import type { Sender, ZoneHandlers } from "../zones/call.ts";
import type { PackedMessage } from "../zones/stored-message.ts";
import type { GateMark, ZoneGate } from "../zones/zone-gate.ts";
import type { AnswerRoom } from "./answer-room.ts";
import type { DirectMessages } from "./direct-messages.ts";
import type { MessageMeter, MeteredMessage } from "./message-meter.ts";
import { passOn, type ReplicaPort } from "./pass-on.ts";
import { type AckStatus, type Origin, ReturnPath } from "./return-path.ts";
import { assertSignature, type MessageVerifier } from "./seal.ts";
import type { SeenMessages } from "./seen-messages.ts";
import { findRequestId, takeMessage } from "./taking.ts";
import type { UnbuiltMessage } from "./unbuilt-message.ts";

/** Takes what stewards of a zone send one another; `docs/protocol.md` §9.2. */
export interface LinkRoute {
  /** @throws StewardError; the session answers it */
  receive(session: Session, peer: Peer, message: UnbuiltMessage): void;
}

export interface RouterDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly heldAcks: Map<string, GateMark>;
  readonly seen: SeenMessages;
  readonly sessions: Sessions;
  readonly handlers: ZoneHandlers;
  readonly direct: DirectMessages;
  readonly answers: AnswerRoom;
  readonly links: LinkRoute;
  readonly replicas: ReplicaPort;
  readonly meter: MessageMeter;
  readonly verifier: MessageVerifier;
  readonly ownNodeId: string;
  readonly now: () => number;
  readonly maxClockDriftSecs: number;
  readonly log: Logger;
}

/**
 * Takes a verified session's message through the remaining checks, in their order: schema,
 * addressing, body, deduplication; then its handler, whose order of zone checks stands in
 * `zones/checks.ts`. Acknowledgement, deduplication row and effect share one transaction;
 * `docs/protocol.md` §5.
 * @throws StewardError 2001 or 2003; the session answers it
 */
export function routeMessage(
  deps: RouterDeps,
  session: Session,
  peer: Peer,
  envelope: DecodedEnvelope,
): void {
  const message = parseAtlasMessage(envelope.fields);
  assertHeader(deps, peer, message);
  const body = PackedBody.parse(message.body);
  const isOwn = message.to === deps.ownNodeId;
  if (session.isLink || (isOwn && isLinkBodyType(body.type)))
    return deps.links.receive(session, peer, { ...message, body });
  const { type } = body;
  const isKnown = isZoneRequestType(type) && deps.handlers[type] !== undefined;
  const zone = isKnown ? deps.replicas.find(type, body, message) : undefined;
  // What zones are asked is no direct message where it goes to the zone's primary.
  if (!isOwn && (zone === undefined || message.to !== zone.primary)) {
    // Decoded by the limits of links, which hold for nothing that agents are brought.
    if (isLinkBodyType(type)) body.value.assertWithin(BODY_LIMITS);
    return routeDirect(deps, session, { ...message, body: body.value });
  }
  if (!isKnown) throw new StewardError(2003, { message: "The body's type is unknown." });
  const origin = new SessionOrigin(deps.sessions, session, peer.nodeId);
  const path = new ReturnPath(deps, origin, {
    id: message.id,
    from: message.from,
    requestId: findRequestId(body),
    type,
  });
  // A creator's signature stands for a bound session; it is checked where there is one alone.
  const isSealed =
    type === "zone.update" && assertSignature(deps.verifier, { ...message, body }, false);
  const sender = toSender(isSealed ? { ...peer, bound: true } : peer, session.id);
  if (zone !== undefined && isForwardedType(type))
    return passOn(deps, { zone, message: { ...message, body }, type, sender, path });
  const room = deps.answers.find(session, type);
  takeMessage(deps, { message, sender, path, body, type, room });
}

/** Takes a message for another node; it is acknowledged as relayed or waiting. */
function routeDirect(deps: RouterDeps, session: Session, message: PackedMessage): void {
  deps.store.write((write) => {
    const isNew = deps.seen.note(write, message.from, message.id);
    const beganMs = deps.meter.begin();
    const status = isNew ? deps.direct.accept(write, message) : "received";
    session.send("message_ack", { msg_id: message.id, status });
    deps.store.gate(
      () => deps.meter.end("direct", beganMs, { type: "message_ack" }, toMetered(message)),
      (error) => session.fail(error, message.id),
    );
  });
}

function toMetered({ id, from }: PackedMessage): MeteredMessage {
  return { messageId: id, nodeId: from, requestId: undefined, zoneId: undefined };
}

const MESSAGE = new PresentFields(MESSAGE_SCHEMAS.message);

function parseAtlasMessage(fields: Readonly<Record<string, unknown>>): AtlasMessage {
  const parsed = MESSAGE.parse(fields);
  if (!parsed.success) throw new StewardError(2003, { message: toSchemaMessage(parsed.error) });
  return parsed.data;
}

function assertHeader(deps: RouterDeps, peer: Peer, message: AtlasMessage): void {
  const refuse = (text: string) => new StewardError(2003, { message: text });
  if (!MESSAGE_ID_PATTERN.test(message.id)) throw refuse("id: expected msg_ and a UUIDv7");
  if (message.from !== peer.nodeId) throw refuse("from: expected the session's node id");
  if (!NODE_ID_PATTERN.test(message.to)) throw refuse("to: expected a node id");
  if (Math.abs(deps.now() - message.timestamp) > deps.maxClockDriftSecs) {
    throw refuse("timestamp: too far from our clock");
  }
}

function toSender({ nodeId, name, skills, bound, trust }: Peer, sessionId: string): Sender {
  return { nodeId, name, skills, bound, trust, sessionId };
}

/** A session of the sender, here. */
class SessionOrigin implements Origin {
  private readonly sessions: Sessions;
  private readonly session: Session;
  private readonly nodeId: string;

  constructor(sessions: Sessions, session: Session, nodeId: string) {
    this.sessions = sessions;
    this.session = session;
    this.nodeId = nodeId;
  }

  acknowledge(id: string, _n: number | undefined, status: AckStatus = "received"): void {
    this.session.sendHeld("message_ack", { msg_id: id, status });
  }

  refuse(fields: ErrorMessageFields): void {
    this.session.sendRefusal(fields);
  }

  answer(body: StewardBody, id: string): void {
    // An answer that comes after its session's end goes to the node's other sessions.
    if (this.session.peer === undefined) this.sessions.push(this.nodeId, body, id);
    else this.sessions.sendBody(this.session, this.nodeId, body, id);
  }
}
