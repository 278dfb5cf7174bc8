import { expect, test } from "vitest";
import {
  type AckOf,
  type EntriesOf,
  isLinkBodyType,
  type LinkBodyType,
  parseLinkBody,
  type ReplicaState,
  type SnapshotOf,
} from "../../src/wire/link-bodies.ts";
import { AGENT, STEWARD, ZONE_ID } from "./sources/cast.ts";
import { readVectors } from "./vectors.ts";

const { heads, commits, snapshot, envelope, envelope_hash, forwarded } = readVectors<{
  heads: { head: object }[];
  commits: { commit: object; digest: string }[];
  snapshot: {
    start: object;
    chunks: { text: string; hash: string }[];
    end: object;
    signature: string;
  };
  envelope: object;
  envelope_hash: string;
  forwarded: { message: object };
}>("replication.json");
const head = heads[1]?.head;
const digest = commits[2]?.digest ?? "";
const pair = { seq: 0, hash: envelope_hash };
const of = { zone_id: ZONE_ID, epoch: 2 };
const chunk = snapshot.chunks[0];

type Fields = Readonly<Record<string, unknown>>;
const BODIES: readonly (readonly [LinkBodyType, Fields])[] = [
  ["zone.epoch", { zone_id: ZONE_ID, envelopes: [envelope] }],
  ["zone.position", { ...of, envelope_hash, state: "ready", position: null, head: null }],
  [
    "zone.position",
    { ...of, envelope_hash, state: "ready", position: { epoch: 2, n: 3, digest }, head },
  ],
  ["zone.replicate", { ...of, envelope_hash, position: null, log: [pair], window: 65_536 }],
  ["zone.entries", { ...of, commits: commits.map(({ commit }) => commit), head, released: 1 }],
  ["zone.entries", { ...of, commits: [], released: 1 }],
  ["zone.entries", { ...of, part: { n: 4, index: 0, of: 2, text: "{" } }],
  ["zone.snapshot", { ...snapshot.start, head }],
  ["zone.snapshot", { ...of, snapshot: "snp_1", index: 0, ...chunk }],
  [
    "zone.snapshot",
    { ...snapshot.end, signature: snapshot.signature, public_key: STEWARD.publicKey },
  ],
  ["zone.replica_ack", { ...of, n: 3, digest }],
  ["zone.replica_ack", { ...of, snapshot: "snp_1", index: 0 }],
  [
    "zone.forward",
    {
      zone_id: ZONE_ID,
      session: "s1",
      member: { node_id: AGENT.nodeId, name: "agent", skills: [], trust: "unknown" },
      message: forwarded.message,
    },
  ],
  ["zone.answer", { zone_id: ZONE_ID, node_id: AGENT.nodeId, n: 4, body: { type: "zone.left" } }],
  ["zone.presence", { zone_id: ZONE_ID, full: true, online: [AGENT.nodeId], offline: [] }],
  ["zone.head", { zone_id: ZONE_ID, n: 3, head }],
  ["zone.direct", { zone_id: ZONE_ID, message: forwarded.message }],
];

/** What may be left out of the bodies above. */
const OPTIONAL = new Set([
  "zone.position.envelope_hash",
  "zone.position.position",
  "zone.position.head",
  "zone.answer.n",
  "zone.presence.full",
]);
const invalid = expect.objectContaining({ code: "invalid_params" });

test.each(BODIES)(
  "%s is read, and refused without a required field or with a mistyped one (%#)",
  (type, fields) => {
    expect(isLinkBodyType(type)).toBe(true);
    expect(JSON.parse(JSON.stringify(parseLinkBody(type, fields)))).toEqual({ type, ...fields });
    for (const field of Object.keys(fields)) {
      const { [field]: _left, ...rest } = fields;
      const mistyped = { ...fields, [field]: Symbol("such") };
      expect(() => parseLinkBody(type, mistyped), field).toThrow(invalid);
      if (OPTIONAL.has(`${type}.${field}`)) continue;
      expect(() => parseLinkBody(type, rest), field).toThrow(invalid);
    }
  },
);

test("another version's term is refused, 0 is as none", () => {
  const ack = { ...of, n: 3, digest };
  expect(parseLinkBody("zone.replica_ack", { ...ack, term: 0 })).toMatchObject(ack);
  expect(() => parseLinkBody("zone.replica_ack", { ...ack, term: 1 })).toThrow(invalid);
});

test("an acknowledgement is a status, or only said", () => {
  const answer = { zone_id: ZONE_ID, node_id: AGENT.nodeId, n: 0 };
  const ack = (value: unknown) => parseLinkBody("zone.answer", { ...answer, ack: value });
  expect(ack("relayed")).toMatchObject({ ack: "relayed" });
  expect(ack(true)).toMatchObject({ ack: "received" });
  expect(ack({ msg_id: "msg_1", status: "waiting" })).toMatchObject({ ack: "waiting" });
  expect(() => parseLinkBody("zone.answer", answer)).toThrow(invalid);
});

test("many envelopes are at most 1 MiB, one may be larger", () => {
  const large = (bytes: number) => ({ ...envelope, more: "x".repeat(bytes) });
  const parse = (...envelopes: object[]) =>
    parseLinkBody("zone.epoch", { zone_id: ZONE_ID, envelopes });
  expect(() => parse(large(600_000), large(600_000))).toThrow(invalid);
  expect(parse(large(1_100_000)).envelopes).toHaveLength(1);
});

test("a chunk and a slice of a commit are at most 1 MiB of UTF-8", () => {
  const part = (text: string): EntriesOf<"part"> => ({
    ...of,
    part: { n: 4, index: 0, of: 2, text },
  });
  const slice = (text: string): SnapshotOf<"chunk"> => ({
    ...of,
    snapshot: "snp_1",
    index: 0,
    text,
    hash: digest,
  });
  const full = "é".repeat(524_288);
  expect(parseLinkBody("zone.entries", part(full))).toMatchObject(part(full));
  expect(parseLinkBody("zone.snapshot", slice(full))).toMatchObject(slice(full));
  expect(() => parseLinkBody("zone.entries", part(`${full}x`))).toThrow(invalid);
  expect(() => parseLinkBody("zone.snapshot", slice(`${full}x`))).toThrow(invalid);
});

test("the form of an acknowledgement is told by its snapshot", () => {
  const chunk: AckOf<"chunk"> = { ...of, snapshot: "snp_1", index: 0 };
  expect(parseLinkBody("zone.replica_ack", { ...chunk, n: 3, digest })).not.toHaveProperty("n");
});

test("a position names one of the eight states", () => {
  const position = (state: string) =>
    parseLinkBody("zone.position", { ...of, envelope_hash, state, position: null, head: null });
  const known: readonly ReplicaState[] = ["joining", "snapshot", "catching_up", "ready"];
  const others: readonly ReplicaState[] = ["lagging", "halted", "recovering", "primary"];
  for (const state of [...known, ...others]) expect(position(state)).toMatchObject({ state });
  expect(() => position("follower")).toThrow(invalid);
});
