import { Raw } from "../independent/messagepack.ts";
import { AGENT, MESSAGE_ID, REPLY_ID, STEWARD, TIMESTAMP } from "./cast.ts";
import { packed } from "./envelope-vector.ts";

/** The envelope fields around every body. */
export const MESSAGE = {
  id: MESSAGE_ID,
  from: AGENT.nodeId,
  to: STEWARD.nodeId,
  timestamp: TIMESTAMP,
};
const LONG_TEXT = `\ufeff${"grüße ".repeat(60)}`;
/** A body with every kind of value up to its limit. */
export const LIMITS = {
  type: "limits",
  integers: [9_007_199_254_740_991, -9_007_199_254_740_991, 0, -1, -32, -33, 127, 128, 255, 256],
  more: [65_535, 65_536, 4_294_967_295, 4_294_967_296, -129, -32_769, -2_147_483_649],
  floats: [0.5, -1.25, 1e-7, 1.5e300],
  text: ["", "é", "日本", "😀", "line\nbreak\t"],
  nested: [[[{ a: null, b: true, c: false }]]],
};

/** Messages, in and beside the shortest form. */
export const MESSAGE_ENVELOPES = [
  packed(
    "message with every field",
    "message",
    {
      ...MESSAGE,
      reply_to: REPLY_ID,
      topic: "greetings",
      body: { type: "zone.inspect", zone_id: "z" },
      public_key: AGENT.publicKey,
      sig: "00".repeat(64),
    },
    {
      fields: {
        ...MESSAGE,
        reply_to: REPLY_ID,
        topic: "greetings",
        body: { type: "zone.inspect", zone_id: "z" },
        public_key: AGENT.publicKey,
        sig: "00".repeat(64),
      },
      canonical: true,
    },
  ),
  packed(
    "message, optional fields nil",
    "message",
    {
      ...MESSAGE,
      reply_to: null,
      topic: null,
      body: { type: "t", kept: null },
      public_key: null,
      sig: null,
    },
    { fields: { ...MESSAGE, body: { type: "t", kept: null } } },
  ),
  packed(
    "message, all kinds of values",
    "message",
    { ...MESSAGE, body: LIMITS },
    {
      fields: { ...MESSAGE, body: LIMITS },
      canonical: true,
    },
  ),
  packed(
    "message, body as JSON text",
    "message",
    { ...MESSAGE, body: '{"type":"t","n":[1,2.5,"\\u00e9"]}' },
    {
      fields: { ...MESSAGE, body: '{"type":"t","n":[1,2.5,"\\u00e9"]}' },
      canonical: true,
      parsed_body: { type: "t", n: [1, 2.5, "é"] },
    },
  ),
  packed(
    "message, a long text keeps its byte order mark",
    "message",
    {
      ...MESSAGE,
      body: { type: "t", text: LONG_TEXT },
    },
    { fields: { ...MESSAGE, body: { type: "t", text: LONG_TEXT } }, canonical: true },
  ),
  packed(
    "message, body 32 deep",
    "message",
    {
      ...MESSAGE,
      body: { type: "t", deep: new Raw(`${"91".repeat(30)}90`) },
    },
    { fields: { ...MESSAGE, body: { type: "t", deep: nest(31) } }, canonical: true },
  ),
  packed(
    "message, wide forms of small values",
    "message",
    new Raw(
      `df00000005 d9026964 da0001 6d d90466726f6d db00000001 61 da0002746f a162 db0000000974696d657374616d70 cf0000000000000001 a4626f6479 de0001 a474797065 d90174`,
    ),
    { fields: { id: "m", from: "a", to: "b", timestamp: 1, body: { type: "t" } } },
  ),
  packed(
    "message, wide forms in the body",
    "message",
    {
      id: "m",
      from: "a",
      to: "b",
      timestamp: 1,
      body: new Raw(
        "82 a474797065 a174 a16e dc0006 d00f d1ffff d2fffffff0 d3ffffffffffffffff dd00000000 ca3fc00000",
      ),
    },
    {
      fields: {
        id: "m",
        from: "a",
        to: "b",
        timestamp: 1,
        body: { type: "t", n: [15, -1, -16, -1, [], 1.5] },
      },
    },
  ),
];

function nest(depth: number): unknown {
  return depth === 1 ? [] : [nest(depth - 1)];
}
