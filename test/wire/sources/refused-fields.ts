import { sha256 } from "../independent/ed25519.ts";
import { frameHex, type Packable, packHex } from "../independent/messagepack.ts";
import { AGENT, CREATOR, MESSAGE_ID, ZONE_ID, ZONE_MESSAGE_ID } from "./cast.ts";
import { byteArray } from "./envelope-vector.ts";
import { HELLO } from "./handshake-envelopes.ts";
import { MESSAGE } from "./message-envelopes.ts";
import { body, type RefusalVector, refused, schema } from "./refusal-vector.ts";

type Fields = Readonly<Record<string, Packable>>;

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
}

const TEXT = { ...MESSAGE, body: { type: "t" } };
const SCHEMA = [
  ...["id", "from", "to", "timestamp", "body"].map((name) =>
    schema(`message without ${name}`, 0x10, without(TEXT, name)),
  ),
  schema("message, id a number", 0x10, { ...TEXT, id: 7 }),
  schema("message, from nil", 0x10, { ...TEXT, from: null }),
  schema("message, timestamp a string", 0x10, { ...TEXT, timestamp: "1790000000" }),
  schema("message, timestamp with a fraction", 0x10, { ...TEXT, timestamp: 1.5 }),
  schema("message, timestamp beyond 2^53", 0x10, { ...TEXT, timestamp: 2n ** 53n }),
  schema("message, reply_to a number", 0x10, { ...TEXT, reply_to: 1 }),
  schema("message ack, unknown status", 0x11, { msg_id: MESSAGE_ID, status: "done" }),
  schema("ping without ts", 0xf0, { time: 1 }),
  schema("pong without echo", 0xf1, { ts: 1 }),
];

const inHandshake = (code: number) => ({ code, state: "handshake", closes: true }) as const;
const HANDSHAKE_SCHEMA = [
  schema("hello without public_key", 0x01, without(HELLO, "public_key"), inHandshake(1004)),
  schema(
    "hello, public_key as hex text",
    0x01,
    { ...HELLO, public_key: AGENT.publicKey },
    inHandshake(1004),
  ),
  schema("hello, public_key with 256", 0x01, { ...HELLO, public_key: [256] }, inHandshake(1004)),
  schema("hello, public_key with -1", 0x01, { ...HELLO, public_key: [-1] }, inHandshake(1004)),
  schema("hello without node_id", 0x01, without(HELLO, "node_id"), inHandshake(1004)),
  schema("hello without name", 0x01, without(HELLO, "name"), inHandshake(1002)),
  schema("hello, skills a string", 0x01, { ...HELLO, skills: "all" }, inHandshake(1002)),
  schema("hello without timestamp", 0x01, without(HELLO, "timestamp"), inHandshake(1002)),
  schema("hello, protocol_v a string", 0x01, { ...HELLO, protocol_v: "1" }, inHandshake(1002)),
  schema("verify without signature", 0x03, { challenge: [1] }, inHandshake(1002)),
  schema("verify, challenge a map", 0x03, { signature: [1], challenge: {} }, inHandshake(1002)),
];

function hello(name: string, code: number, changes: Fields): RefusalVector {
  const hex = frameHex(0x01, packHex({ ...HELLO, ...changes }));
  return refused(name, hex, code, { layer: "handshake", state: "handshake", closes: true });
}

const HANDSHAKE = [
  hello("hello, protocol_v 2", 1001, { protocol_v: 2 }),
  hello("hello, node_id malformed", 1004, { node_id: "atlas_1" }),
  hello("hello, node_id in upper case", 1004, {
    node_id: `atlas_${AGENT.nodeId.slice(6).toUpperCase()}`,
  }),
  hello("hello, node_id of another key", 1004, { node_id: CREATOR.nodeId }),
  hello("hello, public_key of 31 bytes", 1004, { public_key: byteArray(AGENT.publicKey).slice(1) }),
  hello("hello, public_key of small order", 1004, {
    node_id: "atlas_66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925",
    public_key: new Array<number>(32).fill(0),
  }),
  hello("hello, timestamp in 1970", 1002, { timestamp: 0 }),
];

function nest(depth: number): Packable {
  return depth === 1 ? [] : [nest(depth - 1)];
}

const BODY = [
  body("body nil", "body", null),
  body("body an array", "body", [{ type: "t" }]),
  body("body a number", "body", 7),
  body("body true", "body", true),
  body("body without type", "body", { kind: "t" }),
  body("body, type a number", "body", { type: 1 }),
  body("body, unknown type", "zone", { type: "zone.unheard_of" }),
  body("body 33 deep", "envelope", { type: "t", deep: nest(32) }),
  body("body, NUL in a string", "envelope", { type: "t", text: "a\u0000b" }),
  body("body, NUL in a key", "envelope", { type: "t", "a\u0000b": 1 }),
  ...["202a", "202e", "2066", "2069"].map((code) =>
    body(`body, bidi control U+${code.toUpperCase()}`, "envelope", {
      type: "t",
      text: `a${String.fromCharCode(Number.parseInt(code, 16))}b`,
    }),
  ),
  body("body, 2^53 as a float", "envelope", { type: "t", n: 2 ** 53 }),
  body("body, -2^60 as a float", "envelope", { type: "t", n: -(2 ** 60) }),
  body("JSON text: not JSON", "body", "{type:1}"),
  body("JSON text: empty", "body", ""),
  body("JSON text: an array", "body", '[{"type":"t"}]'),
  body("JSON text: JSON text again", "body", '"{\\"type\\":\\"t\\"}"'),
  body("JSON text: the same key twice", "body", '{"type":"t","a":{"b":1,"b":1}}'),
  body("JSON text: the same key twice, one escaped", "body", '{"type":"t","\\u0074ype":"u"}'),
  body("JSON text: integer 2^53", "body", '{"type":"t","n":9007199254740992}'),
  body("JSON text: integer 2^64 + 1", "body", '{"type":"t","n":18446744073709551617}'),
  body("JSON text: 1e400", "body", '{"type":"t","n":1e400}'),
  body("JSON text: lone surrogate", "body", '{"type":"t","s":"\\ud800"}'),
  body("JSON text: escaped NUL", "body", '{"type":"t","s":"\\u0000"}'),
  body("JSON text: key __proto__", "body", '{"type":"t","__proto__":{}}'),
  body("JSON text: 33 deep", "body", `{"type":"t","d":${"[".repeat(32)}${"]".repeat(32)}}`),
];

/** A body of many values: the frame is too long to write out. */
function toLongBody(name: string, head: string, item: string, times: number): RefusalVector {
  const start = packHex({ ...MESSAGE, body: { type: "t", long: [] } }).slice(0, -2);
  const bytes = (start.length + head.length + item.length * times) / 2;
  const length = bytes.toString(16).padStart(8, "0");
  const { hex: _, ...rest } = body(name, "envelope", null);
  return {
    ...rest,
    parts: [
      { hex: `ac010110${length}${start}${head}`, times: 1 },
      { hex: item, times },
    ],
  };
}

const LONG = [
  toLongBody("body, an array of 10,001", "dc2711", "c0", 10_001),
  toLongBody("body, 110,000 values in arrays of ten", "dc2710", `9a${"c0".repeat(10)}`, 10_000),
];

/** Each has an id of its own: a second message with the same id would only be acked. */
function zone(name: string, value: Fields): RefusalVector {
  const id = `${MESSAGE_ID.slice(0, -12)}${sha256(name).slice(0, 12)}`;
  const sent = { ...MESSAGE, id, body: value };
  const rest = refused(name, frameHex(0x10, packHex(sent)), 2003, { state: "verified" });
  return { ...rest, layer: "zone", code: "invalid_params" };
}

const ZONE = [
  zone("zone.join without zone_id", { type: "zone.join" }),
  zone("zone.join, zone_id mistyped", { type: "zone.join", zone_id: 7 }),
  zone("zone.join, epoch negative", { type: "zone.join", zone_id: ZONE_ID, epoch: -1 }),
  zone("zone.message without content", {
    type: "zone.message",
    zone_id: ZONE_ID,
    id: ZONE_MESSAGE_ID,
  }),
  zone("zone.history, limit 501", {
    type: "zone.history",
    zone_id: ZONE_ID,
    after_seq: 0,
    limit: 501,
  }),
  zone("zone.request without request_id", {
    type: "zone.request",
    zone_id: ZONE_ID,
    action: "echo",
  }),
  zone("zone.request, request_id with a space", {
    type: "zone.request",
    request_id: "req 1",
    zone_id: ZONE_ID,
    action: "echo",
  }),
  zone("zone.request, params an array", {
    type: "zone.request",
    request_id: "req_1",
    zone_id: ZONE_ID,
    action: "echo",
    params: [],
  }),
  zone("zone.discover, limit 0", { type: "zone.discover", limit: 0 }),
];

/** Frames that decode, but whose fields or body are refused. */
export const REFUSED_FIELDS: readonly RefusalVector[] = [
  ...SCHEMA,
  ...HANDSHAKE_SCHEMA,
  ...HANDSHAKE,
  ...BODY,
  ...LONG,
  ...ZONE,
];
