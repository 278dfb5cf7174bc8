import { Bin, packHex, Raw } from "../independent/messagepack.ts";
import { AGENT, CHALLENGE, fromHex, OWN_CHALLENGE, STEWARD, TIMESTAMP } from "./cast.ts";
import { byteArray, bytes, packed } from "./envelope-vector.ts";

const CHALLENGE_HEX = Buffer.from(CHALLENGE).toString("hex");
const OWN_CHALLENGE_HEX = Buffer.from(OWN_CHALLENGE).toString("hex");

/** The plain Hello of the agent. */
export const HELLO = {
  node_id: AGENT.nodeId,
  name: "agent",
  skills: ["translate"],
  public_key: byteArray(AGENT.publicKey),
  protocol_v: 1,
  timestamp: TIMESTAMP,
};
const HELLO_FIELDS = { ...HELLO, public_key: bytes(AGENT.publicKey) };
const BOUND_HELLO = {
  ...HELLO,
  operator: "alice",
  wallet: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
  challenge: byteArray(OWN_CHALLENGE_HEX),
  authority: "127.0.0.1:8700",
  capabilities: ["bound_verify", "error_detail"],
};
const HELLO_ACK = {
  node_id: STEWARD.nodeId,
  name: "steward",
  skills: [],
  public_key: byteArray(STEWARD.publicKey),
  protocol_v: 1,
  challenge: byteArray(CHALLENGE_HEX),
};
const HELLO_ACK_FIELDS = {
  ...HELLO_ACK,
  public_key: bytes(STEWARD.publicKey),
  challenge: bytes(CHALLENGE_HEX),
};
const PLAIN_SIGNATURE = AGENT.sign(CHALLENGE);

/** The Hello and HelloAck whose payloads the handshake vectors hash. */
export const BOUND_HELLO_PAYLOAD = packHex(BOUND_HELLO);
export const BOUND_HELLO_ACK = { ...HELLO_ACK, capabilities: ["bound_verify", "error_detail"] };

/** Hello, HelloAck, Verify and VerifyAck. */
export const HANDSHAKE_ENVELOPES = [
  packed("hello, bytes as arrays", "hello", HELLO, { fields: HELLO_FIELDS, canonical: true }),
  packed(
    "hello, bytes as bin",
    "hello",
    { ...HELLO, public_key: new Bin(fromHex(AGENT.publicKey)) },
    {
      fields: HELLO_FIELDS,
    },
  ),
  packed(
    "hello, optional fields nil",
    "hello",
    {
      ...HELLO,
      operator: null,
      wallet: null,
      challenge: null,
      authority: null,
      capabilities: null,
    },
    { fields: HELLO_FIELDS },
  ),
  packed(
    "hello, unknown fields",
    "hello",
    { ...HELLO, extra: { a: [1] }, more: new Raw("d6ff00000000") },
    {
      fields: HELLO_FIELDS,
    },
  ),
  packed("hello with every field", "hello", BOUND_HELLO, {
    fields: {
      ...BOUND_HELLO,
      public_key: bytes(AGENT.publicKey),
      challenge: bytes(OWN_CHALLENGE_HEX),
    },
    canonical: true,
  }),
  packed(
    "hello, operator as a map",
    "hello",
    { ...HELLO, operator: { fid: 7, username: "alice" } },
    {
      fields: { ...HELLO_FIELDS, operator: { fid: 7, username: "alice" } },
      canonical: false,
    },
  ),
  packed("hello ack, bytes as arrays", "hello_ack", HELLO_ACK, {
    fields: HELLO_ACK_FIELDS,
    canonical: true,
  }),
  packed(
    "hello ack, bytes as bin",
    "hello_ack",
    {
      ...HELLO_ACK,
      public_key: new Bin(fromHex(STEWARD.publicKey)),
      challenge: new Bin(CHALLENGE),
    },
    { fields: HELLO_ACK_FIELDS },
  ),
  packed(
    "verify, bytes as arrays",
    "verify",
    {
      signature: byteArray(PLAIN_SIGNATURE),
      challenge: byteArray(CHALLENGE_HEX),
    },
    {
      fields: { signature: bytes(PLAIN_SIGNATURE), challenge: bytes(CHALLENGE_HEX) },
      canonical: true,
    },
  ),
  packed(
    "verify, bytes as bin",
    "verify",
    { signature: new Bin(fromHex(PLAIN_SIGNATURE)), challenge: new Bin(CHALLENGE) },
    { fields: { signature: bytes(PLAIN_SIGNATURE), challenge: bytes(CHALLENGE_HEX) } },
  ),
  packed(
    "verify, one field each form, bin 16",
    "verify",
    {
      signature: new Raw(`c50040${PLAIN_SIGNATURE}`),
      challenge: byteArray(CHALLENGE_HEX),
    },
    { fields: { signature: bytes(PLAIN_SIGNATURE), challenge: bytes(CHALLENGE_HEX) } },
  ),
  packed(
    "verify ack, rejected",
    "verify_ack",
    { status: "rejected", reason: "signature" },
    {
      fields: { status: "rejected", reason: "signature" },
      canonical: true,
    },
  ),
  packed(
    "verify ack with trust",
    "verify_ack",
    { status: "ok", reason: null, trust: "unknown" },
    {
      fields: { status: "ok", trust: "unknown" },
    },
  ),
];
