/** Groups of at most as many keys are sorted by insertion, larger ones by counting. */
const INSERTION_KEYS = 24;
/** So few keys are compared as a whole, each with all others at most. */
const FEW_KEYS = 12;
/** What stands where a key has ended; bytes follow from 1. */
const ENDED = 0;
const RANKS = 257;

/**
 * UTF-8 bytes in the order of the UTF-16 that they begin: surrogates, which stand for four bytes, come
 * before U+E000 to U+FFFF.
 */
const RANK_OF = Uint16Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0xee || byte === 0xef) return byte + 6;
  return byte >= 0xf0 && byte <= 0xf4 ? byte - 1 : byte + 1;
});

/** The keys of one map, as they stand in a payload. */
export interface PackedKeys {
  readonly bytes: Uint8Array;
  /** Where the text of each begins and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Compares two keys as RFC 8785 orders them: negative, 0 where they are equal, or positive. */
export function compareKeys({ bytes, starts, ends }: PackedKeys, a: number, b: number): number {
  let left = starts[a] as number;
  let right = starts[b] as number;
  const leftEnd = ends[a] as number;
  const rightEnd = ends[b] as number;
  while (left < leftEnd && right < rightEnd && bytes[left] === bytes[right]) {
    left++;
    right++;
  }
  const leftRank = left < leftEnd ? (RANK_OF[bytes[left] as number] as number) : ENDED;
  return leftRank - (right < rightEnd ? (RANK_OF[bytes[right] as number] as number) : ENDED);
}

/**
 * Returns the indexes of a map's keys in RFC 8785's order; undefined where a key stands twice. Takes
 * time in proportion to their bytes, whatever they are: many are sorted by one byte at a time.
 */
export function findKeyOrder(keys: PackedKeys): ArrayLike<number> | undefined {
  if (keys.starts.length <= FEW_KEYS) return findFewKeysOrder(keys);
  const sort = new KeySort(keys);
  return sort.sort(0, keys.starts.length, 0) ? sort.order : undefined;
}

function findFewKeysOrder(keys: PackedKeys): number[] | undefined {
  const order = [0];
  for (let index = 1; index < keys.starts.length; index++) {
    let at = index;
    for (; at > 0; at--) {
      const other = order[at - 1] as number;
      const difference = compareKeys(keys, other, index);
      if (difference === 0) return undefined;
      if (difference < 0) break;
      order[at] = other;
    }
    order[at] = index;
  }
  return order;
}

class KeySort {
  readonly order: Int32Array;
  private readonly keys: PackedKeys;
  private readonly moved: Int32Array;
  private readonly counts = new Int32Array(RANKS);

  constructor(keys: PackedKeys) {
    this.keys = keys;
    this.order = Int32Array.from(keys.starts, (_, index) => index);
    this.moved = new Int32Array(keys.starts.length);
  }

  /**
   * Sorts the keys from place `from` to `to`, which are equal up to `depth`.
   * @returns false where two of them are equal
   */
  sort(from: number, to: number, depth: number): boolean {
    if (to - from < 2) return true;
    const common = this.skipCommon(from, to, depth);
    if (to - from <= INSERTION_KEYS) this.sortByInsertion(from, to, common);
    else this.sortByCounting(from, to, common);
    let start = from;
    while (start < to) {
      const rank = this.rankAt(start, common);
      let end = start + 1;
      while (end < to && this.rankAt(end, common) === rank) end++;
      if (rank === ENDED ? end - start > 1 : !this.sort(start, end, common + 1)) return false;
      start = end;
    }
    return true;
  }

  private rankAt(place: number, depth: number): number {
    const { bytes, starts, ends } = this.keys;
    const index = this.order[place] as number;
    const offset = (starts[index] as number) + depth;
    return offset < (ends[index] as number) ? (RANK_OF[bytes[offset] as number] as number) : ENDED;
  }

  /** How many bytes all the keys have in common. */
  private skipCommon(from: number, to: number, depth: number): number {
    const { bytes, starts, ends } = this.keys;
    const first = this.order[from] as number;
    const firstStart = starts[first] as number;
    let common = (ends[first] as number) - firstStart;
    for (let place = from + 1; place < to && common > depth; place++) {
      const index = this.order[place] as number;
      const start = starts[index] as number;
      common = Math.min(common, (ends[index] as number) - start);
      let at = depth;
      while (at < common && bytes[firstStart + at] === bytes[start + at]) at++;
      common = at;
    }
    return common;
  }

  private sortByInsertion(from: number, to: number, depth: number): void {
    const { order } = this;
    for (let i = from + 1; i < to; i++) {
      const index = order[i] as number;
      const rank = this.rankAt(i, depth);
      let at = i;
      for (; at > from && this.rankAt(at - 1, depth) > rank; at--) {
        order[at] = order[at - 1] as number;
      }
      order[at] = index;
    }
  }

  private sortByCounting(from: number, to: number, depth: number): void {
    const { order, moved, counts } = this;
    counts.fill(0);
    for (let place = from; place < to; place++) {
      const rank = this.rankAt(place, depth);
      counts[rank] = (counts[rank] as number) + 1;
    }
    let next = from;
    for (let rank = 0; rank < RANKS; rank++) {
      const count = counts[rank] as number;
      counts[rank] = next;
      next += count;
    }
    for (let place = from; place < to; place++) {
      const rank = this.rankAt(place, depth);
      const target = counts[rank] as number;
      moved[target] = order[place] as number;
      counts[rank] = target + 1;
    }
    order.set(moved.subarray(from, to), from);
  }
}
