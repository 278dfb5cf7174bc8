import { toHex } from "./hex.ts";
import { type JsonObject, toCanonicalJson } from "./json.ts";
import type { ChainHash, LogEntry } from "./log-chain.ts";

/** What of a zone its log does not hold; `docs/protocol.md` §9.4. */
export interface ZoneRecord {
  readonly kind: ZoneRecordKind;
  readonly key: readonly string[];
  /** The whole of it, absent columns left out; null where it is gone. */
  readonly value: JsonObject | null;
}

/** The kinds of records, in the order in which snapshots have them; `docs/protocol.md` §9.4. */
export const ZONE_RECORD_KINDS = ["ban", "invite", "member", "provider", "request"] as const;
export type ZoneRecordKind = (typeof ZONE_RECORD_KINDS)[number];

/** One operation's changes of a zone; `docs/protocol.md` §9.4. */
export interface Commit {
  readonly epoch: number;
  /** Counts up from 1 without gaps, over epochs too. */
  readonly n: number;
  /** The end of the zone's log after it. */
  readonly seq: number;
  /** The log's hash at `seq`. */
  readonly hash: string;
  /** 16 random bytes, hex. */
  readonly salt: string;
  readonly entries: readonly LogEntry[];
  readonly records: readonly ZoneRecord[];
}

/** How far a steward's copy is; `docs/protocol.md` §9.1. */
export interface Position {
  /** Of the last commit. */
  readonly epoch: number;
  /** Its number; 0 before the first one. */
  readonly n: number;
  /** After it, hex. */
  readonly digest: string;
}

const encoder = new TextEncoder();

/** The digest before a zone's first commit; `docs/protocol.md` §9.4. */
export function toZeroDigest(hash: ChainHash, zoneId: string, envelopeHash: string): string {
  const tag = toHex(encoder.encode(`atlas-zone-state-v1\0${zoneId}`));
  return hash(tag + envelopeHash, "");
}

/** The digest after a commit, from the one before it; `docs/protocol.md` §9.4. */
export function toDigest(hash: ChainHash, before: string, commit: Omit<Commit, "entries">): string {
  return toDigestOfText(hash, before, commit, toCanonicalJson(commit.records));
}

/**
 * `toDigest` where the records' canonical JSON is at hand: a list's, brackets included.
 */
export function toDigestOfText(
  hash: ChainHash,
  before: string,
  commit: Omit<Commit, "entries" | "records">,
  records: string,
): string {
  // Keys in canonical order; none of the texts holds a character that JSON escapes.
  return hash(
    before,
    `{"epoch":${commit.epoch},"hash":"${commit.hash}","n":${commit.n},"records":${records},` +
      `"salt":"${commit.salt}","seq":${commit.seq}}`,
  );
}

/** Below 0 where `a` is less advanced than `b`, above 0 where more: higher epoch, then higher n; §9.1. */
export function comparePositions(
  a: Pick<Position, "epoch" | "n">,
  b: Pick<Position, "epoch" | "n">,
): number {
  return a.epoch - b.epoch || a.n - b.n;
}
