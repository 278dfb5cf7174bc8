import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { PackedBytes } from "../../wire/messagepack-encode.ts";
import type { ReleasedEnd } from "./released-end.ts";

/** Shorter pages cost less than keeping them. */
const PAGE_BYTES_MIN = 16 * 1024;
const BYTES_MAX = 16 * 1024 * 1024;
/** Agents that come back together ask for the same pages within seconds; all are dropped at once, so late ones sooner. */
const KEPT_MS = 10_000;

/** What is asked for. */
export interface PageQuestion {
  readonly zoneId: string;
  readonly afterSeq: number;
  readonly limit: number;
}

/** Entries of a zone's log as `zone.page` carries them. */
export interface EntriesPage {
  /** MessagePack of the entries with their hashes. */
  readonly entries: PackedBytes;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastHash: string;
  /** There was no room for more; else it ends where the log did. */
  readonly isFull: boolean;
}

/**
 * Keeps large pages for a few seconds as they were encoded: many agents that resume at once ask for the same ones.
 * Entries never change, and the chain of hashes shows that those of a page are still the log's.
 */
export class PageCache {
  private readonly queries: Pick<ZoneQueries, "findEntryHash">;
  private readonly pages = new Map<string, EntriesPage>();
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(queries: Pick<ZoneQueries, "findEntryHash">) {
    this.queries = queries;
  }

  /** The kept page that answers a question about a log that ends there now. */
  find(question: PageQuestion, end: ReleasedEnd): EntriesPage | undefined {
    const page = this.pages.get(toKey(question));
    return page !== undefined && this.isPresent(question.zoneId, page, end) ? page : undefined;
  }

  /** Keeps a page, if it is large, in the place of older ones. */
  keep(question: PageQuestion, page: EntriesPage): void {
    if (page.entries.bytes.length < PAGE_BYTES_MIN) return;
    const key = toKey(question);
    this.drop(key);
    this.pages.set(key, page);
    this.bytes += page.entries.bytes.length;
    for (const oldest of this.pages.keys()) {
      if (this.bytes <= BYTES_MAX) break;
      this.drop(oldest);
    }
    this.timer ??= setTimeout(() => this.clear(), KEPT_MS).unref();
  }

  private clear(): void {
    this.timer = undefined;
    this.pages.clear();
    this.bytes = 0;
  }

  private drop(key: string): void {
    this.bytes -= this.pages.get(key)?.entries.bytes.length ?? 0;
    this.pages.delete(key);
  }

  /** Whether the log still has all of a page, and nothing that belongs behind it there. */
  private isPresent(zoneId: string, page: EntriesPage, end: ReleasedEnd): boolean {
    const { firstSeq, lastSeq, lastHash, isFull } = page;
    if (isFull ? lastSeq > end.seq : lastSeq !== end.seq) return false;
    const { queries } = this;
    return (
      queries.findEntryHash(zoneId, lastSeq) === lastHash &&
      queries.findEntryHash(zoneId, firstSeq) !== undefined
    );
  }
}

function toKey({ zoneId, afterSeq, limit }: PageQuestion): string {
  return `${zoneId} ${afterSeq} ${limit}`;
}
