import { expandEnvelope, type PayloadCodec } from "../../wire/compression.ts";
import { type DecodedEnvelope, decodeEnvelope } from "../../wire/envelope.ts";
import { REPLY_LIMITS } from "../../wire/structure-limits.ts";
import { AgentError, asAgentError } from "../agent-error.ts";

/** One envelope as it crossed a socket of the agent, the handshake's too; `docs/protocol.md` §2. */
export interface WireFrame {
  readonly direction: "in" | "out";
  /** The steward's wire URL. */
  readonly url: string;
  /** A copy: what a listener does with it changes nothing. */
  readonly bytes: Uint8Array;
}

/** Sees every frame; what it throws surfaces as an uncaught error and stops nothing. */
export type FrameTap = (frame: WireFrame) => void;

/** What a frame holds. */
export interface DecodedFrame {
  /** The envelope's type by its name in `docs/protocol.md` §2, such as `hello` or `message`. */
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Decodes a frame for showing it; its type's schema is not checked; `docs/protocol.md` §2.
 * @param compression what `Agent.connect` was given, for frames that are compressed
 * @throws AgentError `protocol_error` where it is no envelope
 */
export function decodeFrame(bytes: Uint8Array, compression?: PayloadCodec): DecodedFrame {
  const { type, fields } = decodeReply(compression ? expand(bytes, compression) : bytes);
  return { type, fields };
}

function expand(bytes: Uint8Array, compression: PayloadCodec): Uint8Array {
  try {
    return expandEnvelope(bytes, compression);
  } catch (cause) {
    const { message } = asAgentError(cause, "closed");
    throw new AgentError("protocol_error", { message, cause });
  }
}

/**
 * As `decodeFrame`, with the payload as received, which the handshake hashes.
 * @throws AgentError `protocol_error`
 */
export function decodeReply(bytes: Uint8Array): DecodedEnvelope {
  try {
    return decodeEnvelope(bytes, { limits: REPLY_LIMITS });
  } catch (cause) {
    throw new AgentError("protocol_error", {
      message: asAgentError(cause, "closed").message,
      cause,
    });
  }
}

/** Hands a copy of a frame to a tap. */
export function showFrame(tap: FrameTap | undefined, frame: WireFrame): void {
  if (tap === undefined) return;
  try {
    tap({ ...frame, bytes: new Uint8Array(frame.bytes) });
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
