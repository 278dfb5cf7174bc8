import { createHash, randomFillSync } from "node:crypto";
import {
  type Position,
  toDigestOfText,
  toZeroDigest,
  type ZoneRecord,
} from "../../protocol/commit.ts";
import { toCanonicalJson } from "../../protocol/json.ts";
import type { ChainHash } from "../../protocol/log-chain.ts";
import type { Store, Write } from "../../store/database.ts";
import { prepareCapture, type TouchedRecord } from "../../store/replication/capture.ts";
import { type MadeCommit, prepareCommitQueries } from "../../store/replication/commits.ts";
import { preparePlainRows, prepareRequestRows } from "../../store/replication/record-rows.ts";
import {
  type CommittedRow,
  prepareReplicatedZoneQueries,
} from "../../store/replication/replicated-zones.ts";
import { type LogRow, toLogBytes } from "../../store/zones/log.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { AppendedCommit, CommitListener } from "./commit-fields.ts";
import { isMoney, type ReadDeps, readRecord } from "./read.ts";

/** What a commit counts as beside its texts. */
const COMMIT_OVERHEAD_BYTES = 400;
const SALT_BYTES = 16;
const SALTS_AT_ONCE = 2_048;

/** Which kind of changes an operation made; `docs/protocol.md` §9.1. */
export interface CommitClass {
  readonly money: boolean;
}

/** Throws the StewardError that refuses an operation which changed a zone. */
export type CommitGuard = (zoneId: string, kinds: CommitClass) => void;

export interface CommitLogDeps {
  readonly store: Store;
  readonly queries: ZoneQueries;
  readonly ownNodeId: string;
  /** Unix seconds. */
  readonly now: () => number;
  /** Commits are kept for so long, or up to so many bytes of a zone, whichever is less; §9.12. */
  readonly kept: { readonly secs: number; readonly bytes: number };
}

/** Where a zone's copy begins. */
export interface CopyStart {
  readonly zoneId: string;
  /** Of the envelope with which the zone became replicated. */
  readonly envelopeHash: string;
  /** Whether it is complete: of a steward that hosted the zone, or of a new zone. */
  readonly complete: boolean;
  /** The newest epoch that its log tells of; 0 of a new zone's, or without a copy. */
  readonly epoch: number;
  /** The log's end; seq 0 and the genesis hash where it is empty. */
  readonly seq: number;
  readonly hash: string;
}

/** Hashes as the chains of `src/protocol` ask for it. */
export const sha256Chain: ChainHash = (before, text) => {
  const sha256 = createHash("sha256");
  if (before !== undefined) sha256.update(before, "hex");
  return sha256.update(text).digest("hex");
};

/**
 * Makes one commit of what an operation changes in a replicated zone, at its end and as a part of it;
 * `docs/protocol.md` §9.4. What may not be committed is taken back with the whole operation. While no
 * zone is replicated nothing is installed, and nothing costs.
 */
export class CommitLog {
  readonly zones: ReturnType<typeof prepareReplicatedZoneQueries>;
  readonly commits: ReturnType<typeof prepareCommitQueries>;
  readonly reading: ReadDeps;
  private readonly deps: CommitLogDeps;
  private readonly capture: ReturnType<typeof prepareCapture>;
  private readonly listeners: CommitListener[] = [];
  private guard: CommitGuard = () => {};
  private isHooked = false;
  private uncapturedDepth = 0;
  private salts = Buffer.alloc(0);
  /** What the operation under way logged, in order, as far as no commit has it. */
  private logged: LogRow[] = [];

  constructor(deps: CommitLogDeps) {
    this.deps = deps;
    const { store, ownNodeId } = deps;
    this.zones = prepareReplicatedZoneQueries(store);
    this.commits = prepareCommitQueries(store);
    this.capture = prepareCapture(store);
    this.reading = {
      plain: preparePlainRows(store),
      requests: prepareRequestRows(store),
      ownNodeId,
    };
    if (this.zones.listReplicated().length > 0) store.write((write) => this.install(write));
  }

  /** How far a zone's complete copy is; undefined without one, and before a new zone's first commit. */
  position(zoneId: string): Position | undefined {
    const row = this.zones.findReplicated(zoneId);
    if (row === undefined || !row.complete || (row.epoch === 0 && row.n === 0)) return undefined;
    return { epoch: row.epoch, n: row.n, digest: row.digest };
  }

  /** Has something hear of each commit made here, inside its operation. */
  onCommit(listener: CommitListener): void {
    this.listeners.push(listener);
  }

  /** Says who may commit: it throws what refuses the operation. */
  setGuard(guard: CommitGuard): void {
    this.guard = guard;
  }

  /**
   * Begins a zone's commits: from here on what changes it is committed, at n 1 first. A log that
   * already has entries which are not told of in `start` gets them committed by this operation.
   */
  register(write: Write, start: CopyStart): void {
    const { zoneId, envelopeHash, complete, epoch, seq, hash } = start;
    const digest = toZeroDigest(sha256Chain, zoneId, envelopeHash);
    this.zones.putReplicated(write, {
      ...{ zoneId, epoch, n: 0, digest, seq, hash, complete, released: 0 },
      ...{ lost: false, halted: null, standing: "{}", head: null, updatedAt: this.deps.now() },
    });
    this.commits.deleteCommits(write, zoneId);
    this.install(write);
    const zone = this.deps.queries.findZone(zoneId);
    if (complete && zone !== undefined && zone.headSeq > seq) {
      this.capture.note(write, zoneId, "entry");
    }
  }

  /** Ends a zone's commits: it is an ordinary zone from here on. */
  unregister(write: Write, zoneId: string): void {
    this.zones.deleteReplicated(write, zoneId);
    this.commits.deleteCommits(write, zoneId);
  }

  /** Runs what applies another steward's changes: nothing of it is captured. */
  applying<T>(write: Write, fn: () => T): T {
    const place = this.capture.place();
    this.uncapturedDepth++;
    try {
      const result = fn();
      this.capture.clearTouched(write, place);
      return result;
    } finally {
      this.uncapturedDepth--;
    }
  }

  /**
   * Forgets some of the commits that need not be kept any more; tells whether more may be left.
   * @param findPinned after which commit of a zone all are needed; undefined where none is
   */
  pruneCommits(write: Write, findPinned: (zoneId: string) => number | undefined): boolean {
    const { now, kept: keptFor } = this.deps;
    const kept = { since: now() - keptFor.secs, bytes: keptFor.bytes };
    let hasMore = false;
    for (const { zoneId, n } of this.zones.listReplicated()) {
      const upTo = Math.min(n, findPinned(zoneId) ?? n);
      if (this.commits.pruneCommits(write, zoneId, upTo, kept)) hasMore = true;
    }
    return hasMore;
  }

  /**
   * Runs what logs the envelopes of an epoch: the operation makes its first commit, for which the zone's
   * guard is not asked; `docs/protocol.md` §9.4 and §9.8.
   */
  firstCommit(write: Write, zoneId: string, logEvents: () => void): void {
    // A note is taken back with what it stands for, and a field would not be.
    this.capture.note(write, zoneId, "first");
    logEvents();
  }

  /**
   * Keeps commits of another steward, in their order, and moves the copy to the last; their entries and
   * records are applied by the caller, in the same write.
   * @param head JSON text of the one that they end at, where it is to be kept
   */
  append(
    write: Write,
    zoneId: string,
    commits: readonly AppendedCommit[],
    head: string | null,
  ): void {
    const last = commits.at(-1);
    if (last === undefined) return;
    if (this.zones.findReplicated(zoneId) === undefined) {
      throw new Error(`${zoneId} is not replicated here.`);
    }
    for (const { commit, entries, records, digest } of commits) {
      const kept = { ...commit, digest, records, head: commit === last.commit ? head : null };
      this.keep(write, zoneId, { ...kept, bytes: sumBytes(entries) });
    }
    this.advance(write, zoneId, { ...last.commit, digest: last.digest, head });
  }

  private install(write: Write): void {
    this.capture.install(write);
    if (this.isHooked) return;
    this.isHooked = true;
    this.deps.queries.hearEntries((row) => this.logged.push(row));
    this.deps.store.onUndone(() => {
      this.logged = [];
    });
    this.deps.store.onOperation({
      place: () => this.capture.place(),
      end: (write, place) => this.end(write, place),
      drop: (write, place) => this.capture.clearTouched(write, place),
    });
  }

  private end(write: Write, place: number): void {
    // What is an operation by itself inside of it makes no commit either.
    if (this.uncapturedDepth > 0) return;
    const touched = this.capture.takeTouched(write, place);
    if (touched.length > 0) this.commitAll(write, touched);
    if (place === 0) this.logged = [];
  }

  private commitAll(write: Write, touched: readonly TouchedRecord[]): void {
    const zones = new Map<string, TouchedRecord[]>();
    for (const one of touched) {
      const ofZone = zones.get(one.zoneId);
      if (ofZone === undefined) zones.set(one.zoneId, [one]);
      else ofZone.push(one);
    }
    for (const [zoneId, ofZone] of zones) this.commit(write, zoneId, ofZone);
  }

  private commit(write: Write, zoneId: string, touched: readonly TouchedRecord[]): void {
    const row = this.zones.findReplicated(zoneId);
    const zone = this.deps.queries.findZone(zoneId);
    if (row === undefined || zone === undefined) return;
    const records = touched.flatMap((one) => this.read(one)).sort(compareRecords);
    const isFirst = touched.some(({ kind }) => kind === "first");
    if (!isFirst) this.guard(zoneId, { money: records.some(isMoney) });
    const text = records.length === 0 ? "[]" : toCanonicalJson(records);
    const { epoch, headSeq: seq, headHash: hash } = zone;
    const commit = { epoch, n: row.n + 1, seq, hash, salt: this.createSalt() };
    const digest = toDigestOfText(sha256Chain, row.digest, commit, text);
    const entries = this.takeLogged(zoneId, row.seq, seq);
    const bytes =
      entries === undefined
        ? this.deps.queries.sumLogBytesOf(zoneId, row.seq, seq)
        : sumBytes(entries);
    const made = { ...commit, digest, records: text, head: null };
    this.keep(write, zoneId, { ...made, bytes });
    this.advance(write, zoneId, made);
    for (const listener of this.listeners) listener(write, zoneId, made, entries);
  }

  /** The entries of a zone from one seq to another, where this operation logged them all. */
  private takeLogged(zoneId: string, after: number, upTo: number): readonly LogRow[] | undefined {
    const entries = this.logged.filter((row) => row.zoneId === zoneId && row.seq > after);
    this.logged = this.logged.filter((row) => row.zoneId !== zoneId);
    const isWhole = entries.length === upTo - after && entries.every(isNextAfter(after));
    return isWhole ? entries : undefined;
  }

  private read({ zoneId, kind, first, second }: TouchedRecord): ZoneRecord | [] {
    if (kind === "entry" || kind === "first") return [];
    return readRecord(this.reading, zoneId, kind as ZoneRecord["kind"], [first, second]);
  }

  /** @param commit `bytes` is what its entries count as */
  private keep(
    write: Write,
    zoneId: string,
    commit: MadeCommit & { readonly bytes: number },
  ): void {
    const { epoch, n, seq, hash, salt, digest, records, head, bytes } = commit;
    this.commits.insertCommit(write, {
      ...{ zoneId, n, epoch, seq, hash, salt, digest, records, head },
      bytes: bytes + Buffer.byteLength(records) + COMMIT_OVERHEAD_BYTES,
      createdAt: this.deps.now(),
    });
  }

  private advance(
    write: Write,
    zoneId: string,
    to: Omit<CommittedRow, "zoneId" | "updatedAt">,
  ): void {
    const { epoch, n, digest, seq, hash, head } = to;
    const updatedAt = this.deps.now();
    this.zones.advanceReplicated(write, { zoneId, epoch, n, digest, seq, hash, head, updatedAt });
  }

  private createSalt(): string {
    if (this.salts.length === 0) {
      this.salts = randomFillSync(Buffer.alloc(SALT_BYTES * SALTS_AT_ONCE));
    }
    const salt = this.salts.toString("hex", 0, SALT_BYTES);
    this.salts = this.salts.subarray(SALT_BYTES);
    return salt;
  }
}

/** By kind, then by the canonical JSON of the key; `docs/protocol.md` §9.6. */
function compareRecords(a: ZoneRecord, b: ZoneRecord): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  const [left, right] = [toCanonicalJson(a.key as string[]), toCanonicalJson(b.key as string[])];
  return left < right ? -1 : left > right ? 1 : 0;
}

function sumBytes(entries: readonly { readonly data: string }[]): number {
  return entries.reduce((sum, { data }) => sum + toLogBytes(data), 0);
}

function isNextAfter(seq: number): (row: LogRow, index: number) => boolean {
  return (row, index) => row.seq === seq + 1 + index;
}
