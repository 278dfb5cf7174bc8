import type { ZoneRecord } from "../../../src/protocol/commit.ts";
import type { ZoneEffect, ZoneEvent } from "../../../src/replication/core/events.ts";
import type {
  AckKind,
  DurableZone,
  Epoch,
  ZoneState,
} from "../../../src/replication/core/state.ts";
import { listWaitingFor } from "../../../src/replication/core/take-over.ts";
import type { SimChain } from "./chain.ts";
import type { Checks } from "./checks.ts";
import type { SimClock } from "./clock.ts";
import { findDigest, type Stand } from "./copy.ts";
import type { Decisions } from "./core.ts";
import { SimDesk } from "./desk.ts";
import { SimFeeds } from "./feeds.ts";
import { SimFollower } from "./follower.ts";
import { SimGate } from "./gate.ts";
import { createRoot, extend, hold, type Tip } from "./history.ts";
import { SimInbox } from "./inbox.ts";
import type { SimMessage } from "./messages.ts";
import type { Endpoint } from "./network.ts";
import type { Random } from "./random.ts";

/** What a simulated disk holds, as of its last COMMIT. */
export interface Disk {
  readonly durable: DurableZone;
  readonly tip: Tip;
  readonly keptFrom: number;
  /** The refunds that this steward sent. */
  readonly wallet: ReadonlySet<string>;
}

/** When a crash strikes. */
export type CrashMoment = "before COMMIT" | "after COMMIT" | "between effects";

/** What a simulated steward stands in. */
export interface SimWorld {
  readonly clock: SimClock;
  readonly random: Random;
  readonly chain: SimChain;
  readonly checks: Checks;
  readonly decisions: Decisions;
  readonly send: (from: string, to: string, message: SimMessage) => void;
  readonly onCrash: (node: string) => void;
  readonly nameOf: (node: string) => string;
}

type Untimed<Event> = Event extends ZoneEvent ? Omit<Event, "nowMs"> : never;

/** A steward: the real decisions over a simulated disk, clock and links. */
export class SimSteward implements Endpoint {
  readonly id: string;
  readonly name: string;
  readonly publicKey: string;
  readonly gate = new SimGate();
  feeds: SimFeeds;
  follower: SimFollower;
  desk: SimDesk;
  private readonly inbox = new SimInbox(this);
  isUp = true;
  /** Counts starts. */
  boot = 1;
  disk: Disk;
  /** The disk as the write under way leaves it. */
  draft: Disk;
  state: ZoneState;
  backup: Disk;
  /** Its process ends at its next write. */
  crashing: CrashMoment | undefined;
  stalledUntilMs = 0;
  private readonly world: SimWorld;
  private readonly rate: number;
  /** What the write under way commits. */
  private made: Tip[] = [];
  private backlog: (() => void)[] = [];
  private queue: (() => void)[] = [];
  private isFlushing = false;

  constructor(world: SimWorld, key: { id: string; name: string; publicKey: string }) {
    this.world = world;
    this.id = key.id;
    this.name = key.name;
    this.publicKey = key.publicKey;
    this.rate = world.random.between(0.8, 1.25);
    const { decisions } = world;
    this.disk = {
      durable: decisions.createEmptyZone(),
      tip: createRoot(0),
      keptFrom: 0,
      wallet: new Set(),
    };
    this.draft = this.disk;
    this.backup = this.disk;
    this.state = decisions.createZoneState(this.id, this.disk.durable, {
      nowMs: 0,
      isStart: false,
    });
    this.feeds = this.createFeeds();
    this.follower = new SimFollower(this);
    this.desk = new SimDesk(this, world.chain);
  }

  get localMs(): number {
    return this.world.clock.nowMs * this.rate;
  }
  get decisions(): Decisions {
    return this.world.decisions;
  }
  get checks(): Checks {
    return this.world.checks;
  }
  get random(): Random {
    return this.world.random;
  }
  get durable(): DurableZone {
    return this.state.durable;
  }
  /** E. */
  get epoch(): Epoch | undefined {
    return this.state.durable.epochs.at(-1);
  }

  /** Hosts a zone: complete before its first commit. */
  host(tip: Tip, epochs: readonly Epoch[]): void {
    const durable = { ...this.disk.durable, isComplete: true, position: tip.position, epochs };
    this.disk = { ...this.disk, tip, durable };
    this.draft = this.disk;
    this.state = { ...this.state, durable };
  }

  /** Runs one write and, after its COMMIT, what it led to; later where the disk is stalled. */
  write(run: () => void): void {
    if (!this.isUp) return;
    const isStalled = this.world.clock.nowMs < this.stalledUntilMs;
    if (isStalled || this.backlog.length > 0) return this.wait(run);
    this.runWrite(run);
  }

  /** Keeps what comes while the disk is stalled, in order. */
  private wait(run: () => void): void {
    this.backlog.push(run);
    if (this.backlog.length === 1) this.drainLater();
  }

  private drainLater(): void {
    const { boot } = this;
    const { clock } = this.world;
    clock.after(Math.max(0, this.stalledUntilMs - clock.nowMs), () => {
      if (this.boot !== boot || !this.isUp) return;
      if (clock.nowMs < this.stalledUntilMs) return this.drainLater();
      for (const run of this.backlog.splice(0)) if (this.isUp) this.runWrite(run);
    });
  }

  private runWrite(run: () => void): void {
    this.draft = this.disk;
    this.made = [];
    run();
    this.commitDraft();
  }

  /** Brings an event to the core, within a write. */
  feed(event: Untimed<ZoneEvent>): void {
    const before = this.state;
    const { state, effects } = this.decisions.step(before, {
      ...event,
      nowMs: this.localMs,
    } as ZoneEvent);
    this.state = state;
    if (state.durable !== this.draft.durable)
      this.draft = { ...this.draft, durable: state.durable };
    this.checks.onStep(this, before, event.type);
    for (const effect of effects) this.queue.push(() => this.execute(effect));
  }

  afterCommit(run: () => void): void {
    this.queue.push(run);
  }

  /** Makes a commit of the zone, within a write. */
  commit(records: readonly ZoneRecord[]): Tip {
    const { epoch } = this;
    if (epoch === undefined) throw new Error("commits without an envelope");
    const made = extend(this.draft.tip, {
      epoch: epoch.epoch,
      branch: epoch.hash,
      salt: `${this.name}${this.random.int(0, 1e9)}`,
      records,
      steward: this.id,
      publicKey: this.publicKey,
    });
    this.made.push(made);
    this.draft = { ...this.draft, tip: made };
    this.feed({ type: "committed", position: made.position });
    this.afterCommit(() => this.feeds.pumpAll(this.toServed()));
    return made;
  }

  /** Applies what was received. */
  apply(from: string, tip: Tip): void {
    this.draft = { ...this.draft, tip };
    this.feed({ type: "applied", from, position: tip.position });
  }

  /** Takes a complete copy in place of the own one. */
  replace(from: string, tip: Tip): void {
    if (this.durable.isComplete) this.checks.onReplaced(this, this.draft.tip, tip);
    this.draft = { ...this.draft, tip, keptFrom: tip.position.n };
    this.feed({ type: "copied", from, position: tip.position });
  }

  /** Lets something about the zone leave once it is released; `abort` where it may not. */
  hold(
    kind: AckKind,
    n: number,
    waiting: { run: () => void; abort?: (why: string) => void; isLasting?: true },
  ): void {
    const { run, abort = () => undefined, isLasting = false } = waiting;
    this.afterCommit(() => {
      if (n <= this.state.released[kind]) run();
      else this.gate.add({ kind, n, sinceMs: this.localMs, run, abort, isLasting });
    });
  }

  /** Why a class of the zone may not be changed here by a peer. */
  findRefusal(kind: AckKind): string | undefined {
    return this.decisions.findRefusal(this.state, kind, this.localMs);
  }

  findCommitRefusal(kind: AckKind): string | undefined {
    return this.decisions.findCommitRefusal(this.state, kind, this.localMs);
  }

  send(to: string, message: SimMessage): void {
    this.world.send(this.id, to, message);
  }

  /** Runs something later, if this process still lives. */
  later(delayMs: number, run: () => void): void {
    const { boot } = this;
    this.world.clock.after(delayMs, () => {
      if (this.isUp && this.boot === boot) this.write(run);
    });
  }

  toStand(tip: Tip, isSide: boolean, isRecover: boolean): Stand {
    const { epochs } = this.durable;
    const newest = epochs.at(-1);
    return {
      epoch: newest?.epoch ?? 0,
      tip,
      keptFrom: isSide ? tip.position.n : this.draft.keptFrom,
      maySign: (node, headEpoch) =>
        node === newest?.primary ||
        (isRecover && epochs.some((past) => past.epoch >= headEpoch && past.primary === node)),
    };
  }

  // What links bring.

  reaches(node: string): boolean {
    return this.isUp && this.state.said.reach.includes(node);
  }
  onLinkUp(node: string): void {
    this.write(() => {
      this.feed({ type: "linkUp", node });
      this.follower.onLinkUp(node);
    });
  }
  onLinkDown(node: string): void {
    this.write(() => {
      this.feeds.end(node);
      this.feed({ type: "linkDown", node });
    });
  }
  onPong(node: string, sentAtMs: number): void {
    this.write(() => this.feed({ type: "pong", node, sentAtMs: sentAtMs * this.rate }));
  }
  onMessage(from: string, message: SimMessage): void {
    this.write(() => this.inbox.take(from, message));
  }

  tick(): void {
    this.write(() => {
      this.feed({ type: "tick" });
      this.follower.tick();
      this.gate.expire(this.localMs - (this.epoch?.leaseMs ?? 0));
      this.desk.work();
    });
  }

  /** Ends the process; the disk stays as of its last COMMIT. */
  crash(): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.crashing = undefined;
    this.queue = [];
    this.world.onCrash(this.id);
  }

  /** Starts anew from the disk. */
  start(): void {
    if (this.isUp) return;
    this.isUp = true;
    this.boot += 1;
    this.draft = this.disk;
    this.queue = [];
    this.backlog = [];
    this.stalledUntilMs = 0;
    this.gate.clear();
    const { durable } = this.disk;
    const nowMs = this.localMs;
    this.state = this.decisions.createZoneState(this.id, durable, { nowMs, isStart: true });
    this.feeds = this.createFeeds();
    this.follower = new SimFollower(this);
    this.desk = new SimDesk(this, this.world.chain);
    this.tick();
  }

  /** Its commits but the newest are not kept any more. */
  prune(kept: number): void {
    this.write(() => {
      const keptFrom = Math.max(this.draft.keptFrom, this.draft.tip.position.n - kept);
      this.draft = { ...this.draft, keptFrom };
    });
  }

  backUp(): void {
    this.backup = this.disk;
  }

  /** Its copy is deleted while it runs. */
  deleteCopy(): void {
    this.write(() => this.feed({ type: "lost", isDeleted: true }));
  }

  /** A stopped steward's disk becomes that of its backup. */
  restore(isSilent: boolean): void {
    const { durable } = this.backup;
    this.disk = isSilent ? this.backup : { ...this.backup, durable: { ...durable, isLost: true } };
  }

  /** What it waits for. */
  explain(): string {
    const waiting = listWaitingFor(this.state, this.localMs);
    const names = waiting.map((node) => this.world.nameOf(node));
    return `at ${this.durable.position?.n}, waits for ${names.join(" ")}`;
  }

  /** It is on another branch of the envelopes than these. */
  isOff(epochs: readonly Epoch[]): boolean {
    return this.durable.epochs.some(({ epoch, hash }) => epochs[epoch - 1]?.hash !== hash);
  }

  /** Its operator moves it to another branch. */
  moveTo(epochs: readonly Epoch[]): void {
    const first = this.durable.epochs.find(({ epoch, hash }) => epochs[epoch - 1]?.hash !== hash);
    if (first === undefined) return;
    const envelopes = epochs.slice(first.epoch - 1);
    this.feed({ type: "branch", envelopes });
    this.feeds.endFollowers();
  }

  private createFeeds(): SimFeeds {
    const signer = { steward: this.id, public_key: this.publicKey };
    return new SimFeeds(this.world.random, (to, message) => this.send(to, message), signer);
  }

  toServed() {
    const { tip } = this.disk;
    return { tip, epoch: this.epoch?.epoch ?? 0, released: this.state.released.other };
  }

  private commitDraft(): void {
    const isWritten = this.draft !== this.disk;
    if (isWritten && this.crashing === "before COMMIT") return this.crash();
    if (this.draft.tip !== this.disk.tip) hold(this.draft.tip, this.id);
    this.disk = this.draft;
    for (const made of this.made.splice(0)) this.checks.onCommit(this, made);
    if (isWritten && this.crashing === "after COMMIT") return this.crash();
    if (this.isFlushing) return;
    this.isFlushing = true;
    while (this.isUp) {
      const next = this.queue.shift();
      if (next === undefined) break;
      if (isWritten && this.crashing === "between effects" && this.random.chance(0.5)) this.crash();
      else next();
    }
    this.isFlushing = false;
  }

  /** Adopts envelopes; followers of a primary that changed have to ask anew. */
  adopt(envelopes: readonly Epoch[]): void {
    const before = this.epoch;
    this.feed({ type: "envelopes", envelopes });
    if (this.epoch === before) return;
    if (this.epoch?.primary !== before?.primary) this.feeds.endFollowers();
    this.afterCommit(() => this.follower.onEpoch());
  }

  /** The digest of its own commit n, where it is kept. */
  ownDigest(n: number): string | undefined {
    if (!this.durable.isComplete) return undefined;
    return findDigest(this.draft.tip, this.draft.keptFrom, n);
  }

  private execute(effect: ZoneEffect): void {
    switch (effect.type) {
      case "tell": {
        const envelopes = this.durable.epochs.filter(({ epoch }) => epoch > effect.after);
        return this.send(effect.to, { type: "epoch", envelopes });
      }
      case "follow":
        return this.follower.turn(effect.node, false);
      case "recover":
        return this.follower.turn(effect.node, true);
      case "endSubscription":
        return this.feeds.end(effect.node);
      case "firstCommit":
        return this.write(() => {
          if (this.epoch?.epoch !== effect.epoch) return;
          this.commit([]);
        });
      case "released":
        this.checks.onReleased(this, effect);
        this.gate.release(this.state.released);
        return this.feeds.pumpAll(this.toServed());
      case "deposed":
        this.feeds.endFollowers();
        return this.gate.depose();
      case "halted":
        return this.checks.onHalted(this, effect.reason);
      default:
    }
  }
}
