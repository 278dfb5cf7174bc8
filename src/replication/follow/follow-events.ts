import type { Position } from "../../protocol/commit.ts";
import type { Write } from "../../store/database.ts";
import type { CheckedCommit } from "./judge-entries.ts";

/** What a steward is proven wrong by: commits, or a snapshot. */
export type EvidenceKind = "CHAIN" | "SNAPSHOT";

/** Whom a zone is followed from. */
export interface FollowTarget {
  /** Its node id. */
  readonly from: string;
  /** Whether its copy is taken to recover. */
  readonly isRecover: boolean;
}

/** What following a zone leads to; who is told drives the zone's core. */
export interface FollowEvents {
  /** Commits were applied, in this write. */
  applied(
    write: Write,
    zoneId: string,
    from: string,
    to: { readonly position: Position; readonly commits: readonly CheckedCommit[] },
  ): void;
  /** A snapshot became the zone's copy, in this write. */
  copied(write: Write, zoneId: string, from: string, position: Position): void;
  /** A first copy is under way, or is not any more. */
  copying(zoneId: string, isUnderWay: boolean): void;
  /** How far whom one follows is, and what it has released. */
  told(
    zoneId: string,
    told: { readonly epoch: number; readonly n: number; readonly released: number },
  ): void;
  /** What was asked with `recover` moved on, or cannot be used. */
  recovery(zoneId: string, from: string, outcome: "progress" | "wrong" | "refused"): void;
  /** Something wrong came of whom one follows; its evidence is kept in this write. */
  halt(write: Write, zoneId: string): void;
  /** What happened is for the operator to see. */
  alarm(zoneId: string, what: "QUARANTINE_FULL" | EvidenceKind, detail: object): void;
}
