import { createHash } from "node:crypto";
import type { Position } from "../../../src/protocol/commit.ts";
import type { ZoneEffect, ZoneEvent } from "../../../src/replication/core/events.ts";
import type { DurableZone, Epoch, ZoneState } from "../../../src/replication/core/state.ts";
import { step } from "../../../src/replication/core/step.ts";
import { createEmptyZone, createZoneState } from "../../../src/replication/core/zone.ts";

/** The lease of these epochs. */
export const LEASE_MS = 10_000;

/** An envelope after another one, as the core reads it. */
export function toEpoch(
  before: Epoch | undefined,
  set: {
    primary: string;
    voters?: string[];
    learners?: string[];
    minAcks?: number;
    acceptsLoss?: boolean;
    branch?: string;
  },
): Epoch {
  const { primary, voters = [], learners = [], minAcks = 0, acceptsLoss = false } = set;
  const epoch = (before?.epoch ?? 0) + 1;
  const n = voters.length;
  const otherAcks = Math.min(minAcks, n);
  return {
    epoch,
    hash: digestOf(`${before?.hash} ${epoch} ${JSON.stringify(set)}`),
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

/** Some digest. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A position of a history that all who say its name share. */
export function at(epoch: number, n: number, history = ""): Position {
  return { epoch, n, digest: digestOf(`${history} ${n}`) };
}

/** What a steward has that followed until a position. */
export function toFollower(epochs: readonly Epoch[], position: Position): DurableZone {
  return {
    ...createEmptyZone(),
    epochs,
    position,
    isComplete: true,
    first: { epoch: position.epoch, n: position.n },
    entry: { isKept: false, isEmpty: false },
  };
}

/** Runs the core of one steward, and keeps what it says. */
export class CoreRun {
  state: ZoneState;
  nowMs = 0;
  effects: ZoneEffect[] = [];

  constructor(self: string, durable: DurableZone, isStart = false) {
    this.state = createZoneState(self, durable, { nowMs: 0, isStart });
  }

  /** Takes an event, without its time, and returns what it led to. */
  take(event: Untimed<ZoneEvent>): readonly ZoneEffect[] {
    const taken = step(this.state, { ...event, nowMs: this.nowMs } as ZoneEvent);
    this.state = taken.state;
    this.effects.push(...taken.effects);
    return taken.effects;
  }

  /** Another steward tells its position in this one's E. */
  hear(
    from: string,
    position: Position | null,
    more: { isLost?: boolean; isSound?: boolean; ownHistory?: string } = {},
  ) {
    const epoch = this.state.durable.epochs.at(-1);
    const { isLost = false, isSound = true, ownHistory } = more;
    return this.take({
      type: "position",
      from,
      epoch: epoch?.epoch ?? 0,
      envelopeHash: epoch?.hash,
      position,
      isSound,
      isLost,
      ownDigest: position === null ? undefined : this.ownDigest(position.n, ownHistory),
    });
  }

  /** A follower acknowledges. */
  ack(from: string, position: Position, epoch = this.state.durable.epochs.at(-1)?.epoch ?? 0) {
    const { n, digest } = position;
    return this.take({ type: "ack", from, epoch, n, digest, ownDigest: this.ownDigest(n) });
  }

  private ownDigest(n: number, history = ""): string | undefined {
    const own = this.state.durable.position;
    return own === undefined || n > own.n ? undefined : at(own.epoch, n, history).digest;
  }
}

type Untimed<Event> = Event extends ZoneEvent ? Omit<Event, "nowMs"> : never;
