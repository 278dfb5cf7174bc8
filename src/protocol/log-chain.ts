import type { JsonObject } from "./json.ts";

/**
 * Hashes bytes in hex, if some are given, followed by a text's UTF-8: SHA-256, lower-case hex. The steward brings Node's, which is faster than one that runs everywhere.
 */
export type ChainHash = (before: string | undefined, text: string) => string;

/** An entry of a zone's log; `docs/protocol.md` §6. */
export interface ChainEntry {
  readonly zoneId: string;
  readonly seq: number;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly kind: string;
  readonly nodeId: string;
  /** Canonical JSON. */
  readonly data: string;
}

/** An entry of a zone's log as the wire carries it; `docs/protocol.md` §6. */
export interface LogEntry {
  readonly zone_id: string;
  readonly seq: number;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly kind: "message" | "event";
  readonly node_id: string;
  readonly data: JsonObject;
}

/** A position of a zone's log and the hash that everything up to it leads to; `docs/protocol.md` §6. */
export interface LogPosition {
  readonly seq: number;
  readonly hash: string;
}

/** Where a chain begins; the hash is undefined where nothing known says it. */
export interface ChainStart {
  readonly seq: number;
  readonly hash: string | undefined;
}

/** An entry and the hash it is said to have. */
export interface LinkedEntry {
  readonly entry: ChainEntry;
  readonly hash: string;
}

/** What is wrong with a chain, and at which entry. */
export interface ChainFault {
  readonly fault: "OTHER_ZONE" | "GAP" | "HASH";
  readonly seq: number;
  /** The position before it. */
  readonly afterSeq: number;
}

/** The hash before a zone's first entry: `sha256("atlas-zone-log-v1" ‖ zone_id)`; `docs/protocol.md` §6. */
export function toGenesisHash(hash: ChainHash, zoneId: string): string {
  return hash(undefined, `atlas-zone-log-v1${zoneId}`);
}

/** `sha256(prev_hash ‖ JCS(entry))`, hex; `docs/protocol.md` §6. */
export function toEntryHash(hash: ChainHash, before: string, entry: ChainEntry): string {
  return hash(before, toEntryText(entry));
}

/** The canonical JSON of an entry; `docs/protocol.md` §6. */
export function toEntryText(entry: ChainEntry): string {
  // Keys in canonical order. What a peer named is escaped, or two entries could have one text.
  return (
    `{"data":${entry.data},"kind":${JSON.stringify(entry.kind)},"node_id":${JSON.stringify(entry.nodeId)},` +
    `"seq":${entry.seq},"timestamp":${entry.timestamp},"zone_id":${JSON.stringify(entry.zoneId)}}`
  );
}

/** Where the chain of a page begins: at its checkpoint, at a position known before, or at the log's beginning. */
export function findStart(
  hash: ChainHash,
  asked: {
    readonly zoneId: string;
    readonly afterSeq: number;
    readonly known?: LogPosition | undefined;
    readonly checkpoint?: LogPosition | undefined;
  },
): ChainStart {
  const { zoneId, afterSeq, known, checkpoint } = asked;
  if (checkpoint !== undefined && checkpoint.seq > afterSeq) return checkpoint;
  if (known?.seq === afterSeq) return known;
  if (afterSeq > 0) return { seq: afterSeq, hash: undefined };
  return { seq: 0, hash: toGenesisHash(hash, zoneId) };
}

/**
 * Follows entries from where they begin: each of the zone, the next position, and with the hash that
 * it and what is before it have. The first hash is taken as told where the beginning's is not known.
 * @returns the last position, undefined where there is none, or what is wrong
 */
export function followChain(
  hash: ChainHash,
  zoneId: string,
  start: ChainStart,
  entries: Iterable<LinkedEntry>,
): { readonly last: LogPosition | undefined } | ChainFault {
  let last: LogPosition | undefined;
  let before = start;
  for (const { entry, hash: told } of entries) {
    const { seq } = entry;
    const at = { seq, afterSeq: before.seq };
    if (entry.zoneId !== zoneId) return { fault: "OTHER_ZONE", ...at };
    if (seq !== before.seq + 1) return { fault: "GAP", ...at };
    if (before.hash !== undefined && toEntryHash(hash, before.hash, entry) !== told) {
      return { fault: "HASH", ...at };
    }
    last = { seq, hash: told };
    before = last;
  }
  return { last };
}
