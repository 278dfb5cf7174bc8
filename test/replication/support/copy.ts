import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { toDigest, type ZoneRecord } from "../../../src/protocol/commit.ts";
import { toCanonicalJson } from "../../../src/protocol/json.ts";
import type { LogEntry } from "../../../src/protocol/log-chain.ts";
import { applyRecord } from "../../../src/replication/records/apply.ts";
import { CommitLog, sha256Chain } from "../../../src/replication/records/commit-log.ts";
import { listRecords } from "../../../src/replication/records/listing.ts";
import { Store, type Write } from "../../../src/store/database.ts";
import { readKeptCommits } from "../../../src/store/replication/kept-commits.ts";
import { prepareReplicaRequestQueries } from "../../../src/store/replication/replica-requests.ts";
import { prepareZoneQueries } from "../../../src/store/zones/zones.ts";
import { toEntryHash } from "../../../src/zones/log/log.ts";
import type { TestSteward } from "../../support/steward.ts";

/** A store, and what makes and applies commits in it. */
export function openRecords(store: Store, ownNodeId: string) {
  const queries = prepareZoneQueries(store);
  const clock = { aheadSecs: 0 };
  const now = () => Math.floor(Date.now() / 1000) + clock.aheadSecs;
  const log = new CommitLog({
    store,
    queries,
    ownNodeId,
    now,
    kept: { secs: 3600, bytes: 1 << 26 },
  });
  return { store, queries, log, clock, replicaRequests: prepareReplicaRequestQueries(store) };
}

export type Records = ReturnType<typeof openRecords>;

/** All records of a zone, page by page. */
export function readAll({ log, replicaRequests }: Records, zoneId: string): ZoneRecord[] {
  const all: ZoneRecord[] = [];
  for (;;) {
    const page = listRecords({ ...log.reading, replicaRequests }, zoneId, all.at(-1), 7);
    all.push(...page);
    if (page.length < 7) return all;
  }
}

/** A steward's replicated zone, and a second database that only its commits are applied to. */
export class Copied implements AsyncDisposable {
  readonly source: Records;
  readonly copy: Records;
  readonly zoneId: string;
  private readonly dir: string;
  private n = 0;
  private seq: number;

  private constructor(source: Records, copy: Records, zoneId: string, dir: string) {
    this.source = source;
    this.copy = copy;
    this.zoneId = zoneId;
    this.dir = dir;
    this.seq = copy.queries.findZone(zoneId)?.headSeq ?? 0;
  }

  /** Begins the commits of a zone that has been hosted so far, and copies what it has. */
  static create(steward: TestSteward, zoneId: string): Copied {
    const source = openRecords(steward.steward.zones.store, steward.nodeId);
    const dir = mkdtempSync(join(tmpdir(), "copy-"));
    const fail = (error: unknown) => {
      throw error;
    };
    const events = { onFatal: fail, onEffectError: fail };
    const copy = openRecords(Store.open(join(dir, "copy.sqlite"), events), "atlas_other");
    const zone = source.queries.findZone(zoneId);
    if (zone === undefined) throw new Error("no zone");
    const { epoch, headSeq: seq, headHash: hash, envelopeHash } = zone;
    const start = { zoneId, envelopeHash, complete: true, epoch, seq, hash };
    source.store.write((write) => source.log.register(write, start));
    copy.store.write((write) => {
      copy.queries.insertZone(write, { ...zone, memberCount: 0, logBytes: 0 });
      copy.log.register(write, start);
      for (const record of readAll(source, zoneId)) {
        copy.log.applying(write, () => applyRecord(write, toApplyDeps(copy), zoneId, record));
      }
    });
    return new Copied(source, copy, zoneId, dir);
  }

  /** Applies the commits since the last call, each checked, and returns their records and entries. */
  follow(): { records: string[]; entries: string[] } {
    const { source, copy, zoneId } = this;
    const seen: { records: string[]; entries: string[] } = { records: [], entries: [] };
    const after = { afterN: this.n, afterSeq: this.seq, limit: 10_000 };
    const deps = { commits: source.log.commits, queries: source.queries };
    for (const { commit, digest } of readKeptCommits(deps, zoneId, after)) {
      const before = copy.log.zones.findReplicated(zoneId)?.digest ?? "";
      expect(toDigest(sha256Chain, before, commit)).toBe(digest);
      copy.store.write((write) =>
        copy.log.applying(write, () => {
          for (const entry of commit.entries) seen.entries.push(this.insertEntry(write, entry));
          for (const record of commit.records) {
            applyRecord(write, toApplyDeps(copy), zoneId, record);
            seen.records.push(record.kind);
          }
          const entries = commit.entries.map(({ data }) => ({ data: toCanonicalJson(data) }));
          const records = toCanonicalJson(commit.records);
          copy.log.append(write, zoneId, [{ commit, entries, records, digest }], null);
        }),
      );
      expect(copy.queries.findZone(zoneId)?.headHash).toBe(commit.hash);
      [this.n, this.seq] = [commit.n, commit.seq];
    }
    return seen;
  }

  /** Says that the copy holds the same as the steward. */
  expectEqual(): void {
    const { source, copy, zoneId } = this;
    expect(copy.log.position(zoneId)).toEqual(source.log.position(zoneId));
    expect(readAll(copy, zoneId)).toEqual(readAll(source, zoneId));
    const [mine, theirs] = [copy, source].map(({ queries }) => queries.findZone(zoneId));
    expect(mine?.memberCount).toBe(theirs?.memberCount);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.copy.store[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private insertEntry(write: Write, entry: LogEntry): string {
    const { queries } = this.copy;
    const { zone_id: zoneId, seq, timestamp, kind, node_id: nodeId } = entry;
    const data = toCanonicalJson(entry.data);
    const content = { zoneId, seq, timestamp, kind, nodeId, data };
    const before = queries.findZone(zoneId)?.headHash ?? "";
    const messageId = kind === "message" ? String(entry.data.id) : null;
    const hash = toEntryHash(before, content);
    queries.insertLogEntry(write, { ...content, hash, messageId });
    return kind === "message" ? "message" : String(entry.data.event);
  }
}

function toApplyDeps({ log, replicaRequests }: Records) {
  return { plain: log.reading.plain, replicaRequests };
}
