import type { Position } from "../../protocol/commit.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";

/** What a responder holds of a zone, as far as a follower's place is judged by it. */
export interface HeldCopy {
  readonly position: Position;
  /** The end of its log. */
  readonly logEnd: LogPosition;
  /** What is before the log's first entry: its checkpoint, or the genesis hash at seq 0. */
  readonly logStart: LogPosition;
  /** The hash of an entry it has; undefined where it has none of this seq. */
  readonly hashAt: (seq: number) => string | undefined;
  /** Whether it was there itself, and can still send everything after that. */
  readonly holds: (position: Position) => boolean;
}

/** A follower's place, as it tells it; `docs/protocol.md` §9.5. */
export interface AskedFeed {
  readonly position: Position | null;
  readonly log: readonly LogPosition[];
}

/** What a follower is sent: commits after its own, or a snapshot with the log after a pair. */
export type FeedPlan =
  | { readonly feed: "stream"; readonly after: Position }
  | { readonly feed: "snapshot"; readonly logAfter: LogPosition };

/**
 * Chooses what a follower is sent: the stream where the responder holds the follower's last commit with
 * that digest, else a snapshot; `docs/protocol.md` §9.5 and §9.6.
 */
export function planFeed(held: HeldCopy, asked: AskedFeed): FeedPlan {
  const { position } = asked;
  if (position !== null && isOn(held, position)) return { feed: "stream", after: position };
  return { feed: "snapshot", logAfter: findCommon(held, asked.log) };
}

function isOn(held: HeldCopy, { n, digest, epoch }: Position): boolean {
  if (n < held.position.n) return held.holds({ epoch, n, digest });
  return n === held.position.n && digest === held.position.digest;
}

/** The highest pair of the follower's log that the responder's leads through. */
function findCommon(held: HeldCopy, log: readonly LogPosition[]): LogPosition {
  const { logStart, logEnd, hashAt } = held;
  let common = logStart;
  for (const pair of log) {
    if (pair.seq <= common.seq || pair.seq > logEnd.seq) continue;
    if (hashAt(pair.seq) === pair.hash) common = { seq: pair.seq, hash: pair.hash };
  }
  return common;
}
