import { randomUUID } from "node:crypto";
import type { ZoneRecord } from "../../protocol/commit.ts";
import { toCanonicalJson } from "../../protocol/json.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { Write } from "../../store/database.ts";
import type { QuarantineRow } from "../../store/replication/evidence.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { toLogEntry } from "../../zones/log/log.ts";
import { insertEntries, keepHead } from "./apply.ts";
import type { FirstCopyDeps, RecordCursor } from "./first-copy.ts";
import type { CheckedCommit, CheckedEntry } from "./judge-entries.ts";
import { moveLogStart } from "./log-start.ts";
import type { ReadLines, SnapshotBegin } from "./snapshot-reader.ts";

const RECORDS_PER_READ = 500;
const ENTRIES_PER_READ = 500;

export interface LaterCopyDeps extends FirstCopyDeps {
  readonly zones: FirstCopyDeps["zones"] & Pick<ZoneQueries, "iterateLog">;
  readonly quarantine: {
    insertQuarantine(write: Write, row: Omit<QuarantineRow, "id">): void;
    sumQuarantineBytes(): number;
  };
  readonly quarantineBytesMax: number;
  readonly findRecord: (
    zoneId: string,
    kind: ZoneRecord["kind"],
    key: ZoneRecord["key"],
  ) => ZoneRecord | undefined;
}

/** Commits of one message, and the head that they end at. */
export interface Redone {
  readonly commits: readonly CheckedCommit[];
  readonly head: PrimaryHead;
}

/** What is to replace a complete copy, read again from where it was put. */
export interface NewCopy {
  readonly zoneId: string;
  /** E. */
  readonly epoch: number;
  readonly begin: SnapshotBegin;
  /** Of each chunk. */
  readonly lines: Iterable<ReadLines>;
  /** From n₀ + 1 on. */
  readonly commits: Iterable<Redone>;
}

/** What would be set aside is more than there is room for; `docs/protocol.md` §9.12. */
export class QuarantineFull extends Error {}

/**
 * Puts a new copy in place of a complete one, in one write. What the new one contradicts is set aside: own
 * entries from the first that differs, requests that are missing or differ; `docs/protocol.md` §9.6.
 * @throws QuarantineFull; Error where a record does not fit the tables; the write must be taken back
 */
export function replaceCopy(write: Write, deps: LaterCopyDeps, copy: NewCopy): void {
  deps.commitLog.applying(write, () => new Replacement(write, deps, copy).run());
}

class Replacement {
  private readonly write: Write;
  private readonly deps: LaterCopyDeps;
  private readonly copy: NewCopy;
  private readonly cut = randomUUID();
  private readonly seen = new Set<string>();
  private quarantineBytes: number;
  /** Where the new log has been followed to. */
  private log: LogPosition;
  /** Whether the own log ends there: it was cut where it differed, or was no longer. */
  private isCut = false;

  constructor(write: Write, deps: LaterCopyDeps, copy: NewCopy) {
    this.write = write;
    this.deps = deps;
    this.copy = copy;
    this.log = copy.begin.log_after;
    this.quarantineBytes = deps.quarantine.sumQuarantineBytes();
  }

  run(): void {
    const { write, deps, copy } = this;
    const { zoneId, begin } = copy;
    const row = deps.replicated.findReplicated(zoneId);
    if (row === undefined) throw new Error(`${zoneId} is replicated no longer.`);
    deps.commits.deleteCommits(write, zoneId);
    moveLogStart(write, deps, zoneId, begin);
    for (const { entries, records } of copy.lines) {
      for (const entry of entries) this.takeEntry(entry);
      for (const record of records) this.takeRecord(record);
    }
    const { position, head } = begin;
    const at = { ...position, seq: head.seq, hash: head.hash, head: JSON.stringify(head) };
    // What was released of the former copy says nothing of this one.
    deps.replicated.putReplicated(write, { ...row, ...at, released: 0, updatedAt: deps.now() });
    for (const redone of copy.commits) {
      for (const checked of redone.commits) this.takeCommit(checked);
      keepHead(write, deps, zoneId, redone);
    }
    if (!this.isCut) this.cutLog();
    this.dropUnseen();
  }

  private takeEntry(checked: CheckedEntry): void {
    const { zoneId } = this.copy;
    const { seq } = checked.entry;
    if (!this.isCut && this.deps.zones.findEntryHash(zoneId, seq) !== checked.hash) this.cutLog();
    if (this.isCut) insertEntries(this.write, this.deps, [checked]);
    this.log = { seq, hash: checked.hash };
  }

  /** Sets the own entries aside that come after what the two logs have in common. */
  private cutLog(): void {
    const { zoneId } = this.copy;
    const { zones } = this.deps;
    let { seq } = this.log;
    for (;;) {
      const rows = [...zones.iterateLog(zoneId, seq, ENTRIES_PER_READ)];
      for (const row of rows) {
        this.setAside("entry", JSON.stringify({ entry: toLogEntry(row), hash: row.hash }));
      }
      seq = rows.at(-1)?.seq ?? seq;
      if (rows.length < ENTRIES_PER_READ) break;
    }
    zones.cutLog(this.write, zoneId, this.log);
    this.isCut = true;
  }

  private takeCommit(checked: CheckedCommit): void {
    for (const entry of checked.entries) this.takeEntry(entry);
    for (const record of checked.commit.records) this.takeRecord(record);
    this.deps.commitLog.append(this.write, this.copy.zoneId, [checked], null);
  }

  private takeRecord(record: ZoneRecord): void {
    const { zoneId } = this.copy;
    const id = toId(record);
    if (record.kind === "request" && !this.seen.has(id)) {
      const own = this.deps.findRecord(zoneId, record.kind, record.key);
      const isSame =
        own !== undefined && toCanonicalJson(own.value) === toCanonicalJson(record.value);
      if (own !== undefined && !isSame) this.setAside("record", toCanonicalJson(own));
    }
    this.seen.add(id);
    this.deps.applyRecord(this.write, zoneId, record);
  }

  private dropUnseen(): void {
    const { zoneId } = this.copy;
    let after: RecordCursor;
    for (;;) {
      const records = this.deps.listRecords(zoneId, after, RECORDS_PER_READ);
      for (const record of records) if (!this.seen.has(toId(record))) this.drop(record);
      after = records.at(-1);
      if (records.length < RECORDS_PER_READ) return;
    }
  }

  private drop(record: ZoneRecord): void {
    const { kind, key } = record;
    const expiresAt = record.value?.expires_at;
    const isExpired = typeof expiresAt === "number" && expiresAt <= this.deps.now();
    if (kind === "request" && !isExpired) this.setAside("record", toCanonicalJson(record));
    this.deps.applyRecord(this.write, this.copy.zoneId, { kind, key, value: null });
  }

  private setAside(kind: "entry" | "record", document: string): void {
    const { zoneId, epoch } = this.copy;
    const bytes = Buffer.byteLength(document);
    this.quarantineBytes += bytes;
    if (this.quarantineBytes > this.deps.quarantineBytesMax) throw new QuarantineFull();
    const at = this.deps.now();
    const row = { zoneId, epoch, cut: this.cut, kind, document, bytes, at };
    this.deps.quarantine.insertQuarantine(this.write, row);
  }
}

function toId({ kind, key }: Pick<ZoneRecord, "kind" | "key">): string {
  return `${kind} ${toCanonicalJson(key)}`;
}
