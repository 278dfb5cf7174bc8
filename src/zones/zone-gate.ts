import type { StewardError } from "../errors.ts";
import type { PrimaryHead } from "../protocol/primary-head.ts";
import type { ReplicaStanding } from "../wire/zone-replies.ts";

/** What must hold a commit before its effects leave differs by class; `docs/protocol.md` §9.1. */
export type GateClass = "money" | "other";

/**
 * The commit that an effect depends on: that of the operation in which the mark was made, else the zone's
 * last one.
 */
export interface GateMark {
  /** Final once the operation has ended. */
  readonly n: number;
  readonly zoneId: string;
  readonly gateClass: GateClass;
}

/** What may become of an effect besides that it runs. */
export interface HeldOptions {
  /** The turn is lost, with what it wrote; it must not write. */
  readonly abort?: (error: Error) => void;
  /** Runs in the effect's place where acknowledgements stay away; without it the effect waits on. */
  readonly late?: (error: StewardError) => void;
  /** Runs in the effect's place where another steward is primary now; the effect never runs then. */
  readonly deposed?: (error: StewardError) => void;
  /** It answers a question that changed nothing. */
  readonly isRead?: boolean;
  /** About how much memory it keeps until then. */
  readonly bytes?: () => number;
}

/**
 * What leaves a replicated zone waits for acknowledgements of the commit it tells of, in order; for any other
 * zone this is the store's output gate; `docs/protocol.md` §9.7.
 */
export interface ZoneGate {
  /** Notes the commit that something depends on; undefined where nothing has to wait for it. */
  mark(zoneId: string, gateClass: GateClass): GateMark | undefined;
  /** Tells whether a mark's commit is acknowledged. */
  isReleased(mark: GateMark | undefined): boolean;
  /** Runs an effect once the mark's commit is acknowledged; the caller holds the store's gate. */
  wait(mark: GateMark | undefined, run: () => void, options?: HeldOptions): void;
  /** Marks, and runs an effect once everything so far is durable here and acknowledged. */
  hold(zoneId: string, gateClass: GateClass, run: () => void, options?: HeldOptions): void;
  /**
   * Checks that the steward may change a zone now.
   * @throws StewardError `replica_not_ready`; `steward_unavailable` with the reason; before anything happens
   */
  assertInCharge(zoneId: string, gateClass: GateClass): void;
  /** Tells whether the steward may change a zone now. */
  isInCharge(zoneId: string, gateClass: GateClass): boolean;
  /** Calls back when the steward came to be in charge of a zone, of both classes. */
  onInCharge(listener: (zoneId: string) => void): void;
  /**
   * Checks that the steward has something to read.
   * @throws StewardError `replica_not_ready`; `steward_unavailable` OVERLOADED
   */
  assertReadable(zoneId: string): void;
  /** The newest released entry, where pages of a log end; undefined where that is the log's end. */
  findReleasedSeq(zoneId: string): number | undefined;
  /**
   * Waits for a replica's released copy to reach an entry; undefined where nothing is to be waited for. The
   * promise rejects with `replica_not_ready`, BEHIND, where it takes too long.
   */
  whenReached(zoneId: string, seq: number): Promise<void> | undefined;
  /** How a replica stands; undefined at a primary, and for other zones. */
  findReplica(zoneId: string): ReplicaStanding | undefined;
  /** Tells whether section 9 applies to a zone. */
  isReplicated(zoneId: string): boolean;
  /** The newest released head of the zone's primary; undefined for other zones. */
  findPrimaryHead(zoneId: string): PrimaryHead | undefined;
  /** Whether pages of a log wait as other answers do, although they end at what is released. */
  holdsPages(zoneId: string): boolean;
}
