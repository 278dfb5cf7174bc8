import { Pairs, Raw, raw } from "./pack.ts";
import type { Random } from "./random.ts";

type Slot = { readonly holder: Record<string, unknown>; readonly key: string };

const LONG_TEXT = "x".repeat(70_000);

/** Makes a value that is not what was expected. */
export type Leaf = (random: Random) => unknown;

/** Plain JSON that is not what a field expects: it can be signed all the same. */
export const JSON_LEAVES: readonly Leaf[] = [
  () => null,
  () => true,
  () => "",
  () => ({}),
  () => [],
  (random) => random.pick([0, -1, 1, 1.5, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, 1e300]),
  (random) => random.pick(["x", "ab".repeat(32), "x".repeat(300), LONG_TEXT]),
  (random) => random.pick(["\u0000", "a\u202eb", "\u2066", "😀".repeat(100), "<b>", "../../etc"]),
  (random) => ({ [random.pick(["constructor", "toString", "then", "length"])]: random.below(3) }),
  (random) =>
    `${random.pick(["zone", "zmsg", "msg"])}_01890000-0000-7000-8000-${toHex(random, 12)}`,
  (random) => `atlas_${toHex(random, 64)}`,
];

/** Values that no field expects, the malformed included. */
export const LEAVES: readonly Leaf[] = [
  ...JSON_LEAVES,
  // 2^53, the largest uint64, the smallest int64
  (random) => raw(random.pick(["cf0020000000000000", "cfffffffffffffffff", "d38000000000000000"])),
  // NaN as float64 and float32, both infinities
  (random) => raw(random.pick(["cb7ff8000000000000", "ca7fc00000", "cb7ff0000000000000"])),
  // broken UTF-8, an encoded surrogate, a byte order mark
  (random) => raw(random.pick(["a2c328", "a3eda080", "a3efbbbf", "a1ff"])),
  // bin, ext, fixext, a timestamp
  (random) => raw(random.pick(["c403000102", "c70301aabbcc", "d40100", "d6ff00000001"])),
  // lengths that nothing follows
  (random) => raw(random.pick(["dbffffffff", "ddffffffff", "dfffffffff", "c6ffffffff"])),
  // a byte that is no MessagePack, integer and nil as keys, __proto__
  (random) => raw(random.pick(["c1", "8101c0", "81c0c0", "81a95f5f70726f746f5f5fc0"])),
  (random) =>
    new Pairs([
      ["a", 1],
      ["a", random.below(3)],
    ]),
  (random) => toNested(random.pick([2, 30, 31, 32, 33, 63, 64, 65, 1000, 50_000])),
  (random) => toWide(random.pick([100, 9_999, 10_000, 10_001])),
];

function toHex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => random.below(16).toString(16)).join("");
}

function toNested(depth: number): Raw {
  return new Raw(Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([0xc0])]));
}

function toWide(items: number): Raw {
  return new Raw(
    Buffer.concat([Buffer.from([0xdc, items >> 8, items & 255]), Buffer.alloc(items)]),
  );
}

/** Changes a tree of plain values in one to three places; the tree given is not touched. */
export function mutateTree(
  tree: object,
  random: Random,
  leaves: readonly Leaf[] = LEAVES,
): Record<string, unknown> {
  const copy = clone(tree) as Record<string, unknown>;
  for (let count = 1 + random.below(3); count > 0; count--) {
    const slots = listSlots(copy);
    if (slots.length > 0) mutateSlot(random.pick(slots), slots, random, leaves);
  }
  return copy;
}

function isLeaf(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return value instanceof Raw || value instanceof Pairs || value instanceof Uint8Array;
}

function clone(value: unknown): unknown {
  if (isLeaf(value)) return value;
  if (Array.isArray(value)) return Array.from(value, clone);
  return Object.fromEntries(Object.entries(value as object).map(([key, at]) => [key, clone(at)]));
}

function listSlots(tree: unknown): Slot[] {
  if (isLeaf(tree)) return [];
  const holder = tree as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...listSlots(holder[key])]);
}

function mutateSlot(
  { holder, key }: Slot,
  slots: readonly Slot[],
  random: Random,
  leaves: readonly Leaf[],
): void {
  const value = holder[key];
  switch (
    random.weighted([
      [12, "leaf"],
      [3, "gone"],
      [1, "renamed"],
      [1, "wrapped"],
      [2, "other"],
    ])
  ) {
    case "leaf":
      holder[key] = random.pick(leaves)(random);
      return;
    case "gone":
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case "renamed":
      if (Array.isArray(holder)) return;
      delete holder[key];
      holder[
        random.pick(["", "constructor", "hasOwnProperty", `${key}_`, "type", "x".repeat(500)])
      ] = value;
      return;
    case "wrapped":
      holder[key] = random.chance(0.5) ? [value] : { [key]: value };
      return;
    default: {
      const other = random.pick(slots);
      holder[key] = clone(other.holder[other.key]);
    }
  }
}

/** Changes, drops, doubles or cuts off bytes. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let list = Buffer.from(bytes);
  for (let count = 1 + random.below(4); count > 0 && list.length > 0; count--) {
    const at = random.below(Math.min(list.length, 2000));
    const before = list.subarray(0, at);
    switch (random.below(5)) {
      case 0:
      case 1:
        list[at] = random.below(256);
        break;
      case 2:
        list = Buffer.concat([before, list.subarray(at + 1)]);
        break;
      case 3:
        list = Buffer.concat([before, random.bytes(1 + random.below(4)), list.subarray(at)]);
        break;
      default:
        list = Buffer.from(random.chance(0.3) ? before : list);
    }
  }
  return list;
}
