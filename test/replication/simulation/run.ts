import type { Epoch } from "../../../src/replication/core/state.ts";
import { SimChain } from "./chain.ts";
import { Checks, Violation } from "./checks.ts";
import { SimClient } from "./client.ts";
import { SimClock } from "./clock.ts";
import type { Decisions } from "./core.ts";
import { LEASE_MS, type SignedSet, signEpoch } from "./creator.ts";
import { FAULTS } from "./faults.ts";
import { createRoot } from "./history.ts";
import { createKeys } from "./keys.ts";
import type { SimMessage } from "./messages.ts";
import { Network } from "./network.ts";
import { Random } from "./random.ts";
import { SimSteward } from "./steward.ts";

/** What a run may do beyond crashes, cuts and new epochs. */
export interface Temper {
  /** Messages of one connection overtake one another. */
  readonly isUnordered: boolean;
  /** Copies are deleted, and backups restored as the command does. */
  readonly isLossy: boolean;
  /** Backups are restored without a word. */
  readonly isBroken: boolean;
  /** Two envelopes of one epoch are signed. */
  readonly isForking: boolean;
  /** Sets are named without asking who has a copy; loss is accepted at random. */
  readonly isWild: boolean;
}

/** How a run went. */
export interface Outcome {
  readonly seed: number;
  readonly temper: Temper;
  /** What did not hold, if anything. */
  readonly violation: string | undefined;
  /** What was done to the stewards, in order. */
  readonly schedule: readonly string[];
  readonly counts: Checks["counts"];
}

const PUSHED = new Set<SimMessage["type"]>(["entries", "begin", "chunk", "end"]);
const FAULTS_MS = 14_000;
const HEALING_MS = 12_000;

/** One seed's world: stewards, links, clients, chain, creator. */
export class Run {
  readonly clock = new SimClock();
  readonly random: Random;
  readonly temper: Temper;
  readonly checks: Checks;
  readonly chain: SimChain;
  readonly stewards: readonly SimSteward[];
  readonly clients: readonly SimClient[];
  readonly network: Network;
  readonly schedule: string[] = [];
  /** What the creator has signed, in order; forks aside. */
  readonly epochs: Epoch[] = [];
  private isHealing = false;
  /** The zone began at a primary that had no copy: one that never got it cannot say that it acknowledged nothing. */
  private isMoved = false;

  constructor(seed: number, decisions: Decisions) {
    const random = new Random(seed);
    this.random = random;
    this.temper = {
      isUnordered: random.chance(0.3),
      isLossy: random.chance(0.3),
      isBroken: random.chance(0.08),
      isForking: random.chance(0.15),
      isWild: random.chance(0.3),
    };
    this.chain = new SimChain(this.clock, random);
    this.checks = new Checks(this.chain);
    const world = {
      clock: this.clock,
      random,
      chain: this.chain,
      checks: this.checks,
      decisions,
      send: (from: string, to: string, message: SimMessage) =>
        this.network.send(from, to, message, PUSHED.has(message.type)),
      onCrash: (node: string) => this.network.onCrash(node),
      nameOf: (node: string) => this.find(node)?.name ?? node,
    };
    this.stewards = createKeys(random.int(3, 5)).map((key) => new SimSteward(world, key));
    this.network = new Network(this.clock, random, this.stewards, {
      isUnordered: this.temper.isUnordered,
      silenceMs: LEASE_MS,
    });
    this.clients = ["q1", "q2i", "q3", "q4i"].map((name) => new SimClient(name, this.chain));
  }

  /** Signs the next envelope. */
  sign(set: SignedSet): Epoch {
    const epoch = signEpoch(this.epochs.at(-1), set);
    this.epochs.push(epoch);
    this.note(`creator signs ${this.describe(epoch)}`);
    return epoch;
  }

  /** Hands envelopes to stewards, whenever they are up. */
  hand(envelopes: readonly Epoch[], stewards: readonly SimSteward[]): void {
    for (const steward of stewards) {
      this.clock.after(this.random.between(1, 400), () => {
        // When all works, the creator's last word stands.
        if (this.isHealing && envelopes.at(-1) !== this.epochs.at(-1)) return;
        steward.write(() => steward.adopt(envelopes));
      });
    }
  }

  find(id: string | undefined): SimSteward | undefined {
    return this.stewards.find((steward) => steward.id === id);
  }

  note(what: string): void {
    this.schedule.push(`${this.clock.nowMs.toFixed(0).padStart(6)} ${what}`);
  }

  describe({ epoch, primary, voters, learners, otherAcks, acceptsLoss }: Epoch): string {
    const toNames = (ids: readonly string[]) => ids.map((id) => this.find(id)?.name).join("");
    const sets = `${toNames([primary])} voters ${toNames(voters)} learners ${toNames(learners)}`;
    return `epoch ${epoch}: ${sets} min_acks ${otherAcks}${acceptsLoss ? " accept_loss" : ""}`;
  }

  /** Runs the whole schedule. @throws Violation */
  play(): void {
    this.found();
    for (const steward of this.stewards) this.tickLater(steward);
    for (const client of this.clients) this.askLater(client);
    this.faultLater();
    this.advance(FAULTS_MS);
    this.heal();
  }

  private found(): void {
    const [first, ...others] = this.stewards;
    if (first === undefined) return;
    if (this.random.chance(0.15)) return this.convert(first);
    const ids = others.map(({ id }) => id);
    const voters = this.random.some(ids, 0.7);
    const learners = ids.filter((id) => !voters.includes(id));
    const minAcks = this.random.int(0, 2);
    first.host(createRoot(0), []);
    this.sign({ primary: first.id, voters, learners, minAcks, acceptsLoss: false });
    first.write(() => first.adopt(this.epochs));
    this.hand([...this.epochs], others);
  }

  /** The zone was hosted by one steward, and becomes replicated: by the same one, or by another. */
  private convert(host: SimSteward): void {
    const named = this.random.chance(0.5) ? host.id : "";
    const alone = { voters: [], learners: [], minAcks: 0, acceptsLoss: false };
    host.host(createRoot(1), [this.sign({ ...alone, primary: named })]);
    const primary = this.random.pick(this.stewards) ?? host;
    this.isMoved = primary !== host;
    const ids = this.stewards.filter((other) => other !== primary).map(({ id }) => id);
    // Voters without a copy are not counted in a take-over: only the host's own start may have such.
    const voters =
      primary === host ? this.random.some(ids, 0.7) : ids.filter((id) => id === host.id);
    const learners = ids.filter((id) => !voters.includes(id));
    const minAcks = this.random.int(0, 2);
    this.sign({ primary: primary.id, voters, learners, minAcks, acceptsLoss: false });
    this.hand([...this.epochs], this.stewards);
  }

  private advance(forMs: number): void {
    this.clock.runUntil(this.clock.nowMs + forMs, () => undefined);
    this.checks.checkMoney(this.clients.map(({ request }) => request));
  }

  private tickLater(steward: SimSteward): void {
    this.clock.after(this.random.between(100, 250), () => {
      steward.tick();
      this.tickLater(steward);
    });
  }

  private askLater(client: SimClient): void {
    this.clock.after(this.random.between(60, 500), () => {
      const known = this.find(this.epochs.at(-1)?.primary);
      const steward = this.random.chance(0.7) ? known : this.random.pick(this.stewards);
      const call = this.isHealing ? client.toRequest() : client.toCall(this.random);
      if (!this.isHealing || !client.isSettled) {
        steward?.write(() =>
          steward.desk.take(call, (reply) =>
            this.clock.after(this.random.between(1, 50), () => client.take(reply)),
          ),
        );
      }
      this.askLater(client);
    });
  }

  private faultLater(): void {
    this.clock.after(this.random.between(50, 900), () => {
      if (this.isHealing) return;
      this.random.pick(FAULTS)?.(this);
      this.faultLater();
    });
  }

  /** Everything works again: all must come to one state, if need be by another word of the creator. */
  private heal(): void {
    this.isHealing = true;
    this.note("all links, disks and the creator work");
    this.network.mendAll();
    for (const steward of this.stewards) {
      steward.crashing = undefined;
      steward.stalledUntilMs = 0;
      steward.start();
    }
    this.hand([...this.epochs], this.stewards);
    if (this.settle()) return;
    const { isWild, isLossy, isBroken, isForking } = this.temper;
    const mayNeedWord = isWild || isLossy || isBroken || isForking || this.isMoved;
    if (!mayNeedWord) this.fail();
    this.rescue();
    if (!this.settle()) this.fail();
  }

  private settle(): boolean {
    const endMs = this.clock.nowMs + HEALING_MS;
    while (this.clock.nowMs < endMs) {
      this.unite();
      this.advance(250);
      if (this.findUnsettled() === undefined) return true;
    }
    return false;
  }

  /** Operators move their stewards to the creator's last word. */
  private unite(): void {
    for (const steward of this.stewards.filter((one) => one.isOff(this.epochs))) {
      this.note(`${steward.name}'s operator moves it to the branch`);
      steward.write(() => steward.moveTo(this.epochs));
    }
  }

  /** What keeps the zone from its rest. */
  private findUnsettled(): string | undefined {
    const epoch = this.epochs.at(-1);
    const primary = this.find(epoch?.primary);
    if (epoch === undefined || primary === undefined) return "no primary";
    for (const kind of ["money", "other"] as const) {
      const refusal = primary.findRefusal(kind);
      if (refusal !== undefined)
        return `${primary.name} is not in charge of ${kind}: ${refusal} ${primary.explain()}`;
    }
    for (const id of [...epoch.voters, ...epoch.learners]) {
      const steward = this.find(id);
      if (steward?.disk.tip !== primary.disk.tip) return `${steward?.name} is not level`;
      if (steward.durable.halted !== undefined) return `${steward.name} is halted`;
      if (!steward.durable.isComplete) return `${steward.name} has no copy`;
      if (steward.durable.isLost) return `${steward.name} is still lost`;
    }
    const open = this.clients.find((client) => !client.isSettled && !client.isOrphaned);
    return open && `${open.request} has no answer`;
  }

  /** The creator names who has most. */
  private rescue(): void {
    const ranked = this.stewards
      .filter(({ durable }) => durable.isComplete)
      .sort((a, b) => toRank(b) - toRank(a));
    const [best, ...others] = ranked;
    if (best === undefined) throw new Violation("invariant 10: nobody has a copy");
    const voters = others.filter(({ durable }) => !durable.isLost).map(({ id }) => id);
    const learners = this.stewards
      .filter((steward) => steward !== best && !voters.includes(steward.id))
      .map(({ id }) => id);
    this.sign({ primary: best.id, voters, learners, minAcks: 1, acceptsLoss: true });
    this.hand([...this.epochs], this.stewards);
  }

  private fail(): never {
    throw new Violation(`invariant 11: ${this.findUnsettled()}`);
  }
}

function toRank({ durable }: SimSteward): number {
  const { position, isLost, isForeign } = durable;
  if (position === undefined) return -1;
  return position.epoch * 1e6 + position.n - (isLost ? 1e12 : 0) - (isForeign ? 1e13 : 0);
}

/** Plays one seed. */
export function playSeed(seed: number, decisions: Decisions): Outcome {
  const run = new Run(seed, decisions);
  const { temper, schedule, checks } = run;
  const outcome = { seed, temper, schedule, counts: checks.counts };
  try {
    run.play();
    return { ...outcome, violation: undefined };
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    run.note(error.message);
    return { ...outcome, violation: error.message };
  }
}
