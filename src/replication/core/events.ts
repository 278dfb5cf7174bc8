import type { Position } from "../../protocol/commit.ts";
import type { AckKind, Epoch, HaltReason } from "./state.ts";

/**
 * What happens to a zone at a steward, as the core is told of it. `nowMs` is this steward's monotonic clock.
 *
 * | event | who brings it, when |
 * |---|---|
 * | `envelopes` | links: with every zone.epoch and every `envelopes` of an answer, zone.update and zone.create, once each envelope's schema, signature and creator are verified; in the write that stores them |
 * | `branch` | admin: `steward replica resync --branch`, in the write that stores the other branch |
 * | `position` | links: each zone.position, with what the driver looked up beside it |
 * | `linkUp`, `linkDown` | links: the first session with the steward opens, the last one closes |
 * | `pong` | links: a Ping was answered; `sentAtMs` is when it was sent |
 * | `committed` | CommitLog's listener: this steward's own commit, in its write |
 * | `applied` | streams: commits of primary(E), or of whom the core recovers from, were applied; in their write |
 * | `copied` | streams: a snapshot became the zone's copy, in that write; `position` where it is then complete |
 * | `copying` | streams: a first copy is under way (its begin came), or is not any more |
 * | `told` | streams and links: where primary(E) is and what it has released (zone.entries after `applied` or `copied`, zone.head) |
 * | `followed` | streams: a zone.replicate was accepted; `position` where it is streamed from there, which counts as an ack; null where a snapshot goes |
 * | `ack` | streams: each zone.replica_ack with an `n` |
 * | `unfollowed` | streams: a follower's subscription ended |
 * | `recovery` | streams: what was asked with `recover` moved on (a chunk, commits), or cannot be used |
 * | `halt` | whoever found evidence, once it is stored |
 * | `lost` | admin and the start: the data is a restored backup's, or the copy was deleted (`isDeleted`) |
 * | `resync` | admin: `steward replica resync`: the operator gives the copy up, or goes on after evidence |
 * | `tick` | the driver: once a quarter of L, and after a start |
 */
export type ZoneEvent = { readonly nowMs: number } & (
  | { readonly type: "envelopes"; readonly envelopes: readonly Epoch[] }
  | { readonly type: "branch"; readonly envelopes: readonly Epoch[] }
  | ({ readonly type: "position"; readonly from: string } & HeardPosition)
  | { readonly type: "linkUp"; readonly node: string }
  | { readonly type: "linkDown"; readonly node: string }
  | { readonly type: "pong"; readonly node: string; readonly sentAtMs: number }
  | { readonly type: "committed"; readonly position: Position }
  | { readonly type: "applied"; readonly from: string; readonly position: Position }
  | { readonly type: "copied"; readonly from: string; readonly position: Position }
  | { readonly type: "copying"; readonly isUnderWay: boolean }
  | { readonly type: "told"; readonly epoch: number; readonly n: number; readonly released: number }
  | {
      readonly type: "followed";
      readonly from: string;
      readonly epoch: number;
      readonly position: Position | null;
    }
  | ({ readonly type: "ack"; readonly from: string } & HeardAck)
  | { readonly type: "unfollowed"; readonly from: string }
  | {
      readonly type: "recovery";
      readonly from: string;
      readonly outcome: "progress" | "wrong" | "refused";
    }
  | { readonly type: "halt"; readonly reason: HaltReason }
  | { readonly type: "lost"; readonly isDeleted: boolean }
  | { readonly type: "resync" }
  | { readonly type: "tick" }
);

/** A zone.position, and what the driver knows of it. */
export interface HeardPosition {
  /** The answerer's E; 0 without one. */
  readonly epoch: number;
  readonly envelopeHash: string | undefined;
  /** Null without a complete copy. */
  readonly position: Position | null;
  /**
   * Its head is there, is at the position (epoch, and `state` is the digest) and verifies as signed by the
   * primary of an epoch from the head's to E. Null positions are sound.
   */
  readonly isSound: boolean;
  readonly isLost: boolean;
  /** The digest of this steward's own commit `position.n`, where it is kept. */
  readonly ownDigest: string | undefined;
}

/** A zone.replica_ack, and what the driver knows of it. */
export interface HeardAck {
  readonly epoch: number;
  readonly n: number;
  readonly digest: string;
  /** The digest of this steward's own commit `n`, where it is kept. */
  readonly ownDigest: string | undefined;
}

/**
 * What is to be done, in this order, once the state's durable part is stored and its COMMIT happened. What
 * is lost with the process before is found again: by links that open anew, and by `tick`.
 *
 * | effect | who executes it |
 * |---|---|
 * | `tell` | links: zone.epoch to that steward, from the envelope after `after` on (0: all), as soon as a link is open; also what asks for its position |
 * | `reach` | links: the stewards to keep links with, for this zone |
 * | `follow` | streams: zone.replicate to that steward until another `follow`; undefined: to nobody |
 * | `recover` | streams: zone.replicate with `recover` to that steward; undefined: no more |
 * | `endSubscription` | streams: of that follower, whose copy differs or who acks for another epoch |
 * | `firstCommit` | records: requests become rows and the first commit of the epoch is made, in one write, which brings `committed` |
 * | `released` | gate: what each class may let go (n); `other` is zone.entries' `released` |
 * | `charge` | gate, workers, `/v1/replicas`: in charge or why not, by class; also asked for at any time with `findRefusal` |
 * | `deposed` | another one is primary, or was since; gate: what waits is answered `DEPOSED`; records: open rows become records, slice by slice |
 * | `detached` | records, links: the zone's envelope is not a replicated zone's any more |
 * | `fork` | links: evidence (two envelopes of one epoch) and alarm; the sender is answered `stale_manifest`, `FORK` |
 * | `halted` | alarm; streams stop |
 * | `alarm` | log and counters |
 */
export type ZoneEffect =
  | { readonly type: "tell"; readonly to: string; readonly after: number }
  | { readonly type: "reach"; readonly nodes: readonly string[] }
  | { readonly type: "follow"; readonly node: string | undefined }
  | { readonly type: "recover"; readonly node: string | undefined }
  | { readonly type: "endSubscription"; readonly node: string }
  | {
      readonly type: "firstCommit";
      readonly epoch: number;
      /** The last commit's epoch: the envelopes after it are yet to be logged. */
      readonly after: number;
      /**
       * The creator accepted loss since: an open paid request may have run, or been refunded, with nobody left to say
       * so. What may happen once only does not happen by itself any more; it is `undelivered`.
       */
      readonly isLossAccepted: boolean;
    }
  | { readonly type: "released"; readonly money: number; readonly other: number }
  | ({ readonly type: "charge" } & Readonly<Record<AckKind, string | undefined>>)
  | { readonly type: "deposed"; readonly epoch: number }
  | { readonly type: "detached" }
  | { readonly type: "fork"; readonly epoch: number; readonly hash: string }
  | { readonly type: "halted"; readonly reason: HaltReason }
  | { readonly type: "alarm"; readonly what: "OTHER_DIGEST"; readonly node: string };
