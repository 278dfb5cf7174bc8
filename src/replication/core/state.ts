import type { Position } from "../../protocol/commit.ts";
import type { StewardSet } from "../../protocol/steward-set.ts";

/** What must hold a commit, and may be refused, apart; `docs/protocol.md` §9.1, §9.7. */
export type AckKind = "money" | "other";

/** Why a zone is halted: something was proven against somebody, or this steward forgot what it had. */
export type HaltReason = "EVIDENCE" | "STATE_LOST";

/** A verified envelope, as the core reads it; `docs/protocol.md` §9.1. */
export interface Epoch extends Omit<StewardSet, "refs"> {
  readonly epoch: number;
  readonly hash: string;
  readonly prev: string | null;
  /** The creator's node id. */
  readonly creator: string;
}

/**
 * What must be on disk before any effect of the step that changed it; a crash keeps exactly this, as of
 * its last COMMIT.
 */
export interface DurableZone {
  /** Adopted, in order and without gaps, at least from the last commit's epoch to E. */
  readonly epochs: readonly Epoch[];
  /** Of the last commit that this steward's copy holds; undefined where it has none. */
  readonly position: Position | undefined;
  /** The copy is whole; `docs/protocol.md` §9.6. */
  readonly isComplete: boolean;
  /** This steward may have acknowledged what it does not hold any more; §9.7. */
  readonly isLost: boolean;
  /** The copy is of another branch of the envelopes: not to be compared or built on. */
  readonly isForeign: boolean;
  readonly halted: HaltReason | undefined;
  /** The first commit of E that this steward holds; its number is an upper bound where it followed. */
  readonly first: { readonly epoch: number; readonly n: number } | undefined;
  /** How this steward met E. */
  readonly entry: EpochEntry;
}

/** How a steward stood when it adopted E; §9.8. */
export interface EpochEntry {
  /** E keeps it as its primary: it recovers nothing. */
  readonly isKept: boolean;
  /** It had no copy, or a lost one: it may have begun E and forgotten it. */
  readonly isEmpty: boolean;
}

/** What another steward told of itself in E; §9.8. */
export interface Answer {
  /** Null: empty, lost, or its head does not verify; such a one is not counted. */
  readonly position: Position | null;
  /** This steward's copy went through that commit when it was told. */
  readonly isHeld: boolean;
}

/** What a steward knows of another one while it runs. */
export interface PeerView {
  readonly isOpen: boolean;
  /** When the newest Ping that it answered was sent. */
  readonly pingedAtMs: number | undefined;
  /** When it was last told of E and asked for its position. */
  readonly toldAtMs: number | undefined;
  /** From which epoch on it was told then. */
  readonly toldAfter: number | undefined;
  /** Its zone.position for E. */
  readonly answer: Answer | undefined;
  /** The highest n of this steward's that it holds durably, said in E. */
  readonly held: number | undefined;
  /** It has a subscription in E. */
  readonly isFollowing: boolean;
  /**
   * Asked to recover it brought nothing (`silent`: for another L, or until its link is new; whoever can
   * begin without it then does) or something wrong: not counted, until it claims a position that can be checked.
   */
  readonly distrust: "silent" | "wrong" | undefined;
  readonly distrustedAtMs: number | undefined;
}

/** A recovery that is under way. */
export interface Recovery {
  readonly from: string;
  /** When something last came of it. */
  readonly movedAtMs: number;
}

/** One zone at one steward; plain data. */
export interface ZoneState {
  /** This steward's node id. */
  readonly self: string;
  readonly durable: DurableZone;
  readonly peers: ReadonlyMap<string, PeerView>;
  /** When this process, or this steward as E's primary, began; what waits for L counts from here. */
  readonly sinceMs: number;
  /** A primary that started has yet to hear of its voters; §9.7. */
  readonly mustHear: boolean;
  /** `firstCommit` is under way. */
  readonly isBeginning: boolean;
  readonly recovery: Recovery | undefined;
  /** A first copy is under way. */
  readonly isCopying: boolean;
  /** What primary(E) last told, and when it was last heard; a follower's. */
  readonly primary: PrimaryView;
  /** What k voters hold; 0 before it is known in E. */
  readonly released: Readonly<Record<AckKind, number>>;
  /** What the last `charge`, `follow` and `reach` said. */
  readonly said: Said;
}

/** What a follower knows of primary(E). */
export interface PrimaryView {
  readonly n: number | undefined;
  /** What its zone.position told in E; everything that was ever acknowledged to it is below. */
  readonly position: number | undefined;
  readonly released: number;
  readonly heardAtMs: number | undefined;
  /** Was level with it on this link. */
  readonly wasReady: boolean;
  /** When it last was level. */
  readonly levelAtMs: number | undefined;
}

/** What effects said last, so that only changes are said. */
export interface Said {
  readonly charge: string;
  readonly follow: string | undefined;
  readonly reach: string;
}
