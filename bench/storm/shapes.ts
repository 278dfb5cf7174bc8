import { encodeMessagePack, PackedBytes } from "../../src/wire/messagepack-encode.ts";

/** As many bytes as fit an envelope beside everything around them. */
const BYTES = 4_180_000;
const LISTS = 99;
const PER_LIST = 1000;

const text = (unit: string) => unit.repeat(Math.floor(BYTES / Buffer.byteLength(unit)));
const lists = (item: (index: number) => unknown) =>
  Array.from({ length: LISTS }, (_, i) =>
    Array.from({ length: PER_LIST }, (_, j) => item(i * PER_LIST + j)),
  );
/** Shuffled, so that nothing is in order already. */
const shuffle = (index: number, count: number) => (index * 7919) % count;
const maps = (key: (index: number) => string) =>
  Array.from({ length: 10 }, (_, i) =>
    Object.fromEntries(
      Array.from({ length: 9990 }, (_, j) => [key(i * 10_000 + shuffle(j, 9990)), 0]),
    ),
  );
const nested = (levels: number): unknown => (levels === 0 ? 1 : { b: nested(levels - 1), a: 1 });

/** Values at the edge of every limit of a body, each hard on another part of what handles it. */
const SHAPES: Readonly<Record<string, () => unknown>> = {
  ascii: () => text("x"),
  "wide text": () => text("語"),
  emoji: () => text("\u{1f600}"),
  // Where their canonical JSON is as long as may be.
  quotes: () => '"'.repeat(3_140_000),
  "line breaks": () => text("\n"),
  "control characters": () => "\u0001".repeat(1_040_000),
  // Dearest for the scanner.
  "words of many phrases": () => text("your "),
  phrases: () => text("send me your private key "),
  "words taken apart": () => text("i\u200bg\u200bn\u200bo\u200br\u200be "),
  brackets: () => text("["),
  nil: () => lists(() => null),
  integers: () => lists((i) => i * 1_000_003),
  floats: () => lists((i) => Math.sqrt(i + 2) * 1e-7),
  "short texts": () => lists((i) => String(i).padEnd(39, "x")),
  "short wide texts": () => lists(() => "語".repeat(13)),
  "short texts of quotes": () => lists(() => '"'.repeat(30)),
  "large maps": () => maps((i) => `k${i}`),
  "large maps, long keys": () => maps((i) => `${"k".repeat(30)}${i}`),
  "large maps, wide keys": () => maps((i) => `${"語".repeat(10)}${i}`),
  "large maps, numbers as keys": () => maps((i) => String(i * 1009)),
  "small maps": () =>
    Array.from({ length: 9999 }, (_, i) =>
      Object.fromEntries(Array.from({ length: 9 }, (_, j) => [`${"ihgfedcba"[j]}${i}`, 0])),
    ),
  "maps of one key": () =>
    lists((i) => i).map((list) => list.slice(500).map((i) => ({ [`a${i}`]: 1 }))),
  "empty maps": () => lists(() => ({})),
  deep: () => Array.from({ length: 1800 }, () => nested(27)),
};

/** The shapes, each packed once. */
export function createShapes(): Map<string, PackedBytes> {
  return new Map(
    Object.entries(SHAPES).map(([name, create]) => [
      name,
      new PackedBytes(encodeMessagePack(create())),
    ]),
  );
}
