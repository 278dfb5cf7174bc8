import {
  type Commit,
  type Position,
  toDigest,
  type ZoneRecord,
} from "../../../src/protocol/commit.ts";
import type { JsonObject } from "../../../src/protocol/json.ts";
import type { PrimaryHead } from "../../../src/protocol/primary-head.ts";

/** The zone of every simulation. */
export const ZONE_ID = "zone_019a2f3c-5b60-7c1e-9d2a-4f6b8c0d1e2f";

/** The end of a history: immutable, so that a copy of it costs nothing. */
export interface Tip {
  readonly position: Position;
  readonly before: Tip | undefined;
  readonly commit: Commit | undefined;
  readonly head: PrimaryHead | undefined;
  /** The envelope in which it was committed. */
  readonly branch: string;
  /** What the commits up to here say of requests, by request id. */
  readonly requests: ReadonlyMap<string, JsonObject>;
  /** Who ever held it durably. */
  readonly holders: Set<string>;
}

/** A hash that is quick and good enough for what is not attacked: 64 bits of two 32-bit mixes. */
export function toQuickHash(before: string | undefined, text: string): string {
  const whole = (before ?? "") + text;
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < whole.length; at += 1) {
    const code = whole.charCodeAt(at);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high =
    Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low =
    Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0");
}

/** The log of the simulated zone is empty: all that happens is records. */
export const LOG_END = { seq: 0, hash: toQuickHash(undefined, "log") };

/** A history before its first commit; of a zone that was not replicated, in the epoch before. */
export function createRoot(epoch: number): Tip {
  return {
    position: { epoch, n: 0, digest: toQuickHash(undefined, ZONE_ID) },
    before: undefined,
    commit: undefined,
    head: undefined,
    branch: "",
    requests: new Map(),
    holders: new Set(),
  };
}

/** A history with one more commit. */
export function extend(
  before: Tip,
  made: {
    readonly epoch: number;
    readonly branch: string;
    readonly salt: string;
    readonly records: readonly ZoneRecord[];
    readonly steward: string;
    readonly publicKey: string;
  },
): Tip {
  const { epoch, records, salt, steward } = made;
  const n = before.position.n + 1;
  const commit: Commit = { epoch, n, ...LOG_END, salt, entries: [], records };
  const digest = toDigest(toQuickHash, before.position.digest, commit);
  let { requests } = before;
  for (const { kind, key, value } of records) {
    if (kind !== "request" || value === null) continue;
    requests = new Map(requests).set(key[1] ?? "", value);
  }
  return {
    position: { epoch, n, digest },
    before,
    commit,
    head: {
      zone_id: ZONE_ID,
      epoch,
      ...LOG_END,
      state: digest,
      signed_at: 0,
      steward,
      public_key: made.publicKey,
      signature: "00",
    },
    branch: made.branch,
    requests,
    holders: new Set([steward]),
  };
}

/** The history as of commit n; undefined beyond its end. */
export function findAt(tip: Tip, n: number): Tip | undefined {
  let at: Tip | undefined = tip;
  while (at !== undefined && at.position.n > n) at = at.before;
  return at?.position.n === n ? at : undefined;
}

/** A history holds another one whole. */
export function holds(tip: Tip, other: Tip): boolean {
  return findAt(tip, other.position.n) === other;
}

/** The commits after n, at most so many, and the end they lead to. */
export function listAfter(tip: Tip, n: number, max: number): readonly Tip[] {
  const after: Tip[] = [];
  const end = findAt(tip, Math.min(tip.position.n, n + max));
  for (let at = end; at !== undefined && at.position.n > n; at = at.before) after.unshift(at);
  return after;
}

/** Notes that a steward holds a history durably. */
export function hold(tip: Tip, node: string): void {
  for (let at: Tip | undefined = tip; at !== undefined; at = at.before) {
    if (at.holders.has(node)) return;
    at.holders.add(node);
  }
}
