import { describe, expect, test } from "vitest";
import {
  type SnapshotBegin,
  SnapshotReader,
} from "../../../src/replication/follow/snapshot-reader.ts";
import { SnapshotText } from "../../../src/replication/serve/snapshot-text.ts";
import { sliceText } from "../../../src/replication/serve/text-slices.ts";
import { readSnapshotLine } from "../../../src/wire/link-bodies.ts";
import vectors from "../../vectors/replication.json" with { type: "json" };
import { writeCanonicalJson } from "../../wire/independent/canonical-json.ts";
import { sha256 } from "../../wire/independent/ed25519.ts";
import { CHECKS, hash } from "../support/checks.ts";
import { OTHER, PRIMARY, ToldZone, ZONE_ID } from "../support/told-zone.ts";

const DEPS = { ...CHECKS, toLine: readSnapshotLine };
const PLACE = { zoneId: ZONE_ID, epoch: 2, maySign: (nodeId: string) => nodeId === PRIMARY.nodeId };
const MEMBER = { kind: "member", key: ["atlas_1"], value: { name: "äöü 😀", skills: [] } };

function createZone(): ToldZone {
  const zone = new ToldZone();
  for (let i = 0; i < 5; i++) zone.commit({ messages: [`message ${i} äöü 😀`, { i }] });
  return zone;
}

const zone = createZone();
const lines = [...zone.entries.slice(2), { record: MEMBER }];
const text = lines.map((line) => `${writeCanonicalJson(line)}\n`).join("");

function beginAt(changes: Partial<SnapshotBegin> = {}): SnapshotBegin {
  const { position } = zone.placeAt(5);
  const log_after = zone.endAt(1);
  return { epoch: 2, snapshot: "snp_1", position, log_after, head: zone.headAt(5), ...changes };
}

function startHashOf({ epoch, snapshot, position, log_after }: SnapshotBegin): string {
  const start = { zone_id: ZONE_ID, epoch, snapshot, position, log_after };
  return sha256(`atlas-snapshot-v1\0${writeCanonicalJson(start)}`);
}

/** The chunks of a text, hashed by the tests' own code. */
function toChunks(begin: SnapshotBegin, texts: readonly string[]) {
  let before = startHashOf(begin);
  return texts.map((part, index) => {
    before = sha256(Buffer.from(before + sha256(part), "hex"));
    return { snapshot: "snp_1", index, text: part, hash: before };
  });
}

function readAll(begin: SnapshotBegin, texts: readonly string[]) {
  const reader = SnapshotReader.create(DEPS, PLACE, begin);
  if (typeof reader === "string") throw new Error(reader);
  const seqs: number[] = [];
  const records: unknown[] = [];
  for (const chunk of toChunks(begin, texts)) {
    const read = reader.add(chunk);
    if (typeof read === "string") return { fault: read, reader };
    seqs.push(...read.entries.map(({ entry }) => entry.seq));
    records.push(...read.records);
  }
  return { reader, seqs, records };
}

function endOf(begin: SnapshotBegin, texts: readonly string[], signer = PRIMARY, upto = 5) {
  const last = toChunks(begin, texts).at(-1)?.hash ?? startHashOf(begin);
  const content = {
    ...{ zone_id: ZONE_ID, epoch: 2, snapshot: "snp_1" },
    ...{ chunks: texts.length, hash: last, upto },
  };
  const signature = signer.sign(Buffer.from(`atlas-snapshot-v1\0${writeCanonicalJson(content)}`));
  return { ...content, public_key: signer.publicKey, signature };
}

describe("a snapshot as a follower reads it", () => {
  test.each([1_000_000, 64, 7, 4])("cut every %i bytes it is read whole", (bytes) => {
    const texts = sliceText(text, bytes);

    const { reader, seqs, records } = readAll(beginAt(), texts);

    expect(seqs).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(records).toEqual([MEMBER]);
    expect(reader.findEndFault(PRIMARY.nodeId, endOf(beginAt(), texts))).toBeUndefined();
  });

  test("the published vector is read, and its end verifies", () => {
    const { start, chunks, end, signature } = vectors.snapshot;
    const head = vectors.heads[1]?.head;
    if (head === undefined) throw new Error("The vectors have no second head.");
    const place = { zoneId: vectors.zone_id, epoch: 2, maySign: () => true };
    const reader = SnapshotReader.create(DEPS, place, { ...start, head });
    if (typeof reader === "string") throw new Error(reader);

    const read = chunks.map((chunk, index) => reader.add({ ...chunk, snapshot: "snp_1", index }));

    expect(read).toMatchObject([{ entries: [{ entry: { seq: 5 } }, { entry: { seq: 6 } }] }]);
    const signed = { ...end, public_key: head.public_key, signature };
    expect(reader.findEndFault(head.steward, signed)).toBeUndefined();
  });

  test.each([
    ["a head of another commit", { head: zone.headAt(4) }, "HEAD_DIFFERS"],
    ["a head by somebody else", { head: zone.headAt(5, OTHER) }, "HEAD_SIGNER"],
    [
      "a log that begins after its head",
      { log_after: { seq: 11, hash: "00".repeat(32) } },
      "LOG_AFTER",
    ],
  ])("does not begin with %s", (_, changes, fault) => {
    expect(SnapshotReader.create(DEPS, PLACE, beginAt(changes))).toBe(fault);
  });

  const other = (from: string, to: string) => text.replace(from, to);
  test.each([
    ["a changed entry", other("message 2", "message 9"), "LOG_HASH"],
    ["a missing entry", text.slice(text.indexOf("\n") + 1), "LOG_HASH"],
    ["an entry of another zone", text.replaceAll(ZONE_ID, "zone_2"), "LOG_HASH"],
    ["what is no line", `${text}{"entry":1}\n`, "LINE"],
    ["what is no JSON", `${text}{\n`, "LINE"],
    [
      "a record that is gone",
      `${text}${writeCanonicalJson({ record: { ...MEMBER, value: null } })}\n`,
      "LINE",
    ],
  ])("finds %s", (_, changed, fault) => {
    expect(readAll(beginAt(), [changed])).toMatchObject({ fault });
  });

  test("finds a chunk out of order, and one whose hash is another's", () => {
    const [first, second] = toChunks(beginAt(), sliceText(text, 200));
    if (first === undefined || second === undefined) throw new Error("The text is too short.");
    const read = (chunk: typeof first) => {
      const reader = SnapshotReader.create(DEPS, PLACE, beginAt());
      return typeof reader === "string" ? reader : reader.add(chunk);
    };

    expect(read(second)).toBe("CHUNK_ORDER");
    expect(read({ ...first, hash: second.hash })).toBe("CHUNK_HASH");
    expect(read({ ...first, text: second.text })).toBe("CHUNK_HASH");
  });

  test.each([
    ["another signer", text, endOf(beginAt(), [text], OTHER), "END_SIGNATURE"],
    ["another number of chunks", text, { ...endOf(beginAt(), [text]), chunks: 2 }, "END_SIGNATURE"],
    [
      "chunks that were not sent",
      text.slice(0, text.indexOf("\n") + 1),
      endOf(beginAt(), [text]),
      "END_DIFFERS",
    ],
    ["an end before n0", text, endOf(beginAt(), [text], PRIMARY, 4), "END_DIFFERS"],
    [
      "a log that is too short",
      text.slice(0, text.indexOf("\n") + 1),
      endOf(beginAt(), [text.slice(0, text.indexOf("\n") + 1)]),
      "LOG_END",
    ],
    ["an unfinished line", `${text}{`, endOf(beginAt(), [`${text}{`]), "END_DIFFERS"],
  ])("its end tells of %s", (_, sent, end, fault) => {
    const { reader } = readAll(beginAt(), [sent]);

    expect(reader.findEndFault(PRIMARY.nodeId, end)).toBe(fault);
  });
});

describe("a snapshot as it is sent", () => {
  test.each([50, 333, 1_000_000])(
    "in chunks of at most %i bytes it has the hashes of §9.6",
    (bytes) => {
      const begin = beginAt();
      const { epoch, snapshot, position, log_after } = begin;
      const start = { zone_id: ZONE_ID, epoch, snapshot, position, log_after };
      const writer = new SnapshotText(hash, start, bytes);
      const sent = [];
      for (const line of lines) {
        writer.add(`${writeCanonicalJson(line)}\n`);
        while (writer.isFull) sent.push(writer.take());
      }
      for (let chunk = writer.take(); chunk !== undefined; chunk = writer.take()) sent.push(chunk);

      const texts = sent.map((chunk) => chunk?.text ?? "");
      expect(texts.join("")).toBe(text);
      expect(Math.max(...texts.map((part) => Buffer.byteLength(part)))).toBeLessThanOrEqual(bytes);
      expect(sent.map((chunk) => ({ ...chunk, snapshot: "snp_1" }))).toEqual(
        toChunks(begin, texts),
      );
      expect(writer.end).toEqual({ chunks: sent.length, hash: sent.at(-1)?.hash });
    },
  );

  test("text is cut between code points, in slices as long as fit", () => {
    expect(sliceText("a😀bä", 4)).toEqual(["a", "😀", "bä"]);
    expect(sliceText("abcd", 2)).toEqual(["ab", "cd"]);
    expect(sliceText("", 4)).toEqual([""]);
  });
});
