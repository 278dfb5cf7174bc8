import { writeCanonicalJson } from "../independent/canonical-json.ts";
import { type SeedKey, sha256 } from "../independent/ed25519.ts";
import { packHex } from "../independent/messagepack.ts";
import {
  AGENT,
  CHALLENGE,
  CREATOR,
  fromHex,
  MANIFEST,
  MESSAGE_ID,
  OWN_CHALLENGE,
  STEWARD,
  TIMESTAMP,
  ZONE_ID,
} from "./cast.ts";
import { BOUND_HELLO_ACK, BOUND_HELLO_PAYLOAD } from "./handshake-envelopes.ts";
import { toDirectPayment } from "./payments.ts";

const hex = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("hex");

/** `tag ‖ 00 ‖ content`, as hex. */
function tagged(tag: string, contentHex: string): string {
  return `${hex(tag)}00${contentHex}`;
}

function signedJson(name: string, tag: string, signer: SeedKey, value: unknown) {
  const canonical = writeCanonicalJson(value);
  const content = tagged(tag, hex(canonical));
  const signature = signer.sign(fromHex(content));
  return { name, tag, public_key: signer.publicKey, value, canonical, content, signature };
}

const EPOCH_1 = { manifest: MANIFEST, epoch: 1, state: "active", signed_at: TIMESTAMP, prev: null };
const MESSAGE = {
  id: MESSAGE_ID,
  from: AGENT.nodeId,
  to: STEWARD.nodeId,
  timestamp: TIMESTAMP,
  body: { type: "zone.inspect", zone_id: ZONE_ID },
};

/** The zone's first envelope, and the hash its successor names. */
export function toFirstEnvelope() {
  const { content, signature } = signedJson("", "atlas-zone-manifest-v1", CREATOR, EPOCH_1);
  const envelope = { ...EPOCH_1, public_key: CREATOR.publicKey, signature };
  return { envelope, hash: sha256(fromHex(content)) };
}

/** Signatures over canonical JSON, one or more for each tag that is used so. */
export function toSignedVectors() {
  const first = signedJson("zone envelope, epoch 1", "atlas-zone-manifest-v1", CREATOR, EPOCH_1);
  const second = {
    manifest: { ...MANIFEST, description: "Agents that translate and proof-read" },
    epoch: 2,
    state: "active",
    signed_at: TIMESTAMP + 60,
    prev: toFirstEnvelope().hash,
    replication: { min_acks: 1, lease_ms: 5000 },
  };
  const sample = { tag_only: "what this tag covers is defined with replication", n: 1 };
  return {
    vectors: [
      first,
      signedJson(
        "zone envelope, epoch 2, prev is the hash of epoch 1's content",
        "atlas-zone-manifest-v1",
        CREATOR,
        second,
      ),
      signedJson("message", "atlas-message-v1", AGENT, MESSAGE),
      signedJson("message with reply_to and topic", "atlas-message-v1", AGENT, {
        ...MESSAGE,
        reply_to: MESSAGE_ID,
        topic: "größe",
      }),
      signedJson("message whose body is JSON text: the text is signed", "atlas-message-v1", AGENT, {
        ...MESSAGE,
        body: '{"type":"t"}',
      }),
      signedJson("payment requirement", "atlas-quote-v1", STEWARD, toDirectPayment().requirement),
      signedJson("framing only", "atlas-head-v1", STEWARD, sample),
      signedJson("framing only", "atlas-vote-v1", STEWARD, sample),
    ],
    handshake: toHandshakeVectors(),
  };
}

function toHandshakeVectors() {
  const helloHash = sha256(fromHex(BOUND_HELLO_PAYLOAD));
  const responder = tagged("atlas-responder-v1", helloHash + hex(CHALLENGE) + hex(STEWARD.nodeId));
  const proof = STEWARD.sign(fromHex(responder));
  const ack = packHex({ ...BOUND_HELLO_ACK, signature: [...fromHex(proof)] });
  const bound = tagged("atlas-bound-verify-v1", helloHash + sha256(fromHex(ack)));
  return {
    hello_payload: BOUND_HELLO_PAYLOAD,
    initiator_challenge: hex(OWN_CHALLENGE),
    hello_ack_payload: ack,
    responder_challenge: hex(CHALLENGE),
    responder_proof: { content: responder, signature: proof, public_key: STEWARD.publicKey },
    bound_verify: {
      content: bound,
      signature: AGENT.sign(fromHex(bound)),
      public_key: AGENT.publicKey,
    },
    plain_verify: {
      content: hex(CHALLENGE),
      signature: AGENT.sign(CHALLENGE),
      public_key: AGENT.publicKey,
    },
  };
}
