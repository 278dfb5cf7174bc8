import type { StewardError } from "../errors.ts";

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
  /** Whether pages of a log wait as other answers do, although they end at what is released. */
  holdsPages(zoneId: string): boolean;
}
