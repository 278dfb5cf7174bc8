import { createHash } from "node:crypto";
import type { Epoch } from "../../../src/replication/core/state.ts";

/** What a creator signs into an envelope. */
export interface SignedSet {
  readonly primary: string;
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  readonly minAcks: number;
  readonly acceptsLoss: boolean;
}

/** The lease of all simulated zones. */
export const LEASE_MS = 1_000;

/** Signs the next envelope after another one. */
export function signEpoch(before: Epoch | undefined, set: SignedSet): Epoch {
  const { primary, voters, learners, acceptsLoss } = set;
  const epoch = (before?.epoch ?? 0) + 1;
  const n = voters.length;
  const otherAcks = Math.min(set.minAcks, n);
  return {
    epoch,
    hash: createHash("sha256")
      .update(`${before?.hash} ${JSON.stringify(set)}`)
      .digest("hex"),
    prev: before?.hash ?? null,
    creator: "creator",
    isReplicated: n + learners.length > 0,
    primary,
    voters,
    learners,
    n,
    otherAcks,
    moneyAcks: n === 0 ? 0 : Math.max(1, otherAcks),
    leaseMs: LEASE_MS,
    acceptsLoss,
  };
}
