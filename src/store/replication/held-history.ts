import type { Commit, Position } from "../../protocol/commit.ts";
import type { LogPosition } from "../../protocol/log-chain.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { CommitQueries } from "./commits.ts";
import { type KeptCommitDeps, readKeptCommits } from "./kept-commits.ts";

/** Of what one item of evidence holds at most; messages of commits, at whose ends heads are kept, have less. */
const COMMITS_MAX = 10_000;
const CHARS_MAX = 4 * 1024 * 1024;

/** Commits that this steward holds, up to a head that was signed for them. */
export interface HeldHistory {
  /** Where they begin. */
  readonly after: { readonly position: Position; readonly log: LogPosition };
  readonly commits: readonly Commit[];
  readonly head: PrimaryHead;
}

export interface HeldHistoryDeps extends KeptCommitDeps {
  readonly commits: KeptCommitDeps["commits"] & Pick<CommitQueries, "findCommit">;
}

/**
 * The commits from one on to the first kept head that is not before another one; undefined where they are
 * not kept, or too many; `docs/protocol.md` §9.11.
 */
export function findHeldHistory(
  deps: HeldHistoryDeps,
  zoneId: string,
  { from, to }: { readonly from: number; readonly to: number },
): HeldHistory | undefined {
  const before = deps.commits.findCommit(zoneId, from - 1);
  if (before === undefined) return undefined;
  const { epoch, n, digest, seq, hash } = before;
  const commits: Commit[] = [];
  let chars = 0;
  const after = { afterN: n, afterSeq: seq, limit: COMMITS_MAX };
  for (const { commit, head } of readKeptCommits(deps, zoneId, after)) {
    commits.push(commit);
    chars += JSON.stringify(commit).length;
    if (chars > CHARS_MAX) return undefined;
    if (commit.n < to || head === null) continue;
    const place = { position: { epoch, n, digest }, log: { seq, hash } };
    return { after: place, commits, head: JSON.parse(head) as PrimaryHead };
  }
  return undefined;
}
