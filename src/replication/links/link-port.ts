import type { AtlasMessage, MessageFields } from "../../wire/messages.ts";
import type { PackedBody } from "../../wire/packed-body.ts";

/** A body of `docs/protocol.md` §9, as it is sent. */
export type SentBody = Readonly<Record<string, unknown>> & { readonly type: string };

/**
 * One session with another steward, bound and proven, dialed by this one or by the other; it carries all
 * zones that the two share. What its dialer asks for is answered on it; `docs/protocol.md` §9.2.
 */
export interface LinkSession {
  /** Names the session in logs, and while the process lives. */
  readonly id: string;
  /** The steward at the other end. */
  readonly nodeId: string;
  /** Whether this steward dialed. */
  readonly isDialed: boolean;
  /** Whether something can still be sent. */
  readonly isOpen: boolean;
  /** Bytes that are yet to be sent. */
  readonly bufferedBytes: number;
  /**
   * Sends a body once everything that this turn wrote is durable; nothing where the session is over.
   * @param replyTo the id of the Message that this answers
   * @returns the id of its Message
   */
  send(body: SentBody, replyTo?: string): string;
  /** Answers a Message with what its handling threw. */
  refuse(error: unknown, messageId: string): void;
  /** Ends it and says why. */
  close(reason: string): void;
}

/** A Message with a body of §9, as it came over a link. */
export type LinkMessage = Omit<AtlasMessage, "body"> & { readonly body: PackedBody };

/** Sends to other stewards over whichever session there is: the own one first, on which one asks. */
export interface LinkPort {
  /** The session on which this steward asks another: the one that it dialed. */
  find(nodeId: string): LinkSession | undefined;
  /** Any open session with a steward, the one that this steward dialed first. */
  findAny(nodeId: string): LinkSession | undefined;
  /** Sends as `LinkSession.send`; tells whether there was a session. */
  send(nodeId: string, body: SentBody, replyTo?: string): boolean;
  /** Tells whether any session with a steward is open. */
  isOpen(nodeId: string): boolean;
  /** Bytes that the fullest session with a steward has yet to send. */
  bufferedBytes(nodeId: string): number;
}

/**
 * Handles one body type of links. What it throws is answered: a wire code by an Error frame, a zone code
 * by zone.error with `reply_to`, with the error's details beside it.
 */
export type LinkHandler = (link: LinkSession, message: LinkMessage) => void;

/** Hears of sessions with other stewards. */
export interface LinkListener {
  /** A session is open; what it brings comes after this. */
  readonly onUp?: (link: LinkSession) => void;
  readonly onDown?: (link: LinkSession) => void;
  /** A Message of this steward was refused by an Error frame, which names it. */
  readonly onError?: (link: LinkSession, error: MessageFields<"error">) => void;
  /**
   * A Ping was answered.
   * @param sentAtMs when it was sent, by the monotonic clock
   */
  readonly onPong?: (link: LinkSession, sentAtMs: number) => void;
}
