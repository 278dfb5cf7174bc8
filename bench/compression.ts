// What compressed payloads save, and what they cost the turn in which they are made: frames of several kinds
// and lengths, each as it is and by brotli, the time to compress and to expand it; a frame for many recipients,
// compressed once, against once for each; a payload that grows beyond 4 MiB, until it is refused.
import { randomUUID } from "node:crypto";
import { brotliCompressSync } from "node:zlib";
import { createBrotli } from "../src/transport/brotli.ts";
import { expandEnvelope, shrinkEnvelope, shrinkFanOut } from "../src/wire/compression.ts";
import { encodeEnvelope } from "../src/wire/envelope.ts";
import { createFanOutFrame } from "../src/wire/fan-out-frame.ts";

const codec = createBrotli(4);
const WORDS =
  "agent zone message payload settle request price amount summary document report budget deadline the of and to with".split(
    " ",
  );
const NODE_ID = `atlas_${"5a".repeat(32)}`;
const MEMBERS = 100;
let seed = 7;

function draw(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
  return seed % below;
}

function prose(chars: number): string {
  const words: string[] = [];
  for (let length = 0; length < chars; length += (words.at(-1)?.length ?? 0) + 1) {
    words.push(draw(4) === 0 ? String(draw(100_000)) : (WORDS[draw(WORDS.length)] as string));
  }
  return words.join(" ").slice(0, chars);
}

const toEntry = (seq: number) => ({
  entry: {
    ...{ zone_id: `zone_${randomUUID()}`, seq, timestamp: 1_790_000_000 + seq, kind: "message" },
    ...{ node_id: NODE_ID, data: { id: `zmsg_${randomUUID()}`, content: { text: prose(200) } } },
  },
  hash: randomUUID().replaceAll("-", "").repeat(2),
});
const toMessage = (chars: number) => ({
  type: "zone.message",
  seq: 1,
  content: { text: prose(chars) },
});
const toFrame = (body: object) =>
  encodeEnvelope("message", { id: `msg_${randomUUID()}`, from: NODE_ID, to: NODE_ID, body });
const toPage = (count: number) => ({
  type: "zone.page",
  entries: Array.from({ length: count }, (_, index) => toEntry(index)),
});

const KINDS: readonly (readonly [string, object])[] = [
  ["a message of 1 KB", toMessage(1_000)],
  ["a message of 4 KB", toMessage(4_000)],
  ["a message of 60 KB", toMessage(60_000)],
  ["a page of 50 entries", toPage(50)],
  ["a page of 500 entries", toPage(500)],
  [
    "random bytes as hex, 4 KB",
    { type: "zone.message", content: Array.from({ length: 64 }, () => randomUUID()).join("") },
  ],
  ["a message of 4 MB", toMessage(4_000_000)],
];

/** Milliseconds a call takes, the median of several. */
function measure<T>(run: () => T): { ms: number; result: T } {
  let result = run();
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    result = run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return { ms: times[4] ?? 0, result };
}

console.table(
  KINDS.map(([kind, body]) => {
    const frame = toFrame(body);
    const shrunk = measure(() => shrinkEnvelope(frame, codec));
    const expanded = measure(() => expandEnvelope(shrunk.result, codec));
    return {
      frame: kind,
      bytes: frame.length,
      brotli: shrunk.result.length,
      "% left": Math.round((100 * shrunk.result.length) / frame.length),
      "compress, ms": shrunk.ms.toFixed(2),
      "expand, ms": expanded.ms.toFixed(2),
    };
  }),
);

const frame = createFanOutFrame({
  id: `msg_${randomUUID()}`,
  from: NODE_ID,
  body: toMessage(4_000),
});
const once = measure(() => shrinkFanOut(frame, codec));
const each = measure(() => {
  for (let i = 0; i < MEMBERS; i++) shrinkEnvelope(frame.envelope, codec);
});
console.log(
  `fan-out of 4 KB to ${MEMBERS}: ${frame.envelope.length} -> ${once.result?.envelope.length} bytes for each member, ` +
    `compressed once in ${once.ms.toFixed(2)} ms; once a member it would be ${each.ms.toFixed(1)} ms`,
);

const bomb = brotliCompressSync(Buffer.alloc(64 * 1024 * 1024));
const refused = measure(() => codec.decompress(bomb, 4_194_304));
console.log(
  `${bomb.length} bytes that would be 64 MiB: ${refused.result === undefined ? "refused" : "TAKEN"} after ${refused.ms.toFixed(1)} ms`,
);
