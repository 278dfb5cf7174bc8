import type { Position, ZoneRecord } from "./commit.ts";
import { toCanonicalJson } from "./json.ts";
import type { ChainHash, LogEntry, LogPosition } from "./log-chain.ts";
import { toSignedJson } from "./signed-content.ts";

/** The most UTF-8 of one chunk; `docs/protocol.md` §9.6. */
export const CHUNK_BYTES_MAX = 1_048_576;

/** What a snapshot's hashes begin with; `docs/protocol.md` §9.6. */
export interface SnapshotStart {
  readonly zone_id: string;
  readonly epoch: number;
  /** Its id. */
  readonly snapshot: string;
  /** Of the commit n₀ that it is taken at. */
  readonly position: Position;
  /** Its first line is the entry after this one. */
  readonly log_after: LogPosition;
}

/** What the responder signs at a snapshot's end; `docs/protocol.md` §9.6. */
export interface SnapshotEnd {
  readonly zone_id: string;
  readonly epoch: number;
  readonly snapshot: string;
  readonly chunks: number;
  /** After the last chunk. */
  readonly hash: string;
  /** n₁: no record is as of a later commit. */
  readonly upto: number;
}

/** A line of a snapshot: entries first, then records by kind and key; `docs/protocol.md` §9.6. */
export type SnapshotLine =
  | { readonly entry: LogEntry; readonly hash: string }
  | { readonly record: ZoneRecord };

/** The hash before the first chunk; `docs/protocol.md` §9.6. */
export function toSnapshotStartHash(hash: ChainHash, start: SnapshotStart): string {
  const { zone_id, epoch, snapshot, position, log_after } = start;
  const content = toCanonicalJson({ zone_id, epoch, snapshot, position, log_after });
  return hash(undefined, `atlas-snapshot-v1\0${content}`);
}

/** The hash after a chunk, from the one before it; `docs/protocol.md` §9.6. */
export function toChunkHash(hash: ChainHash, before: string, text: string): string {
  return hash(before + hash(undefined, text), "");
}

/** The bytes that the responder signs at a snapshot's end; `docs/protocol.md` §9.6. */
export function toSnapshotEndContent(end: SnapshotEnd): Uint8Array {
  const { zone_id, epoch, snapshot, chunks, hash, upto } = end;
  return toSignedJson("atlas-snapshot-v1", { zone_id, epoch, snapshot, chunks, hash, upto });
}

/** A line's text, newline included; `docs/protocol.md` §9.6. */
export function toSnapshotText(line: SnapshotLine): string {
  return `${toCanonicalJson(line)}\n`;
}
