import { findBytesOfHex } from "../../protocol/hex.ts";
import { createId, MESSAGE_ID_PATTERN, NODE_ID_PATTERN } from "../../protocol/ids.ts";
import { toNodeId } from "../../protocol/node-id.ts";
import { toMessageContent } from "../../protocol/signed-content.ts";
import { type Body, parseBody } from "../../wire/body.ts";
import type { AtlasMessage } from "../../wire/messages.ts";
import { AgentError, asAgentError } from "../agent-error.ts";
import { type BodyFields, toBody } from "../calls/ask.ts";
import type { Outbox } from "../calls/outbox.ts";
import type { CallOptions, Deadline } from "../deadline.ts";
import { isSignedBy } from "../link/node-identity.ts";

/** Messages kept until somebody listens; past it they stay with the steward. */
const HELD_MAX = 1000;
/** Messages remembered, so that one delivered again is only acknowledged again. */
const SEEN_MAX = 10_000;

/** A message another node sent to this one alone; `docs/protocol.md` §5. */
export interface DirectMessage {
  readonly id: string;
  readonly from: string;
  /** Unix seconds, by the sender's clock. */
  readonly timestamp: number;
  readonly body: Body;
  readonly topic?: string;
  /** The id of the message answered to. */
  readonly replyTo?: string;
  /** Whether the sender signed it; otherwise that it is his is the steward's word. */
  readonly signed: boolean;
}

/** How to send a direct message. */
export interface DirectOptions extends CallOptions {
  /** `msg_<UUIDv7>`; created where absent. Sending the same id again within 10 minutes is safe. */
  readonly id?: string;
  readonly topic?: string;
  readonly replyTo?: string;
}

/** What became of a direct message. */
export interface DirectSent {
  readonly id: string;
  /**
   * `relayed`: the receiver is connected; `waiting`: kept for it, at most 24 h; `received`: the
   * steward had it already.
   */
  readonly status: "relayed" | "waiting" | "received";
}

/** Sends a signed message to one node that shares a zone with this one; throws AgentError. */
export async function sendDirect(
  outbox: Outbox,
  message: DirectOptions & { nodeId: string; body: BodyFields; deadline: Deadline },
): Promise<DirectSent> {
  const { nodeId, topic, replyTo, deadline } = message;
  const id = message.id ?? createId("msg");
  if (!MESSAGE_ID_PATTERN.test(id)) throw refuse("id: expected msg_ and a UUIDv7.");
  if (!NODE_ID_PATTERN.test(nodeId)) throw refuse("nodeId: expected atlas_ and 64 hex digits.");
  const { status } = await outbox.call({
    body: toBody(message.body),
    direct: { id, to: nodeId, topic, reply_to: replyTo },
    repeatable: true,
    until: "ack",
    deadline,
  });
  return { id, status: status === "relayed" || status === "waiting" ? status : "received" };
}

interface DirectInboxDeps {
  readonly ownNodeId: string;
  /** Whether somebody listens. */
  readonly isWanted: () => boolean;
  readonly deliver: (message: DirectMessage) => void;
  /** Acknowledges, after which the steward does not deliver it again. */
  readonly acknowledge: (messageId: string) => void;
  readonly report: (error: AgentError) => void;
}

/**
 * Hands direct messages on, each once and in the order of arrival, and acknowledges each when
 * somebody has heard it: until then the steward keeps it; `docs/protocol.md` §5.
 */
export class DirectInbox {
  readonly #deps: DirectInboxDeps;
  readonly #held = new Map<string, AtlasMessage>();
  readonly #seen = new Set<string>();
  #pumping = false;

  constructor(deps: DirectInboxDeps) {
    this.#deps = deps;
  }

  /** Takes a message of another node. */
  take(message: AtlasMessage): void {
    if (message.to !== this.#deps.ownNodeId) return;
    const key = `${message.from} ${message.id}`;
    if (this.#seen.has(key)) return this.#deps.acknowledge(message.id);
    if (this.#held.has(key) || this.#held.size >= HELD_MAX) return;
    this.#held.set(key, message);
    this.pump();
  }

  /** Hands on what is held; call when somebody begins to listen. */
  async pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (const [key, message] of this.#held) {
      if (!this.#deps.isWanted()) break;
      const read = await readDirect(message).catch((error) =>
        asAgentError(error, "protocol_error"),
      );
      if (!this.#deps.isWanted()) break;
      this.#held.delete(key);
      this.#remember(key);
      if (read instanceof AgentError) this.#deps.report(read);
      else this.#deps.deliver(read);
      this.#deps.acknowledge(message.id);
    }
    this.#pumping = false;
  }

  #remember(key: string): void {
    this.#seen.add(key);
    const oldest = this.#seen.values().next().value;
    if (this.#seen.size > SEEN_MAX && oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** Reads a message and checks its signature where it has one. */
async function readDirect(message: AtlasMessage): Promise<DirectMessage> {
  const { id, from, timestamp, topic, reply_to } = message;
  const body = parseBody(message.body);
  const signed = message.sig !== undefined;
  if (signed && !(await isByItsSender(message))) {
    throw new AgentError("protocol_error", {
      reason: "SIGNATURE_INVALID",
      message: "A direct message's signature is not by the node it says it is from.",
    });
  }
  return {
    id,
    from,
    timestamp,
    body,
    ...(topic !== undefined && { topic }),
    ...(reply_to !== undefined && { replyTo: reply_to }),
    signed,
  };
}

async function isByItsSender(message: AtlasMessage): Promise<boolean> {
  const publicKey = findBytesOfHex(message.public_key ?? "") ?? new Uint8Array();
  const signature = findBytesOfHex(message.sig ?? "") ?? new Uint8Array();
  if (toNodeId(publicKey) !== message.from) return false;
  return isSignedBy(publicKey, toMessageContent(message), signature);
}

function refuse(message: string): AgentError {
  return new AgentError("invalid_input", { message });
}
