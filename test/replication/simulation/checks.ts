import type { Position } from "../../../src/protocol/commit.ts";
import type { AckKind, Epoch, HaltReason, ZoneState } from "../../../src/replication/core/state.ts";
import type { SimChain } from "./chain.ts";
import { findAt, holds, type Tip } from "./history.ts";
import type { SimSteward } from "./steward.ts";

/** What must hold may not hold here, because a disk forgot what it had committed. */
export interface Assumptions {
  /** A backup was restored without a word, or one that had not adopted what its steward since had. */
  isBroken: boolean;
  /** Copies were deleted or restored, and their stewards were told. */
  isLossy: boolean;
}

interface Release {
  readonly tip: Tip;
  readonly epoch: Epoch;
}

/** An invariant that did not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** The invariants of `docs/protocol.md` §9.15, checked with an eye on all disks at once. */
export class Checks {
  readonly assumptions: Assumptions = { isBroken: false, isLossy: false };
  private readonly chain: SimChain;
  private readonly committers = new Map<string, string>();
  private readonly digests = new Map<string, string>();
  /** The newest thing that left, by envelope and class. */
  private readonly released = new Map<string, Release>();
  /** What each process released last, by class. */
  private readonly last = new Map<string, number>();
  private readonly reported = new Map<string, Position>();
  /** In which envelopes something that may happen once did. */
  private readonly done = new Map<string, string[]>();
  /** What was said and done, to see that a run did something. */
  readonly counts = { commits: 0, released: 0, takeovers: 0, copies: 0, invoked: 0, left: 0 };

  constructor(chain: SimChain) {
    this.chain = chain;
  }

  /** 4 and 10. */
  onStep({ state, name }: SimSteward, before: ZoneState, event: string): void {
    if (state.durable === before.durable) return;
    const [was, is] = [
      before.durable.epochs.at(-1)?.epoch ?? 0,
      state.durable.epochs.at(-1)?.epoch ?? 0,
    ];
    this.assert(
      4,
      is >= was || event === "branch",
      () => `${name} fell from epoch ${was} to ${is}`,
    );
    const isGiven = before.durable.isComplete && !state.durable.isComplete && event !== "lost";
    this.assert(10, !isGiven, () => `${name} gave its copy up`);
  }

  /** 4: what is acknowledged is acknowledged to primary(E). */
  onAck({ durable, name }: SimSteward, epoch: number, position: Position | undefined): void {
    const newest = durable.epochs.at(-1)?.epoch;
    const isOwn = newest === epoch && (position === undefined || position.epoch <= epoch);
    this.assert(4, isOwn, () => `${name} acknowledged for ${epoch} in ${newest}`);
  }

  /** 1, 2 and 3. */
  onCommit(steward: SimSteward, made: Tip): void {
    const { id, name, durable } = steward;
    const { n, digest } = made.position;
    this.counts.commits += 1;
    if (this.assumptions.isBroken) return;
    const committer = this.committers.get(made.branch) ?? id;
    this.committers.set(made.branch, committer);
    this.assert(1, committer === id, () => `${name} commits in the epoch of another one`);
    const key = `${made.branch} ${n}`;
    const known = this.digests.get(key) ?? digest;
    this.digests.set(key, known);
    this.assert(2, known === digest, () => `${name} commits ${n} twice`);
    if (made.before?.branch === made.branch || made.before === undefined) return;
    this.counts.takeovers += 1;
    for (const release of this.released.values())
      this.checkKept(name, durable.epochs, made, release);
  }

  private checkKept(
    name: string,
    epochs: readonly Epoch[],
    made: Tip,
    { tip, epoch }: Release,
  ): void {
    const isOfLine = epochs.some(({ hash }) => hash === epoch.hash);
    const isForgiven = epochs.some((next) => next.epoch > epoch.epoch && next.acceptsLoss);
    if (!isOfLine || isForgiven) return;
    this.assert(
      3,
      holds(made, tip),
      () =>
        `${name} begins epoch ${made.position.epoch} at ${made.position.n} without ${show(tip)}`,
    );
  }

  /** 5, and what 3 and 6 are judged by. */
  onReleased(steward: SimSteward, to: Readonly<Record<AckKind, number>>): void {
    const { epoch, disk, name, boot } = steward;
    if (epoch === undefined || this.assumptions.isBroken) return;
    for (const kind of ["money", "other"] as const) {
      const tip = findAt(disk.tip, to[kind]);
      const key = `${name} ${boot} ${kind}`;
      if (tip === undefined || to[kind] === 0 || this.last.get(key) === to[kind]) continue;
      this.last.set(key, to[kind]);
      const acks = kind === "money" ? epoch.moneyAcks : epoch.otherAcks;
      const held = epoch.voters.filter((voter) => tip.holders.has(voter)).length;
      this.assert(
        5,
        held >= acks,
        () => `${name} releases ${show(tip)} held by ${held} of ${acks}`,
      );
      this.counts.released += 1;
      if (acks > 0 || epoch.n === 0) this.released.set(`${epoch.hash} ${kind}`, { tip, epoch });
    }
  }

  /** 5: what leaves was released. */
  onLeft({ state, name }: SimSteward, tip: Tip, kind: AckKind): void {
    this.counts.left += 1;
    const { n } = tip.position;
    this.assert(5, n <= state.released[kind], () => `${name} answers before ${n} is released`);
  }

  /** 5: what a replica serves was released by a primary. */
  onReplicaRead({ state, draft, epoch, name }: SimSteward): void {
    if (this.assumptions.isBroken || epoch === undefined || epoch.otherAcks === 0) return;
    const { durable, primary } = state;
    if (!durable.isComplete || primary.released < (durable.position?.n ?? 0)) return;
    const { tip } = draft;
    if (tip.branch !== epoch.hash) return;
    const held = epoch.voters.filter((voter) => tip.holders.has(voter)).length;
    this.assert(5, held >= epoch.otherAcks, () => `${name} serves ${show(tip)}, not yet released`);
  }

  /** 6. */
  onReplaced({ name, durable }: SimSteward, old: Tip, next: Tip): void {
    this.counts.copies += 1;
    if (this.assumptions.isBroken || durable.isForeign) return;
    for (const { tip, epoch } of this.released.values()) {
      if (!holds(old, tip) || holds(next, tip)) continue;
      const isOfLine = durable.epochs.some(({ hash }) => hash === epoch.hash);
      const isForgiven = durable.epochs.some(
        (later) => later.epoch > epoch.epoch && later.acceptsLoss,
      );
      this.assert(6, !isOfLine || isForgiven, () => `${name} sets ${show(tip)} aside`);
    }
  }

  /** 9. */
  onReport({ id, name, epoch, durable }: SimSteward, position: Position | null): void {
    if (this.assumptions.isBroken || durable.isLost || epoch === undefined) return;
    const key = `${id} ${epoch.hash}`;
    const before = this.reported.get(key);
    if (position !== null) this.reported.set(key, position);
    if (before === undefined) return;
    const [was, is] = [toOrder(before), position === null ? -1 : toOrder(position)];
    this.assert(9, is >= was, () => `${name} told ${was} and then ${is} in epoch ${epoch.epoch}`);
  }

  /** Honest stewards with honest disks find no evidence against one another. */
  onHalted({ name }: SimSteward, reason: HaltReason): void {
    const { isBroken, isLossy } = this.assumptions;
    const isExpected = isBroken || (isLossy && reason === "STATE_LOST");
    this.assert(11, isExpected, () => `${name} halted: ${reason}`);
  }

  /** 7: runs. */
  onInvoked(steward: SimSteward, request: string, isIdempotent: boolean): void {
    this.counts.invoked += 1;
    if (!isIdempotent) this.checkOnce(steward, `run of ${request}`);
  }

  /** 7: refunds. */
  onRefunded(steward: SimSteward, request: string): void {
    this.checkOnce(steward, `refund of ${request}`);
  }

  /** On one line of envelopes it happens once; two of one epoch may each have a steward in charge. */
  private checkOnce({ durable, epoch }: SimSteward, what: string): void {
    const before = this.done.get(what) ?? [];
    this.done.set(what, [...before, epoch?.hash ?? ""]);
    if (this.assumptions.isBroken) return;
    const isAgain = before.some((hash) => durable.epochs.some((past) => past.hash === hash));
    this.assert(7, !isAgain, () => `second ${what}`);
  }

  /** 7: charges. */
  checkMoney(requests: readonly string[]): void {
    for (const request of requests) {
      const charges = this.chain.countCharges(request);
      this.assert(7, charges <= 1, () => `${request} was charged ${charges} times`);
    }
  }

  assert(invariant: number, holds: boolean, say: () => string): void {
    if (!holds) throw new Violation(`invariant ${invariant}: ${say()}`);
  }
}

function show({ position }: Tip): string {
  return `(${position.epoch}, ${position.n})`;
}

function toOrder({ epoch, n }: Position): number {
  return epoch * 1e6 + n;
}
