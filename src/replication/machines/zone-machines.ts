import type { Logger } from "../../base/log.ts";
import type { Store, Write } from "../../store/database.ts";
import type { prepareCommitQueries } from "../../store/replication/commits.ts";
import type { ReplicatedZoneQueries } from "../../store/replication/replicated-zones.ts";
import type { ZoneQueries } from "../../store/zones/zones.ts";
import type { ZoneEffect, ZoneEvent } from "../core/events.ts";
import type { DurableZone, Epoch, ZoneState } from "../core/state.ts";
import { step } from "../core/step.ts";
import { createZoneState, findEpoch } from "../core/zone.ts";
import { type KnownEpoch, toKnownEpoch } from "./epochs.ts";
import { hasSameStanding, StandingWriter, toDurableZone, toStandingRow } from "./standing.ts";

/** An event without the time, which the machines add. */
export type ZoneEventInput = ZoneEvent extends infer E
  ? E extends ZoneEvent
    ? Omit<E, "nowMs">
    : never
  : never;

type EffectType = ZoneEffect["type"];
type EffectOf<T extends EffectType> = Extract<ZoneEffect, { readonly type: T }>;

/** Effects that belong to the write of the step that caused them. */
type WrittenType = "deposed" | "detached" | "fork";

type Listener<T extends EffectType> = (zoneId: string, effect: EffectOf<T>) => void;
type WriteListener<T extends WrittenType> = (
  write: Write,
  zoneId: string,
  effect: EffectOf<T>,
) => void;

const WRITTEN: ReadonlySet<EffectType> = new Set<WrittenType>(["deposed", "detached", "fork"]);

function isInWrite(type: EffectType): boolean {
  return WRITTEN.has(type);
}

/** A step that is to be stored. */
interface Change {
  readonly zoneId: string;
  readonly before: ZoneState;
  readonly state: ZoneState;
  readonly adopted: (write: Write, epochs: readonly Epoch[]) => void;
}

/** One zone, as the process knows it. */
interface Machine {
  state: ZoneState;
  /** What of `state` is durable and was told on. */
  confirmed: ZoneState;
  known: readonly KnownEpoch[];
  readonly standing: StandingWriter;
  /** The watchers are to be told of it at the end of this turn's effects. */
  isToTell: boolean;
}

function createMachine(state: ZoneState, known: readonly KnownEpoch[]): Machine {
  return { state, confirmed: state, known, standing: new StandingWriter(), isToTell: false };
}

type CommitFinder = Pick<ReturnType<typeof prepareCommitQueries>, "findCommit">;

export interface ZoneMachinesDeps {
  readonly store: Store;
  readonly zones: Pick<ZoneQueries, "listEnvelopes">;
  readonly replicated: ReplicatedZoneQueries;
  readonly commits: CommitFinder;
  readonly ownNodeId: string;
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

/**
 * The replicated zones of this steward: each is a state that only the core's `step` moves. What is durable
 * of it is stored with whatever caused the event, and its effects follow the COMMIT; `docs/protocol.md` §9.
 */
export class ZoneMachines {
  private readonly deps: ZoneMachinesDeps;
  private readonly machines = new Map<string, Machine>();
  private readonly listeners = new Map<EffectType, ((zoneId: string, effect: never) => void)[]>();
  private readonly writeListeners = new Map<
    WrittenType,
    ((write: Write, zoneId: string, effect: never) => void)[]
  >();
  private readonly watchers: ((zoneId: string, state: ZoneState | undefined) => void)[] = [];
  private readonly tickers = new Map<string, NodeJS.Timeout>();
  private isStarted = false;

  constructor(deps: ZoneMachinesDeps) {
    this.deps = deps;
    deps.store.onRollback(() => {
      for (const zoneId of this.machines.keys()) this.restore(zoneId);
    });
    for (const row of deps.replicated.listReplicated()) this.load(row.zoneId);
  }

  /** Has effects of a type executed, after the COMMIT of the step that caused them. */
  on<T extends EffectType>(type: T, listener: Listener<T>): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
  }

  /** Has effects of a type executed in the write of the step that caused them. */
  inWrite<T extends WrittenType>(type: T, listener: WriteListener<T>): void {
    this.writeListeners.set(type, [...(this.writeListeners.get(type) ?? []), listener]);
  }

  /** Calls back after the COMMIT of each step; without a state once a zone is replicated no more. */
  watch(listener: (zoneId: string, state: ZoneState | undefined) => void): void {
    this.watchers.push(listener);
  }

  /** Begins to go by time. */
  start(): void {
    this.isStarted = true;
    for (const zoneId of this.machines.keys()) {
      this.schedule(zoneId);
      this.dispatch(zoneId, { type: "tick" });
    }
  }

  /** Goes by time no more; events are still taken. */
  stop(): void {
    this.isStarted = false;
    for (const timer of this.tickers.values()) clearInterval(timer);
    this.tickers.clear();
  }

  list(): readonly string[] {
    return [...this.machines.keys()];
  }

  has(zoneId: string): boolean {
    return this.machines.has(zoneId);
  }

  /** A zone's state as of now; undefined where it is not replicated. */
  find(zoneId: string): ZoneState | undefined {
    return this.current(zoneId)?.state;
  }

  /** The envelopes that the core knows of a zone, oldest first. */
  knownEpochs(zoneId: string): readonly KnownEpoch[] {
    return this.current(zoneId)?.known ?? [];
  }

  /** The digest after a commit that this steward holds; undefined where it is not kept. */
  findDigest(zoneId: string, n: number): string | undefined {
    const row = this.deps.replicated.findReplicated(zoneId);
    if (row === undefined) return undefined;
    return row.n === n ? row.digest : this.deps.commits.findCommit(zoneId, n)?.digest;
  }

  /** Takes a zone that is replicated from now on; its row must be there, and E is adopted next. */
  begin(zoneId: string, durable: DurableZone): void {
    const { ownNodeId, monotonicMs } = this.deps;
    const clock = { nowMs: monotonicMs(), isStart: false };
    const state = createZoneState(ownNodeId, durable, clock);
    this.machines.set(zoneId, createMachine(state, []));
    this.deps.store.gate(() => this.isStarted && this.schedule(zoneId));
  }

  /**
   * Moves a zone by an event. Its effects follow the COMMIT; undone with the operation around it, it is as
   * if it never came.
   * @param adopted stores the envelopes that the step adopts, inside its write
   */
  dispatch(
    zoneId: string,
    event: ZoneEventInput,
    adopted: (write: Write, epochs: readonly Epoch[]) => void = () => {},
  ): void {
    const machine = this.current(zoneId);
    if (machine === undefined) return;
    const before = machine.state;
    const timed = { ...event, nowMs: this.deps.monotonicMs() } as ZoneEvent;
    const { state, effects } = step(before, timed);
    // Where it stands by commit is in the row already.
    const isWritten =
      !hasSameStanding(state.durable, before.durable) ||
      effects.some(({ type }) => isInWrite(type));
    if (isWritten) {
      this.deps.store.write((write) => {
        this.save(write, machine, { zoneId, before, state, adopted });
        for (const effect of effects) this.executeInWrite(write, zoneId, effect);
      });
    }
    machine.state = state;
    this.deps.store.gate(() => this.confirm(zoneId, machine, state, effects));
  }

  private save(write: Write, machine: Machine, change: Change): void {
    const { zoneId, before, state, adopted } = change;
    if (hasSameStanding(state.durable, before.durable)) return;
    const { epochs } = before.durable;
    const added = state.durable.epochs.filter((epoch) => !epochs.includes(epoch));
    if (added.length > 0) adopted(write, added);
    this.deps.replicated.setStanding(write, machine.standing.toRow(zoneId, state.durable));
    if (added.length > 0) machine.known = this.readEpochs(zoneId);
  }

  /** Forgets a zone that is replicated no more. */
  private end(zoneId: string): void {
    this.machines.delete(zoneId);
    clearInterval(this.tickers.get(zoneId));
    this.tickers.delete(zoneId);
    for (const watcher of this.watchers) watcher(zoneId, undefined);
  }

  private executeInWrite(write: Write, zoneId: string, effect: ZoneEffect): void {
    const listeners = this.writeListeners.get(effect.type as WrittenType) ?? [];
    for (const listener of listeners) listener(write, zoneId, effect as never);
  }

  private confirm(
    zoneId: string,
    machine: Machine,
    state: ZoneState,
    effects: readonly ZoneEffect[],
  ): void {
    const { confirmed } = machine;
    const hadLease = findEpoch(confirmed)?.leaseMs;
    machine.confirmed = state;
    if (this.machines.get(zoneId) !== machine) return;
    if (effects.some(({ type }) => type === "detached")) this.end(zoneId);
    else if (this.isStarted && findEpoch(state)?.leaseMs !== hadLease) this.schedule(zoneId);
    for (const effect of effects) {
      for (const listener of this.listeners.get(effect.type) ?? []) {
        this.execute(zoneId, effect, listener);
      }
    }
    const isSmall = effects.length === 0 && hasSameStanding(state.durable, confirmed.durable);
    if (isSmall) this.tellSoon(zoneId, machine);
    else this.tell(zoneId, state);
  }

  /** Tells of all small steps of a turn at once. */
  private tellSoon(zoneId: string, machine: Machine): void {
    if (machine.isToTell) return;
    machine.isToTell = true;
    this.deps.store.gate(() => {
      machine.isToTell = false;
      if (this.machines.get(zoneId) === machine) this.tell(zoneId, machine.confirmed);
    });
  }

  private tell(zoneId: string, state: ZoneState): void {
    if (this.machines.has(zoneId)) for (const watcher of this.watchers) watcher(zoneId, state);
  }

  private execute(
    zoneId: string,
    effect: ZoneEffect,
    listener: (zoneId: string, effect: never) => void,
  ): void {
    try {
      listener(zoneId, effect as never);
    } catch (error) {
      // What is lost is found again: by links that open anew, and by time.
      this.deps.log.error({ err: error, zone: zoneId, effect: effect.type }, "an effect failed");
    }
  }

  private schedule(zoneId: string): void {
    const machine = this.machines.get(zoneId);
    const leaseMs = machine && findEpoch(machine.state)?.leaseMs;
    clearInterval(this.tickers.get(zoneId));
    if (leaseMs === undefined) return;
    const tick = () => this.dispatch(zoneId, { type: "tick" });
    this.tickers.set(zoneId, setInterval(tick, leaseMs / 4).unref());
  }

  /** The zone as it is on disk, whatever was undone since it was last moved. */
  private current(zoneId: string): Machine | undefined {
    const machine = this.machines.get(zoneId);
    if (machine === undefined) return undefined;
    const row = this.deps.replicated.findReplicated(zoneId);
    if (row === undefined) {
      // Its beginning was undone.
      this.machines.delete(zoneId);
      return undefined;
    }
    const { durable } = machine.state;
    const { standing, complete, lost, halted } = machine.standing.toRow(zoneId, durable);
    const isSame =
      row.standing === standing &&
      row.complete === complete &&
      row.lost === lost &&
      row.halted === halted;
    if (!isSame) this.restore(zoneId);
    else if (durable.position !== undefined && row.digest !== durable.position.digest) {
      // A commit that is under way, or was undone.
      const position = { epoch: row.epoch, n: row.n, digest: row.digest };
      machine.state = { ...machine.state, durable: { ...durable, position } };
    }
    return machine;
  }

  /** Goes back to what was last confirmed, with what is durable as it is on disk. */
  private restore(zoneId: string): void {
    const machine = this.machines.get(zoneId);
    const row = this.deps.replicated.findReplicated(zoneId);
    if (machine === undefined) return;
    if (row === undefined) {
      this.machines.delete(zoneId);
      return;
    }
    machine.known = this.readEpochs(zoneId);
    const durable = toDurableZone(
      row,
      machine.known.map(({ epoch }) => epoch),
    );
    machine.state = { ...machine.confirmed, durable };
  }

  private load(zoneId: string): void {
    const { ownNodeId, monotonicMs, replicated } = this.deps;
    const row = replicated.findReplicated(zoneId);
    if (row === undefined) return;
    const known = this.readEpochs(zoneId);
    const durable = toDurableZone(
      row,
      known.map(({ epoch }) => epoch),
    );
    // Of a copy that may be older than what was told of it nothing is known.
    const released = row.lost ? 0 : Math.min(row.released, row.n);
    const started = { nowMs: monotonicMs(), isStart: true, released };
    const state = createZoneState(ownNodeId, durable, started);
    if (state.durable !== durable) {
      const { store } = this.deps;
      store.write((write) => replicated.setStanding(write, toStandingRow(zoneId, state.durable)));
    }
    this.machines.set(zoneId, createMachine(state, known));
  }

  private readEpochs(zoneId: string): readonly KnownEpoch[] {
    const rows = this.deps.zones.listEnvelopes(zoneId, 0, Number.MAX_SAFE_INTEGER);
    return rows.map(toKnownEpoch);
  }
}
