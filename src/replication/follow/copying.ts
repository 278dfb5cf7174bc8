import type { Position, ZoneRecord } from "../../protocol/commit.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";
import type { Write } from "../../store/database.ts";
import type { prepareChunkQueries } from "../../store/replication/chunks.ts";
import { applyCommits } from "./apply.ts";
import { applyLines, beginFirstCopy } from "./first-copy.ts";
import {
  type ArrivedEntries,
  type CommitChecks,
  type EntriesVerdict,
  type FollowedPlace,
  judgeEntries,
} from "./judge-entries.ts";
import { type LaterCopyDeps, type Redone, replaceCopy } from "./later-copy.ts";
import type { ReadLines, SnapshotChunk, SnapshotReader } from "./snapshot-reader.ts";

type Applicable = Extract<EntriesVerdict, { verdict: "apply" }>;

export interface CopyingDeps extends LaterCopyDeps, CommitChecks {
  readonly chunks: ReturnType<typeof prepareChunkQueries>;
  /** Throws where a record fits no table, whatever those hold. */
  readonly assertRecord: (zoneId: string, record: ZoneRecord) => void;
}

/** Where a copy is led to. */
export interface CopyPlace {
  readonly position: Position;
  readonly log: LogPosition;
}

/**
 * A copy under way. A first one is built in place; a later one is put aside as it came and replaces the former
 * one once it is complete; `docs/protocol.md` §9.6.
 */
export class Copying {
  readonly reader: SnapshotReader;
  /** Whether it is built in place. */
  readonly isFirst: boolean;
  private readonly deps: CopyingDeps;
  private readonly of: Pick<FollowedPlace, "zoneId" | "epoch" | "maySign">;
  private readonly startPlace: CopyPlace;
  private at: CopyPlace;
  /** n₁, once the snapshot's end has come. */
  private upTo: number | undefined;
  /** Messages of commits that were put aside. */
  private staged = 0;

  constructor(
    deps: CopyingDeps,
    of: Pick<FollowedPlace, "zoneId" | "epoch" | "maySign">,
    reader: SnapshotReader,
    isFirst: boolean,
  ) {
    const { position, head } = reader.begin;
    this.deps = deps;
    this.of = of;
    this.reader = reader;
    this.isFirst = isFirst;
    this.startPlace = { position, log: { seq: head.seq, hash: head.hash } };
    this.at = this.startPlace;
  }

  /** Where it is led to by what has come. */
  get place(): CopyPlace {
    return this.at;
  }

  /** Whether the snapshot's end has come, after which commits do. */
  get isEnded(): boolean {
    return this.upTo !== undefined;
  }

  /** Whether it stands at n₁ or later. */
  get isWhole(): boolean {
    return this.upTo !== undefined && this.at.position.n >= this.upTo;
  }

  /** Makes room for it. */
  begin(write: Write): void {
    if (this.isFirst) beginFirstCopy(write, this.deps, this.of.zoneId, this.reader.begin);
  }

  /**
   * Takes a chunk that was read.
   * @throws Error where a record does not fit the tables
   */
  takeChunk(write: Write, chunk: SnapshotChunk, lines: ReadLines): void {
    const { zoneId } = this.of;
    if (this.isFirst) return applyLines(write, this.deps, zoneId, lines);
    for (const record of lines.records) this.deps.assertRecord(zoneId, record);
    this.stage(write, chunk.index, chunk.text);
  }

  /** Takes the snapshot's end. @param upTo n₁ */
  end(upTo: number): void {
    this.upTo = upTo;
  }

  /**
   * Takes commits after n₀ that were judged from its place.
   * @throws Error where a record does not fit the tables
   */
  takeCommits(write: Write, judged: Applicable, arrived: ArrivedEntries): void {
    if (this.isFirst) applyCommits(write, this.deps, this.of.zoneId, judged);
    else this.stage(write, this.reader.chunks + this.staged++, JSON.stringify(arrived));
    this.at = { position: judged.position, log: judged.log };
  }

  /**
   * Makes it the zone's copy.
   * @throws QuarantineFull; Error where a record does not fit the tables
   */
  complete(write: Write): void {
    const { deps, of, reader } = this;
    const { zoneId, epoch } = of;
    if (this.isFirst) deps.replicated.setComplete(write, zoneId, true);
    else {
      const { begin } = reader;
      replaceCopy(write, deps, {
        zoneId,
        epoch,
        begin,
        lines: this.readLines(),
        commits: this.readCommits(),
      });
    }
  }

  private stage(write: Write, index: number, text: string): void {
    const { zoneId } = this.of;
    const { snapshot } = this.reader.begin;
    this.deps.chunks.putChunk(write, { zoneId, snapshot, index, text, now: this.deps.now() });
  }

  private *readLines(): Iterable<ReadLines> {
    const reader = this.reader.restart();
    for (let index = 0; index < this.reader.chunks; index++) {
      const lines = reader.read(this.findStaged(index));
      if (typeof lines === "string") throw new Error(`A chunk that was put aside is ${lines}.`);
      yield lines;
    }
  }

  private *readCommits(): Iterable<Redone> {
    let at = this.startPlace;
    for (let index = 0; index < this.staged; index++) {
      const arrived = JSON.parse(this.findStaged(this.reader.chunks + index)) as ArrivedEntries;
      // Its signatures were checked when it came.
      const judged = judgeEntries(
        { ...this.deps, verify: () => true },
        { ...this.of, ...at, digestAt: () => undefined },
        arrived,
      );
      if (judged.verdict !== "apply") throw new Error("Commits that were put aside do not follow.");
      at = { position: judged.position, log: judged.log };
      yield judged;
    }
  }

  private findStaged(index: number): string {
    const { snapshot } = this.reader.begin;
    const text = this.deps.chunks.findChunk(this.of.zoneId, snapshot, index);
    if (text === undefined) throw new Error("A chunk that was put aside is gone.");
    return text;
  }
}
