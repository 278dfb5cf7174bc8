import type { Logger } from "../base/log.ts";
import { isExpected, isWireErrorCode, StewardError } from "../errors.ts";
import { MESSAGE_ID_PATTERN, NODE_ID_PATTERN } from "../protocol/ids.ts";
import { toSchemaMessage } from "../protocol/schema-fields.ts";
import type { Peer } from "../session/peer.ts";
import type { Session } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Store } from "../store/database.ts";
import type { PeerQueries } from "../store/zones/peers.ts";
import type { DecodedEnvelope } from "../wire/envelope.ts";
import { isLinkBodyType } from "../wire/link-bodies.ts";
import { type AtlasMessage, MESSAGE_SCHEMAS } from "../wire/messages.ts";
import { PackedBody } from "../wire/packed-body.ts";
import { safeParse } from "../wire/safe-parse.ts";
import {
  isZoneRequestType,
  parseZoneRequest,
  type ZoneRequestType,
} from "../wire/zone-requests.ts";
import type { Sender, ZoneCall, ZoneHandler, ZoneHandlers } from "../zones/call.ts";
import type { PackedMessage } from "../zones/stored-message.ts";
import type { ZoneGate } from "../zones/zone-gate.ts";
import type { AnswerRoom } from "./answer-room.ts";
import type { DirectMessages } from "./direct-messages.ts";
import { type Origin, ReturnPath } from "./return-path.ts";

const REQUEST_ID_CHARS_MAX = 128;

/** Takes what stewards of a zone send one another; `docs/protocol.md` §9.2. */
export interface LinkRoute {
  /** @throws StewardError; the session answers it */
  receive(session: Session, peer: Peer, message: LinkMessage): void;
}

/** A Message whose body is not built yet. */
export type LinkMessage = Omit<AtlasMessage, "body"> & { readonly body: PackedBody };

export interface RouterDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly peers: PeerQueries;
  readonly sessions: Sessions;
  readonly handlers: ZoneHandlers;
  readonly direct: DirectMessages;
  readonly answers: AnswerRoom;
  readonly links: LinkRoute;
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
  if (!isOwn) return routeDirect(deps, session, { ...message, body: body.value });
  const { type } = body;
  if (!isZoneRequestType(type) || deps.handlers[type] === undefined) {
    throw new StewardError(2003, { message: "The body's type is unknown." });
  }
  const path = new ReturnPath(deps, createOrigin(deps, session, peer), {
    id: message.id,
    requestId: findRequestId(body),
  });
  const sender = toSender(peer, session.id);
  const takeRoom = () => deps.answers.take(session, type);
  takeMessage(deps, { message, sender, path, body, type, takeRoom });
}

/** A zone message whose header was checked, and the way back to its sender. */
interface Taken {
  readonly message: AtlasMessage;
  readonly sender: Sender;
  readonly path: ReturnPath;
  readonly body: PackedBody;
  readonly type: ZoneRequestType;
  /** @throws StewardError where no answer may be made for the sender now */
  readonly takeRoom: () => void;
}

function takeMessage(deps: RouterDeps, taken: Taken): void {
  const { message, sender, path } = taken;
  let answered = false;
  const fail = (error: unknown): void => {
    if (answered) return;
    answered = true;
    path.fail(error);
  };
  try {
    deps.store.write((write) => {
      path.acknowledge((error) => {
        // The turn is lost and with it the answer that was queued in it: now the failure is the
        // answer.
        answered = false;
        fail(error);
      });
      if (!deps.peers.insertSeen(write, sender.nodeId, message.id, deps.now())) return;
      handle(deps, taken, fail);
    });
  } catch (error) {
    // A lost turn aborts all its messages through their gates: if this one was answered there, it
    // is not answered again.
    if (!answered) throw error;
  }
}

/** The request id that an answer repeats; a longer one fits no schema, and might fit no answer. */
function findRequestId(body: PackedBody): string | undefined {
  const value = body.find("request_id");
  if (!value?.isText || value.byteLength > 4 * REQUEST_ID_CHARS_MAX) return undefined;
  const requestId = value.decode() as string;
  return requestId.length <= REQUEST_ID_CHARS_MAX ? requestId : undefined;
}

/** Takes a message for another node; it is acknowledged as relayed or waiting. */
function routeDirect(deps: RouterDeps, session: Session, message: PackedMessage): void {
  deps.store.write((write) => {
    const isNew = deps.peers.insertSeen(write, message.from, message.id, deps.now());
    const status = isNew ? deps.direct.accept(write, message) : "received";
    session.send("message_ack", { msg_id: message.id, status });
    deps.store.gate(
      () => {},
      (error) => session.fail(error, message.id),
    );
  });
}

function parseAtlasMessage(fields: Readonly<Record<string, unknown>>): AtlasMessage {
  const parsed = safeParse(MESSAGE_SCHEMAS.message, fields);
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

function handle(deps: RouterDeps, taken: Taken, fail: (error: unknown) => void): void {
  const { body, type, takeRoom } = taken;
  const onError = (error: unknown): void => {
    logUnexpected(deps.log, error, type);
    fail(error);
  };
  try {
    deps.store.operate((write) => {
      const parsed = parseZoneRequest(type, body);
      takeRoom();
      const handler = deps.handlers[type] as ZoneHandler<typeof type>;
      handler(createCall(deps, taken), parsed, write)?.catch(onError);
    });
  } catch (error) {
    // A wire code refuses the message itself: neither acknowledged nor remembered.
    if (error instanceof StewardError && isWireErrorCode(error.code)) throw error;
    onError(error);
  }
}

function toSender({ nodeId, name, skills, bound, trust }: Peer, sessionId: string): Sender {
  return { nodeId, name, skills, bound, trust, sessionId };
}

function createCall(deps: RouterDeps, { sender, message, path }: Taken): ZoneCall {
  return {
    sender,
    messageId: message.id,
    now: deps.now(),
    about: (zoneId, gateClass, isRead) => path.about(zoneId, gateClass, isRead),
    reply: (body) => path.reply(body),
    answer: (body) => path.answer(body),
  };
}

function createOrigin({ sessions }: RouterDeps, session: Session, { nodeId }: Peer): Origin {
  return {
    acknowledge: (id) => session.sendHeld("message_ack", { msg_id: id, status: "received" }),
    answer: (body, id) => {
      // An answer that comes after its session's end goes to the node's other sessions.
      if (session.peer !== undefined) sessions.sendBody(session, nodeId, body, id);
      else sessions.push(nodeId, body, id);
    },
  };
}

function logUnexpected(log: Logger, error: unknown, type: string): void {
  if (!isExpected(error)) log.error({ err: error, type }, "a zone message failed");
}
