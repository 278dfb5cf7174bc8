import { toNodeId, toSha256 } from "../../protocol/node-id.ts";
import type { OperatorBinding } from "../../protocol/operator-binding.ts";
import { isUsablePoint } from "../../protocol/public-key.ts";
import { toBoundVerifyContent, toResponderContent } from "../../protocol/signed-content.ts";
import { BROTLI_CAPABILITY, type PayloadCodec } from "../../wire/compression.ts";
import { encodeEnvelope, HEADER_BYTES } from "../../wire/envelope.ts";
import { type HelloAckFields, parseMessageFields } from "../../wire/messages.ts";
import { AgentError, toAgentError } from "../agent-error.ts";
import { decodeReply } from "./frame-tap.ts";
import { isSignedBy, type NodeIdentity } from "./node-identity.ts";
import type { WireSocket } from "./wire-socket.ts";

/** Capabilities the SDK lists in Hello; `docs/protocol.md` §3, §7. */
const AGENT_CAPABILITIES = ["bound_verify", "error_detail"] as const;

const CHALLENGE_BYTES = 32;

/** The node at the other end, as far as the handshake proved it. */
export interface Peer {
  readonly nodeId: string;
  readonly name: string;
  readonly publicKey: Uint8Array;
  /** Whether the agent's Verify was of the bound form; `docs/protocol.md` §3. */
  readonly bound: boolean;
  /** Whether the node proved that it holds the key of its node id. */
  readonly proven: boolean;
  /** The tier the steward gave this session; `docs/protocol.md` §4. */
  readonly trust: "unknown" | "verified";
  /** Why the operator binding that the agent showed did not make it `verified`; `docs/trust.md`. */
  readonly trustReason: string | undefined;
  /** Whether payloads of the session may be compressed. */
  readonly compresses: boolean;
}

/** Who the agent says it is, and whom it accepts. */
export interface HandshakeSettings {
  readonly identity: NodeIdentity;
  readonly name: string;
  readonly skills: readonly string[];
  readonly wallet?: string | undefined;
  readonly operator?: OperatorBinding | undefined;
  readonly authority: string;
  readonly expectNodeId?: string | undefined;
  readonly allowPlainVerify: boolean;
  readonly compression?: PayloadCodec | undefined;
}

/**
 * Performs the initiator's side of the handshake: bound with responder proof, plain only where it is
 * allowed; `docs/protocol.md` §3.
 * @throws AgentError 1001–1004, 4001, `identity_mismatch`, `identity_unproven`, `protocol_error`,
 * `connection_failed`, or the signal's reason
 */
export async function performHandshake(
  socket: WireSocket,
  settings: HandshakeSettings,
  signal: AbortSignal,
): Promise<Peer> {
  const { identity } = settings;
  const hello = encodeEnvelope("hello", {
    node_id: identity.nodeId,
    name: settings.name,
    skills: settings.skills,
    wallet: settings.wallet,
    operator: settings.operator,
    public_key: identity.publicKey,
    protocol_v: 1,
    timestamp: Math.floor(Date.now() / 1000),
    challenge: crypto.getRandomValues(new Uint8Array(CHALLENGE_BYTES)),
    authority: settings.authority,
    capabilities: toCapabilities(settings),
  });
  socket.send(hello);
  const { ack, payload } = await readHelloAck(socket, signal);
  const helloHash = toSha256(hello.subarray(HEADER_BYTES));
  assertExpected(ack, settings);
  const { bound, proven } = await checkResponder(ack, helloHash, settings);
  const signed = bound ? toBoundVerifyContent(helloHash, toSha256(payload)) : ack.challenge;
  const signature = await identity.sign(signed);
  socket.send(encodeEnvelope("verify", { signature, challenge: ack.challenge }));
  const granted = await readVerifyAck(socket, signal);
  const { node_id: nodeId, name, public_key: publicKey } = ack;
  const compresses =
    settings.compression !== undefined && ack.capabilities?.includes(BROTLI_CAPABILITY) === true;
  return { nodeId, name, publicKey, bound, proven, ...granted, compresses };
}

function toCapabilities({ compression }: HandshakeSettings): string[] {
  return [...AGENT_CAPABILITIES, ...(compression === undefined ? [] : [BROTLI_CAPABILITY])];
}

async function readHelloAck(
  socket: WireSocket,
  signal: AbortSignal,
): Promise<{ ack: HelloAckFields; payload: Uint8Array }> {
  const { type, payload, fields } = await readEnvelope(socket, signal);
  if (type !== "hello_ack") throw unexpected(type);
  return { ack: parseFields("hello_ack", fields), payload };
}

async function readVerifyAck(
  socket: WireSocket,
  signal: AbortSignal,
): Promise<Pick<Peer, "trust" | "trustReason">> {
  const { type, fields } = await readEnvelope(socket, signal);
  if (type !== "verify_ack") throw unexpected(type);
  const ack = parseFields("verify_ack", fields);
  if (ack.status === "ok") return { trust: ack.trust ?? "unknown", trustReason: ack.reason };
  // The code and when to come back stand in the ErrorMessage that follows a rejection.
  const follow = await readEnvelope(socket, signal).catch((error: unknown) => error);
  if (follow instanceof AgentError && typeof follow.code === "number") throw follow;
  signal.throwIfAborted();
  throw new AgentError(1002, { message: `The steward rejected the Verify: ${ack.reason ?? ""}` });
}

/** Reads one envelope; an ErrorMessage or a Disconnect ends the handshake. */
async function readEnvelope(socket: WireSocket, signal: AbortSignal) {
  const frame = await socket.next(signal);
  const envelope = decodeReply(frame);
  if (envelope.type === "error") throw toAgentError(parseFields("error", envelope.fields));
  if (envelope.type === "disconnect") {
    const { reason, message } = parseFields("disconnect", envelope.fields);
    throw new AgentError("connection_failed", {
      message: message ?? `The steward disconnected: ${reason}`,
      reason: reason.toUpperCase(),
    });
  }
  return envelope;
}

const parseFields: typeof parseMessageFields = (type, fields) => {
  try {
    return parseMessageFields(type, fields);
  } catch (cause) {
    throw new AgentError("protocol_error", {
      message: `The steward's ${type} is malformed.`,
      cause,
    });
  }
};

function unexpected(type: string): AgentError {
  return new AgentError("protocol_error", {
    message: `The steward sent ${type} in the handshake.`,
  });
}

function assertExpected(ack: HelloAckFields, settings: HandshakeSettings): void {
  if (ack.protocol_v !== 1) throw new AgentError(1001);
  if (!isUsablePoint(ack.public_key)) {
    throw new AgentError(1004, { message: "The steward's public key is not usable." });
  }
  if (ack.node_id !== toNodeId(ack.public_key)) {
    throw new AgentError(1004, { message: "The steward's node id is not that of its key." });
  }
  if (ack.challenge.length !== CHALLENGE_BYTES) {
    throw new AgentError("protocol_error", { message: "The challenge is not 32 bytes." });
  }
  if (settings.expectNodeId !== undefined && settings.expectNodeId !== ack.node_id) {
    throw new AgentError("identity_mismatch");
  }
}

/** Refuses a responder that proves nothing, or cannot be proven to, unless plain is allowed. */
async function checkResponder(
  ack: HelloAckFields,
  helloHash: Uint8Array,
  settings: HandshakeSettings,
): Promise<{ bound: boolean; proven: boolean }> {
  const bound = ack.capabilities?.includes("bound_verify") === true;
  const proven = ack.signature !== undefined;
  if (ack.signature !== undefined) {
    const content = toResponderContent(helloHash, ack.challenge, ack.node_id);
    if (!(await isSignedBy(ack.public_key, content, ack.signature))) {
      throw new AgentError("identity_mismatch", {
        message: "The responder proof does not verify.",
      });
    }
  }
  const plainRefused = !settings.allowPlainVerify;
  if (plainRefused && !(bound && proven)) throw new AgentError("identity_unproven");
  // Plain Verify proves the agent only: a pin on a node that proves nothing would be worth nothing.
  if (settings.expectNodeId !== undefined && !proven) throw new AgentError("identity_unproven");
  return { bound, proven };
}
