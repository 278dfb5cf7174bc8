import { type Commit, type Position, toDigest, toDigestOfText } from "../../protocol/commit.ts";
import { toCanonicalJson } from "../../protocol/json.ts";
import {
  type ChainHash,
  type LogEntry,
  type LogPosition,
  toEntryHash,
} from "../../protocol/log-chain.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import { isHeadSigned, type SignatureCheck } from "./check-head.ts";
import { findFalseWord, type WordFault } from "./member-word.ts";

/** How commits are checked; `docs/protocol.md` §9.5. */
export interface CommitChecks {
  readonly hash: ChainHash;
  readonly verify: SignatureCheck;
}

/** Where a follower stands when something arrives; `docs/protocol.md` §9.5. */
export interface FollowedPlace {
  readonly zoneId: string;
  /** E. */
  readonly epoch: number;
  readonly position: Position;
  /** The end of its log. */
  readonly log: LogPosition;
  /**
   * Whether a steward may sign a head of an epoch: of whom follows only primary(E), in recovery the
   * primary of any epoch from the head's to E.
   */
  readonly maySign: (nodeId: string, headEpoch: number) => boolean;
  /** The digest of a commit it keeps; undefined where it keeps it no longer. */
  readonly digestAt: (n: number) => string | undefined;
}

/** Commits as they arrive, those of a commit in parts put together. */
export interface ArrivedEntries {
  readonly epoch: number;
  readonly commits: readonly Commit[];
  /** Absent where nothing but `released` is told. */
  readonly head: PrimaryHead | undefined;
  readonly released?: number | undefined;
}

/** An entry with what its row needs beside it. */
export interface CheckedEntry {
  readonly entry: LogEntry;
  /** Canonical JSON of its `data`. */
  readonly data: string;
  readonly hash: string;
}

/** A commit whose every hash was recomputed. */
export interface CheckedCommit {
  readonly commit: Commit;
  readonly entries: readonly CheckedEntry[];
  /** Canonical JSON of its records. */
  readonly records: string;
  /** After it. */
  readonly digest: string;
}

/** What is wrong with what a steward sent, in short; kept with the evidence. */
export type EntriesFault =
  | WordFault
  | "NO_HEAD"
  | "ORDER"
  | "EPOCH"
  | "OTHER_ZONE"
  | "LOG_GAP"
  | "LOG_HASH"
  | "OTHER_DIGEST"
  | "HEAD_DIFFERS"
  | "HEAD_SIGNER"
  | "HEAD_SIGNATURE"
  | "RECORD";

/**
 * What a follower does with what arrived: `drop` what is of another epoch, `skip` what it has, ask
 * anew after a `gap`, `apply` all of it, or `halt`, with the number of the commit that is wrong.
 */
export type EntriesVerdict =
  | { readonly verdict: "drop" | "skip" | "gap" }
  | {
      readonly verdict: "apply";
      readonly commits: readonly CheckedCommit[];
      readonly head: PrimaryHead;
      readonly position: Position;
      readonly log: LogPosition;
    }
  | { readonly verdict: "halt"; readonly fault: EntriesFault; readonly n: number };

/**
 * Judges a zone.entries by where the follower stands: recomputes every hash and digest, checks the head
 * that it ends at, and what members are said to have signed; `docs/protocol.md` §9.5, §9.11.
 */
export function judgeEntries(
  checks: CommitChecks,
  place: FollowedPlace,
  arrived: ArrivedEntries,
): EntriesVerdict {
  if (arrived.epoch !== place.epoch) return { verdict: "drop" };
  const { commits, head } = arrived;
  const [first] = commits;
  if (first === undefined) return { verdict: "skip" };
  if (head === undefined) return halt("NO_HEAD", first.n);
  const disorder = commits.findIndex(({ n }, index) => n !== first.n + index);
  if (disorder >= 0) return halt("ORDER", first.n + disorder);
  if (first.n > place.position.n + 1) return { verdict: "gap" };
  const held = commits.filter(({ n }) => n <= place.position.n);
  const other = findOther(checks.hash, place, held);
  if (other !== undefined) return halt("OTHER_DIGEST", other);
  if (held.length === commits.length) return judgeHeld(place, head, commits.length + first.n - 1);
  return follow(checks, place, commits.slice(held.length), head);
}

/** All of it the follower has; of what it keeps no commits any more the head may still tell another end. */
function judgeHeld(
  { position, digestAt }: FollowedPlace,
  head: PrimaryHead,
  last: number,
): EntriesVerdict {
  const own = last === position.n ? position.digest : digestAt(last);
  const isSame = own === undefined || own === head.state;
  return isSame ? { verdict: "skip" } : halt("OTHER_DIGEST", last);
}

/** The first commit that the follower has with another digest; those it keeps no longer are not compared. */
function findOther(
  hash: ChainHash,
  { position, digestAt }: FollowedPlace,
  held: readonly Commit[],
): number | undefined {
  const kept = (n: number) => (n === position.n ? position.digest : digestAt(n));
  return held.find((commit) => {
    const before = kept(commit.n - 1);
    const after = kept(commit.n);
    if (before === undefined || after === undefined) return false;
    return toDigest(hash, before, commit) !== after;
  })?.n;
}

function follow(
  checks: CommitChecks,
  place: FollowedPlace,
  commits: readonly Commit[],
  head: PrimaryHead,
): EntriesVerdict {
  const checked: CheckedCommit[] = [];
  let { position, log } = place;
  for (const commit of commits) {
    if (commit.epoch < position.epoch || commit.epoch > place.epoch) return halt("EPOCH", commit.n);
    const chain = followEntries(checks.hash, place.zoneId, log, commit);
    if (typeof chain === "string") return halt(chain, commit.n);
    const records = toCanonicalJson(commit.records);
    const digest = toDigestOfText(checks.hash, position.digest, commit, records);
    checked.push({ commit, entries: chain, records, digest });
    position = { epoch: commit.epoch, n: commit.n, digest };
    log = { seq: commit.seq, hash: commit.hash };
  }
  const fault = findHeadFault(checks.verify, place, { position, log }, head);
  if (fault !== undefined) return halt(fault, position.n);
  const word = findFalseWord(checks.verify, place.zoneId, commits);
  if (word !== undefined) return halt(word.fault, word.n);
  return { verdict: "apply", commits: checked, head, position, log };
}

/** Follows a commit's entries to the end of the log that it tells. */
function followEntries(
  hash: ChainHash,
  zoneId: string,
  log: LogPosition,
  commit: Commit,
): readonly CheckedEntry[] | EntriesFault {
  const checked: CheckedEntry[] = [];
  let at = log;
  for (const entry of commit.entries) {
    if (entry.zone_id !== zoneId) return "OTHER_ZONE";
    if (entry.seq !== at.seq + 1) return "LOG_GAP";
    const next = toCheckedEntry(hash, at.hash, entry);
    checked.push(next);
    at = { seq: entry.seq, hash: next.hash };
  }
  return at.seq === commit.seq && at.hash === commit.hash ? checked : "LOG_HASH";
}

/** An entry with its canonical data and the hash it has after another one; `docs/protocol.md` §6. */
export function toCheckedEntry(hash: ChainHash, before: string, entry: LogEntry): CheckedEntry {
  const data = toCanonicalJson(entry.data);
  const { zone_id: zoneId, seq, timestamp, kind, node_id: nodeId } = entry;
  const chained = { zoneId, seq, timestamp, kind, nodeId, data };
  return { entry, data, hash: toEntryHash(hash, before, chained) };
}

/**
 * What is wrong with a head that is to stand for a position; undefined where nothing is;
 * `docs/protocol.md` §9.5.
 */
export function findHeadFault(
  verify: SignatureCheck,
  place: Pick<FollowedPlace, "zoneId" | "epoch" | "maySign">,
  at: { readonly position: Position; readonly log: LogPosition },
  head: PrimaryHead,
): Extract<EntriesFault, `HEAD_${string}`> | undefined {
  const { position, log } = at;
  const stands =
    head.zone_id === place.zoneId &&
    head.epoch === position.epoch &&
    head.seq === log.seq &&
    head.hash === log.hash &&
    head.state === position.digest;
  if (!stands) return "HEAD_DIFFERS";
  if (!place.maySign(head.steward, head.epoch)) return "HEAD_SIGNER";
  return isHeadSigned(verify, head) ? undefined : "HEAD_SIGNATURE";
}

function halt(fault: EntriesFault, n: number): EntriesVerdict {
  return { verdict: "halt", fault, n };
}
