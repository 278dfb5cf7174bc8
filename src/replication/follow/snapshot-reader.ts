import type { Position, ZoneRecord } from "../../protocol/commit.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import {
  type SnapshotEnd,
  type SnapshotLine,
  toChunkHash,
  toSnapshotEndContent,
  toSnapshotStartHash,
} from "../../protocol/snapshot.ts";
import { isSignedBy } from "./check-head.ts";
import {
  type CheckedEntry,
  type CommitChecks,
  type FollowedPlace,
  findHeadFault,
  toCheckedEntry,
} from "./judge-entries.ts";
import { isTrueEntry, isTrueRecord, type WordFault } from "./member-word.ts";

/** A snapshot's beginning as it arrives; `docs/protocol.md` §9.6. */
export interface SnapshotBegin {
  readonly epoch: number;
  readonly snapshot: string;
  readonly position: Position;
  readonly log_after: LogPosition;
  readonly head: PrimaryHead;
  /** Of the responder's log, where `log_after` is that one's. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Where a pruned log begins, signed; `docs/protocol.md` §6. */
export interface Checkpoint extends LogPosition {
  readonly zone_id: string;
  readonly signed_at: number;
  readonly steward: string;
  readonly public_key: string;
  readonly signature: string;
}

/** A chunk as it arrives; `docs/protocol.md` §9.6. */
export interface SnapshotChunk {
  readonly snapshot: string;
  readonly index: number;
  readonly text: string;
  readonly hash: string;
}

/** What is wrong with a snapshot; kept with the evidence. */
export type SnapshotFault =
  | WordFault
  | "HEAD_DIFFERS"
  | "HEAD_SIGNER"
  | "HEAD_SIGNATURE"
  | "LOG_AFTER"
  | "CHUNK_ORDER"
  | "CHUNK_HASH"
  | "LINE"
  | "LOG_HASH"
  | "LOG_END"
  | "END_DIFFERS"
  | "END_SIGNATURE";

/** What a snapshot's lines become, checked as far as it has been read. */
export interface ReadLines {
  readonly entries: readonly CheckedEntry[];
  readonly records: readonly ZoneRecord[];
}

/** What a fault of a chunk is seen by, beside the chunk. */
export interface ChunkFacts {
  /** The chunks' hash before it. */
  readonly before: string;
  /** The log's end before the line, where it does not fit on that. */
  readonly log?: LogPosition;
  /** The line that is wrong; absent where it is the chunk. */
  readonly line?: SnapshotLine;
}

/** A record holds what an envelope may carry several times over, and JSON's escapes make it longer. */
const LINE_CHARS_MAX = 128 * 1024 * 1024;

interface SnapshotReaderDeps extends CommitChecks {
  /** Parses a line's value by its schema; undefined where it does not fit. */
  readonly toLine: (value: unknown) => SnapshotLine | undefined;
}

/**
 * Reads one snapshot as its chunks arrive: recomputes the chunks' hashes and the log's, and keeps no
 * more than an unfinished line; `docs/protocol.md` §9.6.
 */
export class SnapshotReader {
  readonly begin: SnapshotBegin;
  private readonly deps: SnapshotReaderDeps;
  private readonly zoneId: string;
  private hash: string;
  /** The hash before the newest chunk. */
  private before: string;
  private wrong: Omit<ChunkFacts, "before"> = {};
  private nextIndex = 0;
  private rest = "";
  private log: LogPosition;

  private constructor(deps: SnapshotReaderDeps, zoneId: string, begin: SnapshotBegin) {
    this.deps = deps;
    this.zoneId = zoneId;
    this.begin = begin;
    this.log = begin.log_after;
    const { epoch, snapshot, position, log_after } = begin;
    const start = { zone_id: zoneId, epoch, snapshot, position, log_after };
    this.hash = toSnapshotStartHash(deps.hash, start);
    this.before = this.hash;
  }

  /**
   * Begins a snapshot whose head verifies and whose log begins where the follower named, or from the
   * responder's own beginning.
   */
  static create(
    deps: SnapshotReaderDeps,
    place: Pick<FollowedPlace, "zoneId" | "epoch" | "maySign">,
    begin: SnapshotBegin,
  ): SnapshotReader | SnapshotFault {
    const { position, head, log_after: after } = begin;
    const log = { seq: head.seq, hash: head.hash };
    const fault = findHeadFault(deps.verify, place, { position, log }, head);
    if (fault !== undefined) return fault;
    if (after.seq > head.seq) return "LOG_AFTER";
    return new SnapshotReader(deps, place.zoneId, begin);
  }

  /** The same snapshot from its beginning. */
  restart(): SnapshotReader {
    return new SnapshotReader(this.deps, this.zoneId, this.begin);
  }

  /** How many chunks were read. */
  get chunks(): number {
    return this.nextIndex;
  }

  /** Reads the next chunk; returns what its whole lines hold. */
  add(chunk: SnapshotChunk): ReadLines | SnapshotFault {
    if (chunk.index !== this.nextIndex) return "CHUNK_ORDER";
    const hash = toChunkHash(this.deps.hash, this.hash, chunk.text);
    this.before = this.hash;
    if (hash !== chunk.hash) return "CHUNK_HASH";
    this.hash = hash;
    this.nextIndex++;
    const lines = this.read(chunk.text);
    return typeof lines === "string" ? lines : (this.findFalseLine(lines) ?? lines);
  }

  /** What the fault of the newest chunk is seen by. */
  get chunkFacts(): ChunkFacts {
    return { before: this.before, ...this.wrong };
  }

  /** Reads a chunk's text that was added before. */
  read(text: string): ReadLines | SnapshotFault {
    const end = text.lastIndexOf("\n");
    const whole = end < 0 ? "" : this.rest + text.slice(0, end);
    this.rest = end < 0 ? this.rest + text : text.slice(end + 1);
    if (this.rest.length > LINE_CHARS_MAX) return "LINE";
    return end < 0 ? { entries: [], records: [] } : this.readLines(whole.split("\n"));
  }

  /** Tells what is wrong with the end that a steward signed; undefined where nothing is. */
  findEndFault(
    steward: string,
    end: SnapshotEnd & { readonly public_key: string; readonly signature: string },
  ): SnapshotFault | undefined {
    const { epoch, snapshot, position, head } = this.begin;
    const content = { ...end, zone_id: this.zoneId, epoch, snapshot };
    if (!isSignedBy(this.deps.verify, steward, toSnapshotEndContent(content), end)) {
      return "END_SIGNATURE";
    }
    const isSame = end.chunks === this.nextIndex && end.hash === this.hash && this.rest === "";
    if (!isSame || end.upto < position.n) return "END_DIFFERS";
    return this.log.seq === head.seq && this.log.hash === head.hash ? undefined : "LOG_END";
  }

  /** Finds what a member did not sign so. */
  private findFalseLine({ entries, records }: ReadLines): WordFault | undefined {
    const { verify } = this.deps;
    const checked = entries.find(({ entry }) => !isTrueEntry(verify, entry));
    if (checked !== undefined) {
      this.wrong = { line: { entry: checked.entry, hash: checked.hash } };
      return "PROOF";
    }
    const record = records.find((one) => !isTrueRecord(verify, this.zoneId, one));
    if (record === undefined) return undefined;
    this.wrong = { line: { record } };
    return "SEAL";
  }

  private readLines(lines: readonly string[]): ReadLines | SnapshotFault {
    const entries: CheckedEntry[] = [];
    const records: ZoneRecord[] = [];
    for (const text of lines) {
      const line = this.deps.toLine(parse(text));
      if (line === undefined) return "LINE";
      if ("entry" in line) {
        const entry = this.readEntry(line);
        if (typeof entry === "string") return entry;
        entries.push(entry);
      } else if (line.record.value === null) return "LINE";
      else records.push(line.record);
    }
    return { entries, records };
  }

  private readEntry(
    line: Extract<SnapshotLine, { readonly hash: string }>,
  ): CheckedEntry | SnapshotFault {
    const { entry } = line;
    const checked = toCheckedEntry(this.deps.hash, this.log.hash, entry);
    const isNext = entry.zone_id === this.zoneId && entry.seq === this.log.seq + 1;
    if (!isNext || checked.hash !== line.hash) {
      this.wrong = { log: this.log, line };
      return "LOG_HASH";
    }
    this.log = { seq: entry.seq, hash: checked.hash };
    return checked;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
