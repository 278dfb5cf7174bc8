import type { JsonObject } from "../protocol/json.ts";
import type { Write } from "../store/database.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { ZoneRequest, ZoneRequestType } from "../wire/zone-requests.ts";
import type { GateClass } from "./zone-gate.ts";

/** How a message came that a replica passed on; `docs/protocol.md` §9.10. */
export interface PassedBy {
  /** Node id of the replica whose word it is alone. */
  readonly via?: string;
  /** What everybody can check that its sender sent it with. */
  readonly proof?: JsonObject;
  /** Its sender signed it. */
  readonly isSigned?: boolean;
}

/** Who sent a zone message, as far as zones care. */
export interface Sender {
  readonly nodeId: string;
  readonly name: string;
  readonly skills: readonly string[];
  /** The session was verified in the bound form. */
  readonly bound: boolean;
  readonly trust: "unknown" | "verified";
  /** The session that a zone message is not delivered back to. */
  readonly sessionId: string;
  /** The message as it was signed, where its signature stands for a session of its sender. */
  readonly sealed?: JsonObject;
  /** Of what came through a replica and need not be signed. */
  readonly passedBy?: PassedBy;
}

/** One accepted zone message; handlers see neither bytes nor sockets. */
export interface ZoneCall {
  readonly sender: Sender;
  /** The AtlasMessage's id; answers refer to it. */
  readonly messageId: string;
  /** Unix seconds. */
  readonly now: number;
  /**
   * Says which zone the message is about, once the rules above `stopped` let it pass: from here on what its
   * sender is told waits for that zone's acknowledgements.
   */
  about(zoneId: string, gateClass: GateClass, isRead: boolean): void;
  /** Answers, once everything written so far is durable and acknowledged. */
  reply(body: StewardBody): void;
  /** Answers at once; the caller holds the gates. */
  answer(body: StewardBody): void;
}

/**
 * Handles one body type. The part before the first await runs inside the turn's transaction, and
 * a throw undoes it.
 */
export type ZoneHandler<T extends ZoneRequestType> = (
  call: ZoneCall,
  body: ZoneRequest<T>,
  write: Write,
) => void | Promise<void>;

/** Questions that read the store alone: they change nothing, and may be answered again. */
const QUESTIONS = ["zone.discover", "zone.history", "zone.inspect", "zone.members"] as const;
export type QuestionType = (typeof QUESTIONS)[number];

/** Tells whether a body is a question that changes nothing. */
export function isQuestion(type: ZoneRequestType): type is QuestionType {
  return (QUESTIONS as readonly string[]).includes(type);
}

/** Answers one kind of question, outside of turns where none is open. */
export type QuestionHandler<T extends QuestionType> = (
  call: ZoneCall,
  body: ZoneRequest<T>,
) => void | Promise<void>;

/** The handlers by body type; a type without one is unknown here. */
export type ZoneHandlers = {
  readonly [T in ZoneRequestType]?: T extends QuestionType ? QuestionHandler<T> : ZoneHandler<T>;
};

/** Repeats the request's id in an answer, where it had one. */
export function toReplyId(body: { readonly request_id?: string | undefined }): {
  request_id?: string;
} {
  return body.request_id === undefined ? {} : { request_id: body.request_id };
}
