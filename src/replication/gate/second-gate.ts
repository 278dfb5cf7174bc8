import type { Logger } from "../../base/log.ts";
import type { StewardError } from "../../errors.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { Store } from "../../store/database.ts";
import type { ReplicaStanding } from "../../wire/zone-replies.ts";
import type { GateClass, GateMark, HeldOptions, ZoneGate } from "../../zones/zone-gate.ts";
import { type Held, HeldQueue } from "./held-queue.ts";

/** What an effect keeps in memory beside what it says. */
const EFFECT_BYTES = 512;

const CLASSES: readonly GateClass[] = ["money", "other"];

/** A replicated zone as the gate has to know it; asked whenever something depends on it. */
export interface GatedZone {
  /** Milliseconds until something that waits is given up on: L; where the copy is another's, of answers. */
  leaseMs(gateClass: GateClass): number;
  /** The number of the zone's last commit, which may not be durable yet. */
  position(): number;
  /**
   * The highest number that as many voters hold as a class needs; Infinity where it needs none, so that
   * nothing waits.
   */
  released(gateClass: GateClass): number;
  /** Whether the steward is in charge: nothing refuses a change now. */
  isInCharge(gateClass: GateClass): boolean;
  /** What refuses a change now; undefined where the steward is in charge. */
  refusal(gateClass: GateClass): StewardError | undefined;
  /** What refuses whatever would wait here beside too much that does. */
  overloaded(): StewardError;
  /** What refuses whatever needs a copy of the zone; undefined where there is one. */
  unreadable(): StewardError | undefined;
  /** Where the log ended with a commit. */
  seqAt(n: number): number;
  /** What those are told whose answer, or question, was not acknowledged in time. */
  late(isRead: boolean): StewardError;
  /** How this replica stands; undefined at a primary. */
  replica(): ReplicaStanding | undefined;
  /** The newest released head of the primary. */
  primaryHead(): PrimaryHead | undefined;
  /** Whether pages wait, too, as other answers do: where this steward orders what they end with. */
  holdsPages(): boolean;
}

/** What may wait for one zone; beyond, nothing more is begun. */
export interface GateLimits {
  readonly framesMax: number;
  readonly bytesMax: number;
}

export interface SecondGateDeps {
  readonly store: Pick<Store, "gate">;
  readonly monotonicMs: () => number;
  readonly log: Pick<Logger, "error">;
  readonly limits: GateLimits;
}

interface Mark extends GateMark {
  readonly watched: Watched;
  n: number;
}

/** A question that waits for the copy to reach an entry. */
interface Reader {
  readonly seq: number;
  readonly end: (error?: StewardError) => void;
}

/** What the gate keeps of a zone. */
interface Watched {
  readonly zone: GatedZone;
  readonly queues: Readonly<Record<GateClass, HeldQueue>>;
  wasInCharge: boolean;
  /** Who waits for an entry to be released. */
  readonly readers: Set<Reader>;
  /** Made since the last commit, and not waited for yet. */
  marks: Mark[];
  /** Those that a commit numbered, as long as it may yet be undone. */
  numbered: Mark[];
  /** How many were made since what came before was durable: what they are for is not in a queue yet. */
  inTurn: number;
  /** Whether that is set right after the turn; an undone operation takes back what would. */
  isCounting: boolean;
  timer: NodeJS.Timeout | undefined;
  /** When the timer ends, of the monotonic clock; Infinity without one. */
  timerMs: number;
}

/**
 * Holds back what leaves replicated zones until enough voters have the commit it tells of, in the order in
 * which it was handed over, each zone and class for itself; `docs/protocol.md` §9.7. It decides nothing: the
 * zone's state machine tells it what is released.
 */
export class SecondGate implements ZoneGate {
  private readonly deps: SecondGateDeps;
  private readonly zones = new Map<string, Watched>();
  private find: ((zoneId: string) => GatedZone | undefined) | undefined;
  private readonly inChargeListeners: ((zoneId: string) => void)[] = [];

  constructor(deps: SecondGateDeps) {
    this.deps = deps;
  }

  /** Says how zones that are replicated without having been watched so far are found. */
  setFinder(find: (zoneId: string) => GatedZone | undefined): void {
    this.find = find;
  }

  /** How many effects of all zones wait, and about how much memory they keep. */
  measure(): { readonly frames: number; readonly bytes: number } {
    const queues = [...this.zones.values()].flatMap((watched) => Object.values(watched.queues));
    return {
      frames: queues.reduce((sum, { frames }) => sum + frames, 0),
      bytes: queues.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  /** Begins to hold a zone's effects. */
  watch(zoneId: string, zone: GatedZone): Watched {
    const queues = { money: new HeldQueue(), other: new HeldQueue() };
    const watched: Watched = {
      ...{ zone, queues, marks: [], numbered: [], inTurn: 0, isCounting: false },
      ...{ readers: new Set(), timer: undefined, timerMs: Infinity },
      wasInCharge: isInCharge(zone),
    };
    this.zones.set(zoneId, watched);
    return watched;
  }

  /** Lets go what is acknowledged by now; call once what changed is durable. */
  changed(zoneId: string): void {
    const watched = this.zones.get(zoneId);
    if (watched === undefined) return;
    this.flush(watched);
    for (const reader of watched.readers) {
      if (reader.seq <= toReleasedSeq(watched.zone)) reader.end();
    }
    const { wasInCharge } = watched;
    watched.wasInCharge = isInCharge(watched.zone);
    if (wasInCharge || !watched.wasInCharge) return;
    for (const listener of this.inChargeListeners) this.run(() => listener(zoneId));
  }

  /** The zone is replicated no more: nothing of it waits any longer. */
  unwatch(zoneId: string): void {
    const watched = this.zones.get(zoneId);
    if (watched === undefined) return;
    this.zones.delete(zoneId);
    clearTimeout(watched.timer);
    this.take(
      watched,
      (queue) => queue.takeReleased(Infinity),
      ({ run }) => run(),
    );
  }

  /** Notes the number that the operation under way commits at; call inside its write. */
  commit(zoneId: string, n: number): void {
    const watched = this.zones.get(zoneId);
    if (watched === undefined) return;
    for (const mark of watched.marks) mark.n = n;
    watched.numbered.push(...watched.marks);
    watched.marks = [];
  }

  /**
   * An operation was undone, and the zones' positions are what they were before it: what its commits numbered
   * is of the operation around it, or of an earlier one.
   */
  undone(): void {
    for (const watched of this.zones.values()) {
      watched.isCounting = false;
      if (watched.numbered.length === 0) continue;
      const n = watched.zone.position();
      const undone = watched.numbered.filter((mark) => mark.n > n);
      for (const mark of undone) mark.n = n;
      watched.numbered = watched.numbered.filter((mark) => !undone.includes(mark));
      watched.marks.push(...undone);
    }
  }

  /**
   * Another steward is primary, durably: what waits for acknowledgements never gets them here.
   * @param error what those are told who wait for an answer
   */
  depose(zoneId: string, error: StewardError): void {
    const watched = this.zones.get(zoneId);
    if (watched === undefined) return;
    this.take(
      watched,
      (queue) => queue.takeReleased(Infinity),
      ({ options }) => options.deposed?.(error),
    );
  }

  mark(zoneId: string, gateClass: GateClass): Mark | undefined {
    const watched = this.findWatched(zoneId);
    if (watched === undefined || watched.zone.released(gateClass) === Infinity) return undefined;
    const mark = { zoneId, gateClass, watched, n: watched.zone.position() };
    watched.marks.push(mark);
    this.countInTurn(watched);
    return mark;
  }

  isReleased(mark: GateMark | undefined): boolean {
    if (mark === undefined) return true;
    const { watched, gateClass, n } = mark as Mark;
    return n <= watched.zone.released(gateClass);
  }

  wait(mark: GateMark | undefined, run: () => void, options: HeldOptions = {}): void {
    if (mark === undefined) return run();
    const { watched, gateClass, n } = mark as Mark;
    const { zone, queues } = watched;
    // No operation is under way, so none of these is to be numbered by it.
    watched.marks = [];
    watched.numbered = [];
    const queue = queues[gateClass];
    if (queue.frames === 0 && n <= zone.released(gateClass)) return this.run(run);
    const deadlineMs = this.deps.monotonicMs() + zone.leaseMs(gateClass);
    const bytes = EFFECT_BYTES + (options.bytes?.() ?? 0);
    queue.add({ n, run, options, bytes, deadlineMs, isDone: false });
    if (options.late !== undefined) this.setTimer(watched, deadlineMs);
  }

  /** Runs something once a copy's commit is released, in the order of what its primary says. */
  waitFor(zoneId: string, n: number, run: () => void): void {
    const watched = this.findWatched(zoneId);
    const mark = watched && { zoneId, gateClass: "money" as const, watched, n };
    this.wait(mark, run, { late: run, deposed: run });
  }

  hold(zoneId: string, gateClass: GateClass, run: () => void, options: HeldOptions = {}): void {
    const mark = this.mark(zoneId, gateClass);
    if (mark === undefined) this.deps.store.gate(run, options.abort);
    else this.deps.store.gate(() => this.wait(mark, run, options), options.abort);
  }

  assertInCharge(zoneId: string, gateClass: GateClass): void {
    const watched = this.findWatched(zoneId);
    if (watched === undefined) return;
    const refusal = watched.zone.unreadable() ?? watched.zone.refusal(gateClass);
    if (refusal !== undefined) throw refusal;
    this.assertRoom(watched);
  }

  isInCharge(zoneId: string, gateClass: GateClass): boolean {
    return this.findWatched(zoneId)?.zone.isInCharge(gateClass) ?? true;
  }

  onInCharge(listener: (zoneId: string) => void): void {
    this.inChargeListeners.push(listener);
  }

  assertReadable(zoneId: string): void {
    const watched = this.findWatched(zoneId);
    if (watched === undefined) return;
    const refusal = watched.zone.unreadable();
    if (refusal !== undefined) throw refusal;
    this.assertRoom(watched);
  }

  findReleasedSeq(zoneId: string): number | undefined {
    const zone = this.findWatched(zoneId)?.zone;
    if (zone === undefined) return undefined;
    const n = zone.released("other");
    return n >= zone.position() ? undefined : zone.seqAt(n);
  }

  whenReached(zoneId: string, seq: number): Promise<void> | undefined {
    const watched = this.findWatched(zoneId);
    if (watched === undefined || watched.zone.holdsPages()) return undefined;
    const { zone, readers } = watched;
    if (seq <= toReleasedSeq(zone)) return undefined;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reader.end(zone.late(true)), zone.leaseMs("other"));
      const end = (error?: StewardError) => {
        clearTimeout(timer);
        readers.delete(reader);
        if (error === undefined) resolve();
        else reject(error);
      };
      const reader: Reader = { seq, end };
      readers.add(reader);
    });
  }

  isReplicated(zoneId: string): boolean {
    return this.findWatched(zoneId) !== undefined;
  }

  findReplica(zoneId: string): ReplicaStanding | undefined {
    return this.findWatched(zoneId)?.zone.replica();
  }

  findPrimaryHead(zoneId: string): PrimaryHead | undefined {
    return this.findWatched(zoneId)?.zone.primaryHead();
  }

  holdsPages(zoneId: string): boolean {
    return this.findWatched(zoneId)?.zone.holdsPages() ?? false;
  }

  private findWatched(zoneId: string): Watched | undefined {
    const watched = this.zones.get(zoneId);
    if (watched !== undefined || this.find === undefined) return watched;
    const zone = this.find(zoneId);
    return zone && this.watch(zoneId, zone);
  }

  private countInTurn(watched: Watched): void {
    watched.inTurn++;
    if (watched.isCounting) return;
    watched.isCounting = true;
    // Before whatever was marked: it is in the queues next, or lost with the turn.
    const forget = () => {
      watched.inTurn = 0;
      watched.isCounting = false;
      watched.numbered = [];
    };
    this.deps.store.gate(forget, forget);
  }

  private assertRoom(watched: Watched): void {
    const { money, other } = watched.queues;
    const { framesMax, bytesMax } = this.deps.limits;
    // After an undone operation the count may be of a turn that is over.
    const inTurn = watched.isCounting ? watched.inTurn : 0;
    const frames = money.frames + other.frames + inTurn;
    if (frames < framesMax && money.bytes + other.bytes < bytesMax) return;
    throw watched.zone.overloaded();
  }

  /** Ends the timers; what is held stays so. */
  [Symbol.dispose](): void {
    for (const { timer } of this.zones.values()) clearTimeout(timer);
  }

  private flush(watched: Watched): void {
    this.take(
      watched,
      (queue, gateClass) => queue.takeReleased(watched.zone.released(gateClass)),
      ({ run }) => run(),
    );
  }

  private giveUp(watched: Watched): void {
    const nowMs = this.deps.monotonicMs();
    const { zone, queues } = watched;
    watched.timerMs = Infinity;
    this.take(
      watched,
      (queue) => queue.takeLate(nowMs),
      ({ options }) => options.late?.(zone.late(options.isRead ?? false)),
    );
    for (const { nextDeadlineMs } of [queues.money, queues.other]) {
      if (nextDeadlineMs !== undefined) this.setTimer(watched, nextDeadlineMs);
    }
  }

  private take(
    watched: Watched,
    next: (queue: HeldQueue, gateClass: GateClass) => Held | undefined,
    run: (held: Held) => void,
  ): void {
    for (const gateClass of CLASSES) {
      const queue = watched.queues[gateClass];
      for (let held = next(queue, gateClass); held; held = next(queue, gateClass)) {
        const taken = held;
        this.run(() => run(taken));
      }
    }
  }

  /** Looks for what is late at a time; one timer, which is not put off where what it was for is gone. */
  private setTimer(watched: Watched, atMs: number): void {
    if (atMs >= watched.timerMs) return;
    clearTimeout(watched.timer);
    watched.timerMs = atMs;
    const waitMs = Math.max(0, Math.ceil(atMs - this.deps.monotonicMs()));
    watched.timer = setTimeout(() => this.giveUp(watched), waitMs);
    watched.timer.unref();
  }

  private run(effect: () => void): void {
    try {
      effect();
    } catch (error) {
      this.deps.log.error({ err: error }, "an effect failed");
    }
  }
}

function toReleasedSeq(zone: GatedZone): number {
  return zone.seqAt(Math.min(zone.released("other"), zone.position()));
}

function isInCharge(zone: GatedZone): boolean {
  return CLASSES.every((gateClass) => zone.isInCharge(gateClass));
}
