import type { Decisions } from "./core.ts";
import { findAt, LOG_END, type Tip, toQuickHash, ZONE_ID } from "./history.ts";
import type { SimMessage } from "./messages.ts";

type Entries = Extract<SimMessage, { type: "entries" }>;

/** Where a follower stands. */
export interface Stand {
  readonly epoch: number;
  readonly tip: Tip;
  /** Commits before this one it does not keep. */
  readonly keptFrom: number;
  readonly maySign: (node: string, headEpoch: number) => boolean;
}

/** What is to be done with what arrived; `tip` is the history after it. */
export type Taking =
  | { readonly verdict: "drop" | "skip" | "gap" | "halt" }
  | { readonly verdict: "apply"; readonly tip: Tip };

/** Judges what arrived with the steward's own function; the heads' signatures are taken as right. */
export function judge(decisions: Decisions, stand: Stand, message: Entries): Taking {
  const { tip, keptFrom, epoch, maySign } = stand;
  const { verdict } = decisions.judgeEntries(
    { hash: toQuickHash, verify: () => true },
    {
      zoneId: ZONE_ID,
      epoch,
      position: tip.position,
      log: LOG_END,
      maySign,
      digestAt: (n) => findDigest(tip, keptFrom, n),
    },
    { epoch: message.epoch, commits: message.commits, head: message.head },
  );
  return verdict === "apply" ? { verdict, tip: message.end } : { verdict };
}

/** The digest of a kept commit. */
export function findDigest(tip: Tip, keptFrom: number, n: number): string | undefined {
  return n < keptFrom ? undefined : findAt(tip, n)?.position.digest;
}
