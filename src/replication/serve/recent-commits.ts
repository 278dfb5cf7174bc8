import type { MadeCommit } from "../../store/replication/commits.ts";
import type { LogRow } from "../../store/zones/log.ts";

/** Of all zones; what is more is read from disk. */
const RECENT_BYTES_MAX = 4 * 1024 * 1024;
/** What a commit counts as beside its texts. */
const COMMIT_OVERHEAD_BYTES = 1024;

/** A commit and its entries, as they were written or as they were read. */
export interface ReadCommit {
  readonly row: MadeCommit;
  readonly entries: readonly LogRow[];
}

/**
 * The commits that followers are sent next, as they were made: who has everything before need not have them
 * read. It may forget anything at any time, and does where something was taken back.
 */
export class RecentCommits {
  private readonly zones = new Map<string, ReadCommit[]>();
  private bytes = 0;

  /** Keeps a commit that was just made; without all of its entries it is left to be read. */
  add(zoneId: string, row: MadeCommit, entries: readonly LogRow[] | undefined): void {
    const kept = this.zones.get(zoneId) ?? [];
    const last = kept.at(-1);
    if (entries === undefined || (last !== undefined && last.row.n + 1 !== row.n)) {
      return this.forget(zoneId);
    }
    const made = { row, entries };
    this.bytes += countBytes(made);
    if (this.bytes > RECENT_BYTES_MAX) return this.clear();
    kept.push(made);
    this.zones.set(zoneId, kept);
  }

  /** The commits after one up to another, of which there is one; undefined where they are not here. */
  find(zoneId: string, after: number, upTo: number): readonly ReadCommit[] | undefined {
    const kept = this.zones.get(zoneId);
    const first = kept?.[0]?.row.n;
    if (kept === undefined || first === undefined || first > after + 1) return undefined;
    const found = kept.slice(after + 1 - first, upTo + 1 - first);
    return found.length === upTo - after ? found : undefined;
  }

  /** Forgets a zone's commits up to one, or all of them. */
  forget(zoneId: string, upTo = Number.POSITIVE_INFINITY): void {
    const kept = this.zones.get(zoneId);
    if (kept === undefined || (kept[0]?.row.n ?? 0) > upTo) return;
    const left = kept.filter(({ row }) => row.n > upTo);
    for (const made of kept) if (made.row.n <= upTo) this.bytes -= countBytes(made);
    if (left.length === 0) this.zones.delete(zoneId);
    else this.zones.set(zoneId, left);
  }

  /** Forgets everything. */
  clear(): void {
    this.zones.clear();
    this.bytes = 0;
  }
}

function countBytes({ row, entries }: ReadCommit): number {
  const texts = entries.reduce((sum, { data }) => sum + data.length, row.records.length);
  return texts + COMMIT_OVERHEAD_BYTES;
}
