import type { NodeKey } from "../../src/identity/node-key.ts";
import { createId } from "../../src/protocol/ids.ts";
import type { ZoneRequestType } from "../../src/wire/zone-requests.ts";
import { signDraft, toManifest } from "../model/envelopes.ts";
import { JSON_LEAVES, mutateTree } from "./mutate.ts";
import type { Random } from "./random.ts";

/** What an attacker knows of the steward it talks to. */
export interface Target {
  readonly key: NodeKey;
  readonly stewardId: string;
  /** Zones it may be a member of, its own among them, and some it is not. */
  readonly zones: string[];
  /** Nodes it knows of. */
  readonly nodes: readonly string[];
}

type Body = Record<string, unknown>;
type Maker = (target: Target, random: Random) => Body;

const ZONES_KEPT = 24;

function zoneOf({ zones }: Target, random: Random): string {
  return random.chance(0.5) ? (zones[0] as string) : random.pick(zones);
}

/** A sound body of every type an agent may send. */
export const BODIES: Readonly<Record<ZoneRequestType, Maker>> = {
  "zone.discover": (_target, random) => ({
    filter: { type: "open", keyword: random.pick(["zone", "%", "a"]) },
    limit: 1 + random.below(100),
  }),
  "zone.inspect": () => ({}),
  "zone.join": (_target, random) => ({ invite: "x".repeat(32), epoch: random.below(3) }),
  "zone.leave": () => ({}),
  "zone.message": (_target, random) => ({
    id: createId("zmsg"),
    content: { text: "größe 😀", list: [1, 2.5, null], n: random.below(1000) },
    topic: "weather",
    reply_to: createId("zmsg"),
    epoch: 1,
  }),
  "zone.history": (_target, random) => ({ after_seq: random.below(5000), limit: 50 }),
  "zone.members": (_target, random) => ({ limit: 1 + random.below(500), cursor: "atlas_" }),
  "zone.request": (_target, random) => ({
    action: random.pick(["echo", "nothing", "constructor"]),
    params: { text: "x", nested: { list: [1, 2, 3] } },
    epoch: 1,
  }),
  "zone.payment": () => ({ authorization: AUTHORIZATION }),
  "zone.receipt": () => ({}),
  "zone.escrow": (_target, random) => ({
    escrow_id: `0x${"ab".repeat(32)}`,
    op: random.pick(["release", "refund", "dispute"]),
    signature: `0x${"cd".repeat(65)}`,
  }),
  "zone.provide": () => ({ actions: ["echo"] }),
  "zone.result": (_target, random) => ({
    invoke_id: createId("req"),
    ...(random.chance(0.5) ? { result: { ok: true } } : { error: { message: "no" } }),
  }),
  "zone.create": (target, random) => ({
    envelope: toEnvelope(target, random, createId("zone"), 1),
  }),
  "zone.update": (target, random) => ({
    envelope: toEnvelope(target, random, zoneOf(target, random), 2 + random.below(2)),
    chain: [],
  }),
  "zone.ban": (target, random) => ({
    node_id: random.pick(target.nodes),
    reason: "spam",
    expires_at: 4_000_000_000,
  }),
  "zone.unban": (target, random) => ({ node_id: random.pick(target.nodes), reason: "sorry" }),
  "zone.approve": (target, random) => ({ node_id: random.pick(target.nodes), actions: ["echo"] }),
  "zone.invite": (target, random) => ({
    node_id: random.pick(target.nodes),
    max_uses: 1 + random.below(5),
    expires_at: 4_000_000_000,
  }),
};

const AUTHORIZATION = {
  from: `0x${"11".repeat(20)}`,
  to: `0x${"22".repeat(20)}`,
  value: "2000000",
  valid_after: 0,
  valid_before: 4_000_000_000,
  nonce: `0x${"33".repeat(32)}`,
  v: 27,
  r: `0x${"44".repeat(32)}`,
  s: `0x${"55".repeat(32)}`,
  type: "receive",
};

const TYPES = Object.keys(BODIES) as ZoneRequestType[];

/** A sound body of any type, about a zone the attacker knows. */
export function toBody(target: Target, random: Random): Body {
  const type = random.pick(TYPES);
  return {
    type,
    request_id: `req_${random.below(200)}`,
    zone_id: zoneOf(target, random),
    ...BODIES[type](target, random),
  };
}

/** What the hints of an action may look like, and what they should not. */
const PARAMS: readonly unknown[] = [
  { text: "string", n: "number?" },
  { text: { deep: { deeper: "string?" } }, list: "array" },
  { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  { type: "object", properties: { self: { $ref: "#" } }, additionalProperties: { $ref: "#" } },
  { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } },
  { $ref: "http://127.0.0.1:1/schema.json" },
  { type: "string", pattern: "^(a+)+$" },
  { allOf: Array.from({ length: 200 }, () => ({ type: "object" })) },
  { type: 5, properties: [], required: "text" },
];

/** A signed envelope; its manifest is hostile every other time, and signed all the same. */
function toEnvelope(target: Target, random: Random, id: string, epoch: number): object {
  const fixed = { id, creator: target.key.nodeId, steward: target.stewardId };
  const sound = {
    ...toManifest({ name: "fuzzed zone", topic: "fuzz", rules: {} }, fixed),
    actions: [{ name: "echo", description: "Answers its params.", params: random.pick(PARAMS) }],
  };
  const manifest = random.chance(0.5) ? sound : mutateTree(sound, random, JSON_LEAVES);
  const { envelope, hash } = signDraft(target.key, {
    manifest,
    epoch,
    state: random.chance(0.9) ? "active" : "stopped",
    signedAt: 1_790_000_000,
    prev: epoch === 1 ? null : "a".repeat(64),
  });
  if (epoch === 1 && hash.startsWith("0") && target.zones.length < ZONES_KEPT)
    target.zones.push(id);
  return envelope;
}
