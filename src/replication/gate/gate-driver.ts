import { StewardError } from "../../errors.ts";
import type { PrimaryHead } from "../../protocol/primary-head.ts";
import type { Store } from "../../store/database.ts";
import type { ReplicaStanding } from "../../wire/zone-replies.ts";
import type { GateClass } from "../../zones/zone-gate.ts";
import { findRefusal, toAcks } from "../core/charge.ts";
import { toStateName } from "../core/following.ts";
import type { ZoneState } from "../core/state.ts";
import { findEpoch, hasBegun, isNamed, isPrimary } from "../core/zone.ts";
import { type Stewards, toNotReady, toNotSteward, toUnavailable } from "./refusals.ts";
import type { GatedZone, SecondGate } from "./second-gate.ts";

/** How long a reader waits at a replica for what it has to be released; `docs/protocol.md` §9.10. */
const BEHIND_MS = 1000;

/** The state machines of this steward's zones. */
export interface ZoneStates {
  find(zoneId: string): ZoneState | undefined;
  list(): readonly string[];
  /** Calls back after the COMMIT of each step; without a state once a zone is replicated no more. */
  watch(listener: (zoneId: string, state: ZoneState | undefined) => void): void;
  on(type: "deposed", listener: (zoneId: string) => void): void;
  knownEpochs(zoneId: string): readonly Stewards[];
}

export interface GateDriverDeps {
  readonly gate: SecondGate;
  readonly store: Pick<Store, "onUndone">;
  readonly states: ZoneStates;
  /** The number of a zone's last commit, with what the operation under way did; 0 without a whole copy. */
  readonly positionAt: (zoneId: string) => number;
  /** Where the log ended with a commit; undefined where it is not kept. */
  readonly seqAt: (zoneId: string, n: number) => number | undefined;
  /** The newest head of the zone's primary up to a commit. */
  readonly headAt: (zoneId: string, n: number) => PrimaryHead | undefined;
  /** What was known to be released when the process last noted it. */
  readonly releasedBefore: (zoneId: string) => number;
  readonly monotonicMs: () => number;
}

/** Tells the second gate what the zones' state machines decide; `docs/protocol.md` §9.7. */
export class GateDriver {
  private readonly deps: GateDriverDeps;
  private readonly views = new Map<string, GateView>();

  constructor(deps: GateDriverDeps) {
    this.deps = deps;
    const { gate, states, store } = deps;
    gate.setFinder((zoneId) => this.find(zoneId));
    states.on("deposed", (zoneId) =>
      gate.depose(zoneId, new StewardError("stale_manifest", { reason: "DEPOSED" })),
    );
    // After `positionAt` forgot what was undone: who answers that was there before.
    store.onUndone(() => gate.undone());
    states.watch((zoneId, state) => this.update(zoneId, state));
    for (const zoneId of states.list()) {
      const view = this.find(zoneId);
      if (view !== undefined) gate.watch(zoneId, view);
    }
  }

  /** A zone's state as of the last COMMIT; undefined where it is not replicated. */
  stateOf(zoneId: string): ZoneState | undefined {
    return this.views.get(zoneId)?.state;
  }

  /** The number of a zone's last commit. */
  positionOf(zoneId: string): number {
    return this.views.get(zoneId)?.position() ?? 0;
  }

  /** Notes a commit that the operation under way makes. */
  commit(zoneId: string, n: number): void {
    if (this.views.has(zoneId)) this.deps.gate.commit(zoneId, n);
  }

  private find(zoneId: string): GateView | undefined {
    const state = this.deps.states.find(zoneId);
    if (state === undefined) return undefined;
    const view = this.views.get(zoneId) ?? new GateView(this.deps, zoneId, state);
    this.views.set(zoneId, view);
    return view;
  }

  private update(zoneId: string, state: ZoneState | undefined): void {
    const { gate } = this.deps;
    if (state === undefined) {
      this.views.delete(zoneId);
      gate.unwatch(zoneId);
      return;
    }
    const view = this.find(zoneId);
    if (view !== undefined) view.state = state;
    gate.changed(zoneId);
  }
}

/** One zone as the gate sees it: its state as of the last COMMIT, and where its copy is by now. */
class GateView implements GatedZone {
  state: ZoneState;
  private readonly deps: GateDriverDeps;
  private readonly zoneId: string;

  constructor(deps: GateDriverDeps, zoneId: string, state: ZoneState) {
    this.deps = deps;
    this.zoneId = zoneId;
    this.state = state;
  }

  leaseMs(gateClass: GateClass): number {
    // A replica's reads wait a second, what its primary answered as long as at the primary.
    const isRead = !isPrimary(this.state) && gateClass === "other";
    return isRead ? BEHIND_MS : (findEpoch(this.state)?.leaseMs ?? BEHIND_MS);
  }

  position(): number {
    return this.deps.positionAt(this.zoneId);
  }

  released(gateClass: GateClass): number {
    const { state } = this;
    const epoch = findEpoch(state);
    if (epoch === undefined) return Number.POSITIVE_INFINITY;
    if (!isPrimary(state)) return state.primary.released;
    if (toAcks(epoch, gateClass) === 0 && hasBegun(state)) return Number.POSITIVE_INFINITY;
    return state.released[gateClass];
  }

  isInCharge(gateClass: GateClass): boolean {
    return findRefusal(this.state, gateClass, this.deps.monotonicMs()) === undefined;
  }

  refusal(gateClass: GateClass): StewardError | undefined {
    const { state } = this;
    const reason = findRefusal(state, gateClass, this.deps.monotonicMs());
    if (reason === undefined) return undefined;
    if (!isNamed(state)) return toNotSteward(this.stewards);
    return toUnavailable(this.stewards, reason === "NOT_PRIMARY" ? "NO_PRIMARY" : reason);
  }

  overloaded(): StewardError {
    return toUnavailable(this.stewards, "OVERLOADED");
  }

  unreadable(): StewardError | undefined {
    const { state } = this;
    if (!isNamed(state)) return toNotSteward(this.stewards);
    if (state.durable.isComplete) return undefined;
    if (!isPrimary(state)) return toNotReady(this.stewards);
    return this.refusal("other");
  }

  seqAt(n: number): number {
    const known = Math.max(n, Math.min(this.deps.releasedBefore(this.zoneId), this.position()));
    return this.deps.seqAt(this.zoneId, known) ?? 0;
  }

  late(isRead: boolean): StewardError {
    if (!isRead) return new StewardError("internal", { reason: "REPLICATION_TIMEOUT" });
    if (!isPrimary(this.state)) return toNotReady(this.stewards, "BEHIND");
    return toUnavailable(this.stewards, "NO_LEASE");
  }

  replica(): ReplicaStanding | undefined {
    const { state } = this;
    if (isPrimary(state)) return undefined;
    const nowMs = this.deps.monotonicMs();
    const name = toStateName(state, nowMs);
    const staleMs = Math.round(nowMs - (state.primary.levelAtMs ?? state.sinceMs));
    const leaseMs = findEpoch(state)?.leaseMs ?? staleMs;
    return {
      state: name,
      seq: this.seqAt(Math.min(this.released("other"), this.position())),
      stale_ms: Math.max(0, name === "ready" ? Math.min(staleMs, leaseMs) : staleMs),
      primary: findEpoch(state)?.primary ?? "",
    };
  }

  primaryHead(): PrimaryHead | undefined {
    const released = Math.min(this.released("other"), this.position());
    return this.deps.headAt(this.zoneId, released);
  }

  holdsPages(): boolean {
    return isPrimary(this.state);
  }

  private get stewards(): Stewards {
    const known = this.deps.states.knownEpochs(this.zoneId).at(-1);
    if (known === undefined) throw new Error(`${this.zoneId} has no epoch.`);
    return known;
  }
}
