import type { LogPosition } from "../../protocol/log-chain.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { CommitQueries } from "../../store/replication/commits.ts";
import { findHeldHistory } from "../../store/replication/held-history.ts";
import type {
  ReplicatedZoneQueries,
  ReplicatedZoneRow,
} from "../../store/replication/replicated-zones.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import { toLogEntry } from "../../zones/log/log.ts";
import { type EntryEpochDeps, findEntryEpoch } from "./entry-epoch.ts";

/** Commits, or entries, that are looked through for one head. */
const LOOKED_AT_MAX = 10_000;

/** A signed head as it was told. */
export interface ToldHead {
  readonly n: number;
  readonly head: PrimaryHead;
  /** Whether its signer told it, whose word `n` is then, too. */
  readonly isSigners: boolean;
}

export interface HeadConflictDeps {
  readonly zones: EntryEpochDeps["zones"] & Pick<ZoneQueries, "findEntryHash">;
  readonly commits: EntryEpochDeps["commits"] &
    Pick<CommitQueries, "findHeadOfSeq" | "iterateCommits">;
  readonly replicated: Pick<ReplicatedZoneQueries, "findReplicated">;
}

/**
 * What a head by the primary of its epoch comes to beside this steward's copy: `open` until the log goes on,
 * or the documents by which it contradicts the copy; `docs/protocol.md` §9.11.
 */
export function findHeadConflict(
  deps: HeadConflictDeps,
  row: ReplicatedZoneRow,
  told: ToldHead,
): "fits" | "open" | { readonly documents: readonly object[] } {
  const { zoneId } = row;
  const { n, head, isSigners } = told;
  const own = deps.zones.findEntryHash(zoneId, head.seq);
  if (own !== undefined && own !== head.hash) {
    // What another epoch's primary has in its place was cut back, and is no lie.
    if (findEntryEpoch(deps, row, head.seq) !== head.epoch) return "fits";
    return { documents: toLogDocuments(deps, row, head, { seq: head.seq, hash: own }) };
  }
  const commit = row.n === n ? row : deps.commits.findCommit(zoneId, n);
  if (commit?.digest === head.state) return "fits";
  const isOther = isSigners && commit !== undefined && commit.epoch === head.epoch;
  const states = findStates(deps, zoneId, head);
  if (states === undefined && !isOther) return "fits";
  if (states?.isFound && !isOther) return "fits";
  if (states?.over === undefined && !isOther) return "open";
  return { documents: toStateDocuments(deps, row, told, { from: states?.from, to: states?.over }) };
}

/** The commits at a head's seq: of whoever signed one of them, it is one of these. */
interface States {
  /** The first of them. */
  readonly from: number;
  /** Whether the head is one of them. */
  readonly isFound: boolean;
  /** The first one of the same epoch with which the log went on; undefined where there is none yet. */
  readonly over: number | undefined;
}

/** Looks for a head among the commits at its seq; undefined where not all of them are kept. */
function findStates(
  { commits }: HeadConflictDeps,
  zoneId: string,
  { seq, epoch, state }: PrimaryHead,
): States | undefined {
  const from = commits.findCommitOfSeq(zoneId, seq)?.n;
  if (from === undefined) return undefined;
  const before = commits.findCommit(zoneId, from - 1);
  if (before === undefined || before.seq >= seq) return undefined;
  let isFound = false;
  for (const commit of commits.iterateCommits(zoneId, from - 1, LOOKED_AT_MAX)) {
    if (commit.seq > seq) {
      return { from, isFound, over: commit.epoch === epoch ? commit.n : undefined };
    }
    if (commit.epoch === epoch && commit.digest === state) isFound = true;
  }
  return { from, isFound, over: undefined };
}

/** The head, a head of this steward's copy, and the entries that lead to that from where the two differ. */
function toLogDocuments(
  deps: HeadConflictDeps,
  row: ReplicatedZoneRow,
  head: PrimaryHead,
  log: LogPosition,
): readonly object[] {
  const held = findHeldHead(deps, row, head);
  if (held === undefined) return [head];
  const count = held.seq - head.seq;
  if (count === 0 || count > LOOKED_AT_MAX) return [head, held];
  const rows = [...deps.zones.iterateLog(row.zoneId, head.seq, count)];
  const lines = rows.map((entry) => ({ entry: toLogEntry(entry), hash: entry.hash }));
  return [head, held, { log, lines }];
}

/** The head, and the commits of this steward's copy around its place, up to a head of that. */
function toStateDocuments(
  deps: HeadConflictDeps,
  row: ReplicatedZoneRow,
  { n, head }: ToldHead,
  { from = n, to = n }: { readonly from: number | undefined; readonly to: number | undefined },
): readonly object[] {
  const range = { from: Math.min(from, n), to: Math.max(to, n) };
  const history = findHeldHistory({ ...deps, queries: deps.zones }, row.zoneId, range);
  if (history !== undefined && isOfSame(history.head, head)) return [{ n, head }, history];
  const held = findHeldHead(deps, row, head);
  return [{ n, head }, ...(held === undefined ? [] : [held])];
}

/** The first head that this steward holds from there on, by the same signer in the same epoch. */
function findHeldHead(
  { commits }: HeadConflictDeps,
  { zoneId, head: newest }: ReplicatedZoneRow,
  head: PrimaryHead,
): PrimaryHead | undefined {
  const text = commits.findHeadOfSeq(zoneId, head.epoch, head.seq) ?? newest;
  const held = text === null ? undefined : (JSON.parse(text) as PrimaryHead);
  return held !== undefined && isOfSame(held, head) && held.seq >= head.seq ? held : undefined;
}

function isOfSame(one: PrimaryHead, other: PrimaryHead): boolean {
  return one.steward === other.steward && one.epoch === other.epoch;
}
