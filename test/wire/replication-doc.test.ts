import { expect, test } from "vitest";
import { isLinkBodyType, parseLinkBody } from "../../src/wire/link-bodies.ts";
import { example, exampleNames } from "./protocol-doc.ts";
import { readVectors } from "./vectors.ts";

const vectors = readVectors<{
  envelope: object;
  envelope_hash: string;
  commits: { commit: { n: number; entries: object[] }; digest: string }[];
  heads: { head: object }[];
  snapshot: {
    start: object;
    chunks: { text: string; hash: string }[];
    end: object;
    signature: string;
  };
  forwarded: { message: object };
}>("replication.json");
const names = exampleNames.filter((name) => isLinkBodyType(String(example(name).type)));

test("every body of links has an example", () => {
  const shown = new Set(names.map((name) => String(example(name).type)));
  expect(shown.size).toBeGreaterThanOrEqual(9);
  expect(names).toContain("zone.snapshot.end");
});

test.each(names)("%s is such a body, and nothing in it is unknown", (name) => {
  const { type, ...fields } = example(name);
  if (!isLinkBodyType(String(type))) throw new Error("Not a body of a link.");
  const parsed = parseLinkBody(type as "zone.head", fields);
  expect(JSON.parse(JSON.stringify(parsed))).toEqual({ type, ...fields });
});

test("what the examples hash and sign is what the vectors hold", () => {
  const { envelope, envelope_hash, commits, heads, snapshot, forwarded } = vectors;
  const [first, second, third] = commits;
  expect(example("zone.epoch").envelopes).toEqual([envelope]);
  expect(example("zone.position")).toMatchObject({
    envelope_hash,
    position: { n: second?.commit.n, digest: second?.digest },
    head: heads[0]?.head,
  });
  expect(example("zone.replicate")).toMatchObject({
    envelope_hash,
    position: { n: first?.commit.n, digest: first?.digest },
  });
  expect(example("zone.entries")).toMatchObject({
    commits: [second?.commit, third?.commit],
    head: heads[1]?.head,
  });
  expect(example("zone.replica_ack")).toMatchObject({ digest: third?.digest });
  expect(example("zone.snapshot.begin")).toMatchObject({ ...snapshot.start, head: heads[1]?.head });
  expect(example("zone.snapshot.chunk")).toMatchObject(snapshot.chunks[0] ?? {});
  expect(example("zone.snapshot.end")).toMatchObject({
    ...snapshot.end,
    signature: snapshot.signature,
  });
  expect(example("zone.forward").message).toEqual(forwarded.message);
});
