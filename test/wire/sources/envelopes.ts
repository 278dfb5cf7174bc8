import { MESSAGE_ID, TIMESTAMP } from "./cast.ts";
import { type EnvelopeVector, foreign, hand, packed } from "./envelope-vector.ts";
import { HANDSHAKE_ENVELOPES } from "./handshake-envelopes.ts";
import { LIMITS, MESSAGE, MESSAGE_ENVELOPES } from "./message-envelopes.ts";

const WRITTEN_BY_HAND = [
  hand("ping", "ping", "ac0101f0 00000005 81 a27473 01", { ts: 1 }),
  hand("pong", "pong", "ac0101f1 0000000b 82 a27473 02 a46563686f 01", { ts: 2, echo: 1 }),
  hand("disconnect", "disconnect", "ac0101ff 0000000f 81 a6726561736f6e a66e6f726d616c", {
    reason: "normal",
  }),
  hand(
    "message ack",
    "message_ack",
    "ac010111 0000001a 82 a66d73675f6964 a16d a6737461747573 a87265636569766564",
    { msg_id: "m", status: "received" },
  ),
  hand("verify ack", "verify_ack", "ac010104 0000000b 81 a6737461747573 a26f6b", { status: "ok" }),
  hand("error", "error", "ac0101e0 00000014 82 a4636f6465 cd07d3 a76d657373616765 a26e6f", {
    code: 2003,
    message: "no",
  }),
  hand(
    "message",
    "message",
    "ac010110 0000002a 85 a26964 a16d a466726f6d a161 a2746f a162 a974696d657374616d70 01 a4626f6479 81 a474797065 a174",
    { id: "m", from: "a", to: "b", timestamp: 1, body: { type: "t" } },
  ),
];

const OTHERS = [
  packed(
    "message ack, registered",
    "message_ack",
    { msg_id: MESSAGE_ID, status: "registered" },
    {
      fields: { msg_id: MESSAGE_ID, status: "registered" },
      canonical: true,
    },
  ),
  packed(
    "error with detail",
    "error",
    {
      code: 4001,
      message: "Too much traffic from this node or address.",
      ref_msg_id: MESSAGE_ID,
      reason: "BANNED",
      recovery: "retry",
      retry_after_ms: 600_000,
      hint: "Slow down.",
    },
    {
      fields: {
        code: 4001,
        message: "Too much traffic from this node or address.",
        ref_msg_id: MESSAGE_ID,
        reason: "BANNED",
        recovery: "retry",
        retry_after_ms: 600_000,
        hint: "Slow down.",
      },
      canonical: true,
    },
  ),
  packed(
    "ping, large ts",
    "ping",
    { ts: 1_790_000_000_000 },
    {
      fields: { ts: 1_790_000_000_000 },
      canonical: true,
    },
  ),
  packed(
    "ping, negative ts",
    "ping",
    { ts: -5_000_000_000 },
    {
      fields: { ts: -5_000_000_000 },
      canonical: true,
    },
  ),
  packed(
    "disconnect with a message",
    "disconnect",
    { reason: "idle", message: "three pings" },
    {
      fields: { reason: "idle", message: "three pings" },
      canonical: true,
    },
  ),
  packed(
    "message, keys that objects inherit",
    "message",
    {
      id: "m",
      from: "a",
      to: "b",
      timestamp: 1,
      body: { type: "t", constructor: 1, toString: 2, "": 3 },
    },
    {
      fields: {
        id: "m",
        from: "a",
        to: "b",
        timestamp: 1,
        body: { type: "t", constructor: 1, toString: 2, "": 3 },
      },
      canonical: true,
    },
  ),
];

const BY_MSGPACKR = [
  foreign("msgpackr: ping", "ping", { ts: TIMESTAMP }),
  foreign("msgpackr: message", "message", {
    ...MESSAGE,
    body: { ...LIMITS, type: "zone.discover" },
  }),
  foreign("msgpackr: verify ack", "verify_ack", { status: "ok" }),
];

/** Returns every envelope that decodes. */
export function toEnvelopeVectors(): EnvelopeVector[] {
  return [
    ...WRITTEN_BY_HAND,
    ...HANDSHAKE_ENVELOPES,
    ...MESSAGE_ENVELOPES,
    ...OTHERS,
    ...BY_MSGPACKR,
  ];
}
