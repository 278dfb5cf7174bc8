import { createId } from "../../src/protocol/ids.ts";
import { type Target, toBody } from "./corpus.ts";
import { JSON_LEAVES, LEAVES, type Leaf, mutateBytes, mutateTree } from "./mutate.ts";
import { frame, pack, Raw } from "./pack.ts";
import type { Random } from "./random.ts";

const MESSAGE = 0x10;
const NUMBERS = [0x01, 0x02, 0x03, 0x04, 0x10, 0x11, 0xe0, 0xf0, 0xf1];
const OTHER_NUMBERS = [0x00, 0x20, 0x21, 0x22, 0x30, 0x33, 0x7f, 0xe1, 0xfe];

/** Pieces of MessagePack that lead further than chance would. */
const PIECES = [
  ...["81", "82", "91", "a0", "a174", "a474797065", "a26964", "a4626f6479", "c0", "c1", "c2"],
  ...["c401ff", "d40100", "cb7ff8000000000000", "cf0020000000000000", "dc0002", "de0001"],
  ...["dfffffffff", "ddffffffff", "dbffffffff", "d97f", "a9e282ac5f5f6f746f5f", "00", "ff"],
];

/** One thing that is sent: a binary message, or a text one. */
export type Shot = { readonly bytes: Uint8Array } | { readonly text: string };

type Maker = (target: Target, random: Random) => Shot;

/** What an attacker sends, by how often. */
const MAKERS: readonly (readonly [number, Maker])[] = [
  [160, (target, random) => toMessage(target, random, toBody(target, random))],
  [160, (target, random) => toMutated(target, random, JSON_LEAVES)],
  [100, (target, random) => toMutated(target, random, LEAVES)],
  [32, toTextBody],
  [40, toBadMessage],
  [64, toControl],
  [24, (target, random) => shoot(mutateBytes(toControlBytes(target, random), random))],
  [96, toBadBytes],
  [32, (_target, random) => shoot(random.bytes(random.below(200)))],
  [48, toPieces],
  [16, toBadHeader],
  [8, (_target, random) => ({ text: random.pick(["", "{}", "AC01", "\u0000", "x".repeat(5000)]) })],
  [1, toBig],
];

/** Makes the next shot at a session that is open. */
export function toShot(target: Target, random: Random): Shot {
  return random.weighted(MAKERS)(target, random);
}

/** Makes the next shot at a connection before its Verify. */
export function toEarlyShot(target: Target, random: Random): Shot {
  if (random.chance(0.3)) return toShot(target, random);
  const hello = {
    ...toIdentity(target),
    capabilities: ["bound_verify"],
    challenge: random.bytes(32),
    authority: "127.0.0.1:8420",
  };
  const verify = { signature: random.bytes(64), challenge: random.bytes(32) };
  const [type, fields] = random.chance(0.6) ? [0x01, hello] : [0x03, verify];
  return shoot(frame(type, pack(random.chance(0.25) ? fields : mutateTree(fields, random))));
}

function toIdentity({ key }: Target) {
  return {
    node_id: key.nodeId,
    name: "fuzz",
    skills: ["sing"],
    public_key: key.publicKey,
    protocol_v: 1,
    timestamp: Math.floor(Date.now() / 1000),
  };
}

function shoot(bytes: Uint8Array): Shot {
  return { bytes };
}

function toFields(target: Target, random: Random, body: unknown): Record<string, unknown> {
  return {
    id: createId("msg"),
    from: target.key.nodeId,
    to: random.chance(0.9) ? target.stewardId : random.pick(target.nodes),
    timestamp: Math.floor(Date.now() / 1000),
    body,
  };
}

function toMessage(target: Target, random: Random, body: unknown): Shot {
  return shoot(frame(MESSAGE, pack(toFields(target, random, body))));
}

/** A sound body that was changed in some places. */
function toMutated(target: Target, random: Random, leaves: readonly Leaf[]): Shot {
  return toMessage(target, random, mutateTree(toBody(target, random), random, leaves));
}

/** A body as JSON text, sound or not. */
function toTextBody(target: Target, random: Random): Shot {
  const text = JSON.stringify(toBody(target, random));
  const at = random.below(text.length);
  const broken =
    text.slice(0, at) + random.pick(["", '"', "{", "1e999", "\\u0000"]) + text.slice(at + 1);
  return toMessage(target, random, random.chance(0.3) ? text : broken);
}

/** A message whose own fields are wrong. */
function toBadMessage(target: Target, random: Random): Shot {
  const { body, ...head } = toFields(target, random, toBody(target, random));
  return shoot(frame(MESSAGE, pack({ ...mutateTree(head, random), body })));
}

/** Handshake and control messages where none is due, and those that are. */
function toControlBytes(target: Target, random: Random): Buffer {
  const identity = toIdentity(target);
  const now = identity.timestamp;
  const [type, fields] = random.pick<readonly [number, Record<string, unknown>]>([
    [0x01, identity],
    [0x02, { ...identity, challenge: random.bytes(32) }],
    [0x03, { signature: random.bytes(64), challenge: random.bytes(32) }],
    [0x04, { status: "ok", trust: "verified" }],
    [0x11, { msg_id: createId("msg"), status: "received" }],
    [0xe0, { code: 5001, message: "It is your fault.", ref_msg_id: createId("msg") }],
    [0xf0, { ts: now }],
    [0xf1, { ts: now, echo: now }],
  ]);
  return frame(type, pack(random.chance(0.5) ? fields : mutateTree(fields, random)));
}

function toControl(target: Target, random: Random): Shot {
  return shoot(toControlBytes(target, random));
}

/** A sound message with some bytes changed; its header's length may still be right. */
function toBadBytes(target: Target, random: Random): Shot {
  const payload = pack(toFields(target, random, toBody(target, random)));
  if (random.chance(0.8)) return shoot(frame(MESSAGE, mutateBytes(payload, random)));
  return shoot(mutateBytes(frame(MESSAGE, payload), random));
}

function toPieces(_target: Target, random: Random): Shot {
  const list = Array.from({ length: random.below(60) }, () => random.pick(PIECES)).join("");
  const type = random.chance(0.9) ? random.pick(NUMBERS) : random.pick(OTHER_NUMBERS);
  return shoot(frame(type, Buffer.from(list, "hex")));
}

/** A header that says something else than what follows. */
function toBadHeader(target: Target, random: Random): Shot {
  const bytes = frame(MESSAGE, pack(toFields(target, random, {})));
  const length = bytes.readUInt32BE(4);
  // The steward gives a peer a second to read that it is too large, so this is seldom.
  const lies = random.chance(0.03)
    ? [4_194_305, 0xffff_ffff]
    : [0, length - 1, length + 1, 4_194_304];
  const lie = random.pick(lies);
  bytes.writeUInt32BE(lie, 4);
  return shoot(bytes);
}

/** Up to an envelope's limit, and what costs most to read: many items, long text, deep lists. */
function toBig(target: Target, random: Random): Shot {
  const bytes = random.pick([100_000, 500_000, 2_000_000, 4_190_000]);
  const content = random.pick([
    "x".repeat(bytes),
    "é".repeat(bytes / 2),
    new Raw(Buffer.concat([toHead(0xdd, bytes), Buffer.alloc(bytes)])),
    new Raw(Buffer.concat([toHead(0xdf, bytes), Buffer.alloc(bytes, 0xa0)])),
    new Raw(toLists(bytes)),
  ]);
  const body = { ...toBody(target, random), type: "zone.message", id: createId("zmsg"), content };
  return toMessage(target, random, body);
}

/** As many items as the limit on each array allows. */
function toLists(bytes: number): Buffer {
  const list = Buffer.concat([toHead(0xdd, 9_999), Buffer.alloc(9_999, 0xc0)]);
  const count = Math.floor(bytes / list.length);
  return Buffer.concat([toHead(0xdd, count), ...Array<Buffer>(count).fill(list)]);
}

function toHead(head: number, length: number): Buffer {
  const bytes = Buffer.from([head, 0, 0, 0, 0]);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}
