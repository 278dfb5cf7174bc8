import { randomUUID } from "node:crypto";
import type { Position, ZoneRecord } from "../../protocol/commit.ts";
import { toCanonicalJson } from "../../protocol/json.ts";
import { type ChainHash, type LogPosition, toEntryText } from "../../protocol/log-chain.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { SnapshotText, type TextChunk } from "./snapshot-text.ts";

/** Small enough that hashing and encoding one is a short moment of the event loop. */
const CHUNK_BYTES = 128 * 1024;
/** A few tenths of a millisecond each. */
const ENTRIES_PER_READ = 50;
const RECORDS_PER_READ = 25;

/** Where a listing of records goes on; undefined at its beginning. */
export type RecordCursor = Pick<ZoneRecord, "kind" | "key"> | undefined;

/** What a snapshot is read from. */
export interface SnapshotDeps {
  readonly hash: ChainHash;
  readonly zones: Pick<ZoneQueries, "iterateLog">;
  /** Records as of now, after a cursor, by kind and key. */
  readonly listRecords: (
    zoneId: string,
    after: RecordCursor,
    limit: number,
  ) => readonly ZoneRecord[];
}

/** What a snapshot is of. */
export interface SnapshotOf {
  readonly zoneId: string;
  readonly epoch: number;
  /** n₀. */
  readonly position: Position;
  /** Where the log ends at n₀. */
  readonly logEnd: LogPosition;
  readonly logAfter: LogPosition;
}

/**
 * Reads a snapshot as it goes: the log up to n₀, then all records as they are when their turn comes.
 * Nothing is held but a chunk, and no transaction is open meanwhile; `docs/protocol.md` §9.6.
 */
export class SnapshotSource {
  readonly of: SnapshotOf;
  readonly id: string;
  private readonly deps: SnapshotDeps;
  private readonly text: SnapshotText;
  private seq: number;
  private cursor: RecordCursor;
  private isRead = false;

  constructor(deps: SnapshotDeps, of: SnapshotOf) {
    this.deps = deps;
    this.of = of;
    this.id = `snp_${randomUUID()}`;
    this.seq = of.logAfter.seq;
    this.text = new SnapshotText(deps.hash, this.start, CHUNK_BYTES);
  }

  /** What its hashes begin with. */
  get start() {
    const { zoneId, epoch, position, logAfter } = this.of;
    const { seq, hash } = logAfter;
    return {
      zone_id: zoneId,
      epoch,
      snapshot: this.id,
      position,
      log_after: { seq, hash },
    };
  }

  /** How many chunks it had, and the hash after the last one. */
  get end(): { readonly chunks: number; readonly hash: string } {
    return this.text.end;
  }

  /**
   * Reads on towards the next chunk, at least a little.
   * @param isLate tells whether the moment that this may take is over
   * @returns undefined after the last one; `more` where it is not whole yet; `gone` where the log was pruned
   *   meanwhile
   */
  next(isLate: () => boolean): TextChunk | "more" | "gone" | undefined {
    while (!this.text.isFull && !this.isRead) {
      if (this.seq >= this.of.logEnd.seq) this.readRecords();
      else if (!this.readEntries()) return "gone";
      if (isLate()) return "more";
    }
    return this.text.take();
  }

  private readEntries(): boolean {
    const { zoneId, logEnd } = this.of;
    const limit = Math.min(ENTRIES_PER_READ, logEnd.seq - this.seq);
    const before = this.seq;
    for (const row of this.deps.zones.iterateLog(zoneId, this.seq, limit)) {
      if (row.seq !== this.seq + 1) return false;
      this.text.add(`{"entry":${toEntryText(row)},"hash":"${row.hash}"}\n`);
      this.seq = row.seq;
      if (this.text.isFull) break;
    }
    return this.seq > before;
  }

  private readRecords(): void {
    const records = this.deps.listRecords(this.of.zoneId, this.cursor, RECORDS_PER_READ);
    for (const record of records) this.text.add(`{"record":${toCanonicalJson(record)}}\n`);
    this.cursor = records.at(-1) ?? this.cursor;
    this.isRead = records.length < RECORDS_PER_READ;
  }
}
