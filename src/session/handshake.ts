import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { StewardError } from "../errors.ts";
import type { NodeKey } from "../identity/node-key.ts";
import type { SignatureVerifier } from "../identity/verify.ts";
import { NODE_ID_PATTERN } from "../protocol/ids.ts";
import { toNodeId } from "../protocol/node-id.ts";
import type { OperatorClaim } from "../protocol/operator-binding.ts";
import { isUsablePoint, PUBLIC_KEY_BYTES } from "../protocol/public-key.ts";
import { byteField, toSchemaMessage } from "../protocol/schema-fields.ts";
import { toBoundVerifyContent, toResponderContent } from "../protocol/signed-content.ts";
import { assertBodyValue } from "../wire/body.ts";
import { BROTLI_CAPABILITY } from "../wire/compression.ts";
import { encodeEnvelope, HEADER_BYTES } from "../wire/envelope.ts";
import { decodePayload } from "../wire/messagepack-decode.ts";
import { type HelloFields, MESSAGE_SCHEMAS } from "../wire/messages.ts";
import { safeParse } from "../wire/safe-parse.ts";
import type { Peer } from "./peer.ts";

const CHALLENGE_BYTES = 32;
/** A Hello waits for its Verify as it came; thousands may wait at once. */
const HELLO_BYTES_MAX = 8192;
/** Room for a binding; small maps are many times their size in memory. */
const OPERATOR_CHARS_MAX = 2048;
const PROTOCOL_V = 1;
const BOUND_CAPABILITY = "bound_verify";

export interface HandshakeDeps {
  readonly key: NodeKey;
  readonly name: string;
  readonly verifier: SignatureVerifier;
  readonly now: () => number;
  readonly maxClockDriftSecs: number;
  /** Whether peers that list `brotli` are answered with it. */
  readonly offersBrotli: boolean;
  /** Whether an authority is that of the configured public_url; undefined accepts any. */
  readonly isOwnAuthority: ((authority: string) => boolean) | undefined;
}

/** What the responder remembers between its HelloAck and the Verify; no parsed fields, see above. */
export interface PendingHandshake {
  readonly helloPayload: Uint8Array;
  readonly challenge: Uint8Array;
  readonly bound: boolean;
  readonly helloHash: Uint8Array;
  readonly helloAckHash: Uint8Array;
}

/**
 * Checks a Hello and builds the HelloAck; `docs/protocol.md` §3.
 * @throws StewardError 1001, 1002 or 1004
 */
export function answerHello(
  deps: HandshakeDeps,
  payload: Uint8Array,
  fields: Readonly<Record<string, unknown>>,
): { pending: PendingHandshake; helloAck: Uint8Array } {
  if (payload.length > HELLO_BYTES_MAX) {
    throw new StewardError(1002, { message: `The Hello is longer than ${HELLO_BYTES_MAX} bytes.` });
  }
  const hello = parseHello(fields);
  if (Math.abs(deps.now() - hello.timestamp) > deps.maxClockDriftSecs) {
    throw new StewardError(1002, { message: "The Hello's timestamp is too far from our clock." });
  }
  const bound = hello.capabilities?.includes(BOUND_CAPABILITY) ?? false;
  assertAuthority(deps, hello, bound);
  const challenge = Uint8Array.from(randomBytes(CHALLENGE_BYTES));
  const helloHash = sha256(payload);
  const helloAck = encodeEnvelope("hello_ack", {
    node_id: deps.key.nodeId,
    name: deps.name,
    skills: [],
    public_key: deps.key.publicKey,
    protocol_v: PROTOCOL_V,
    challenge,
    capabilities: toCapabilities(deps, hello),
    signature: proveResponder(deps, hello, helloHash, challenge),
  });
  const helloAckHash = sha256(helloAck.subarray(HEADER_BYTES));
  const pending = { helloPayload: payload, challenge, bound, helloHash, helloAckHash };
  return { pending, helloAck };
}

/** `brotli` only where the Hello lists it: an old peer sees what it always saw. */
function toCapabilities({ offersBrotli }: HandshakeDeps, { capabilities }: HelloFields): string[] {
  const isShared = offersBrotli && (capabilities?.includes(BROTLI_CAPABILITY) ?? false);
  return [BOUND_CAPABILITY, "error_detail", ...(isShared ? [BROTLI_CAPABILITY] : [])];
}

function parseHello(fields: Readonly<Record<string, unknown>>): HelloFields {
  const version = fields.protocol_v;
  const isNumber = typeof version === "number" || typeof version === "bigint";
  if (isNumber && version !== PROTOCOL_V) throw new StewardError(1001);
  assertIdentity(fields.node_id, fields.public_key);
  const parsed = safeParse(MESSAGE_SCHEMAS.hello, fields);
  if (!parsed.success) {
    throw new StewardError(1002, { message: `Hello: ${toSchemaMessage(parsed.error)}` });
  }
  const { operator, name, skills } = parsed.data;
  assertTexts([name, skills]);
  if (operator !== undefined) assertOperator(operator);
  return parsed.data;
}

function assertOperator(operator: unknown): void {
  const refuse = (message: string) =>
    new StewardError(1002, { message: `Hello: operator: ${message}` });
  const json = JSON.stringify(operator, (_key, value: unknown) => {
    if (typeof value !== "bigint") return value;
    throw refuse("holds an integer beyond 2^53-1");
  });
  if (json.length > OPERATOR_CHARS_MAX) {
    throw refuse(`longer than ${OPERATOR_CHARS_MAX} characters of JSON`);
  }
}

/** Members are told name and skills, in bodies that hold no such characters. */
function assertTexts(texts: unknown): void {
  try {
    assertBodyValue(texts);
  } catch (cause) {
    throw new StewardError(1002, {
      message: "Hello: name or skills hold NUL or a bidirectional control character.",
      cause,
    });
  }
}

function assertIdentity(nodeId: unknown, rawKey: unknown): void {
  const publicKey = byteField.safeParse(rawKey).data;
  if (publicKey?.length !== PUBLIC_KEY_BYTES) {
    throw new StewardError(1004, { message: "The public key is not 32 bytes." });
  }
  if (typeof nodeId !== "string" || !NODE_ID_PATTERN.test(nodeId)) {
    throw new StewardError(1004, { message: "The node id is malformed." });
  }
  if (!isUsablePoint(publicKey)) {
    throw new StewardError(1004, { message: "The public key is of small order or not canonical." });
  }
  if (toNodeId(publicKey) !== nodeId) {
    throw new StewardError(1004, { message: "The node id is not derived from the public key." });
  }
}

function assertAuthority(deps: HandshakeDeps, hello: HelloFields, bound: boolean): void {
  const { isOwnAuthority } = deps;
  if (isOwnAuthority === undefined) return;
  if (hello.authority === undefined && !bound) return;
  if (hello.authority === undefined || !isOwnAuthority(hello.authority)) {
    throw new StewardError(1002, {
      reason: "AUTHORITY_MISMATCH",
      message: "The Hello was meant for another authority.",
    });
  }
}

function proveResponder(
  deps: HandshakeDeps,
  hello: HelloFields,
  helloHash: Uint8Array,
  ownChallenge: Uint8Array,
): Uint8Array | undefined {
  if (hello.challenge === undefined) return undefined;
  if (hello.challenge.length !== CHALLENGE_BYTES) {
    throw new StewardError(1002, { message: "The Hello's challenge is not 32 bytes." });
  }
  return deps.key.sign(toResponderContent(helloHash, ownChallenge, deps.key.nodeId));
}

/** Who verified, and the operator binding that it showed. */
export interface VerifiedHello {
  readonly peer: Peer;
  readonly claim: OperatorClaim | undefined;
}

/**
 * Checks a Verify against the handshake it finishes; `docs/protocol.md` §3.
 * @throws StewardError 1002
 */
export function checkVerify(
  deps: HandshakeDeps,
  pending: PendingHandshake,
  fields: Readonly<Record<string, unknown>>,
): VerifiedHello {
  const parsed = safeParse(MESSAGE_SCHEMAS.verify, fields);
  if (!parsed.success) {
    throw new StewardError(1002, { message: `Verify: ${toSchemaMessage(parsed.error)}` });
  }
  const { signature, challenge } = parsed.data;
  const hello = parseHello(decodePayload(pending.helloPayload));
  if (challenge.length !== CHALLENGE_BYTES || !timingSafeEqual(challenge, pending.challenge)) {
    throw new StewardError(1002, { message: "The challenge echo differs." });
  }
  const content = pending.bound
    ? toBoundVerifyContent(pending.helloHash, pending.helloAckHash)
    : pending.challenge;
  if (!deps.verifier.verify(hello.public_key, content, signature)) {
    throw new StewardError(1002, { message: "The signature does not verify." });
  }
  return { peer: toPeer(hello, pending.bound), claim: toClaim(hello) };
}

function toPeer(hello: HelloFields, bound: boolean): Peer {
  return {
    nodeId: hello.node_id,
    name: hello.name,
    skills: hello.skills,
    wallet: hello.wallet,
    capabilities: new Set(hello.capabilities ?? []),
    publicKey: hello.public_key,
    bound,
    trust: "unknown",
    operator: undefined,
    bindingFault: undefined,
  };
}

/** A name alone claims nothing. */
function toClaim({ node_id: nodeId, operator, authority }: HelloFields): OperatorClaim | undefined {
  return typeof operator === "object" ? { nodeId, operator, authority } : undefined;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(bytes).digest());
}
