import type { Logger } from "../base/log.ts";
import type { Store, Write } from "../store/database.ts";
import { appendEvent, type ZoneLogDeps } from "../zones/log/log.ts";
import type { ZoneEffect } from "./core/events.ts";
import type { ZoneState } from "./core/state.ts";
import { findEpoch, hasBegun, isPrimary } from "./core/zone.ts";
import type { ZoneMachines } from "./machines/zone-machines.ts";
import { Dematerialiser } from "./records/dematerialiser.ts";
import { materialise, type TakeOverDeps } from "./records/take-over.ts";

export interface EpochOpenerDeps extends TakeOverDeps {
  readonly machines: ZoneMachines;
  readonly store: Store;
  readonly log: Logger;
}

const RETRY_MS = 5_000;

type Opening = Extract<ZoneEffect, { readonly type: "firstCommit" }>;

/** The first commit of an epoch, and the end of being its primary; `docs/protocol.md` §9.4, §9.8. */
export class EpochOpener implements Disposable {
  private readonly dematerialiser: Dematerialiser;
  private readonly deps: EpochOpenerDeps;
  private readonly logDeps: ZoneLogDeps;

  constructor(deps: EpochOpenerDeps, logDeps: ZoneLogDeps) {
    const { machines } = deps;
    this.deps = deps;
    this.logDeps = logDeps;
    machines.on("firstCommit", (zoneId, effect) => this.begin(zoneId, effect));
    this.dematerialiser = new Dematerialiser(deps);
    machines.on("deposed", (zoneId) => this.dematerialiser.begin(zoneId));
    machines.inWrite("detached", (write, zoneId) => deps.commits.unregister(write, zoneId));
  }

  /** Takes up what an earlier process left of zones that others are in charge of. */
  start(): void {
    const { machines } = this.deps;
    for (const zoneId of machines.list()) {
      const state = machines.find(zoneId);
      if (state !== undefined && !isOwn(state)) this.dematerialiser.begin(zoneId);
    }
  }

  [Symbol.dispose](): void {
    this.dematerialiser[Symbol.dispose]();
  }

  /** Opens an epoch, and tries again where something failed: nobody else would. */
  private begin(zoneId: string, opening: Opening): void {
    this.open(zoneId, opening).catch((error: unknown) => {
      const { epoch } = opening;
      this.deps.log.error({ err: error, zone: zoneId, epoch }, "ALARM: an epoch is not begun yet");
      const state = this.deps.machines.find(zoneId);
      if (state === undefined || !isOpening(state, epoch)) return;
      setTimeout(() => this.begin(zoneId, opening), RETRY_MS).unref();
    });
  }

  /** Makes requests of records, then the first commit: an event for each envelope since the last one logged. */
  private async open(zoneId: string, { epoch, after, isLossAccepted }: Opening): Promise<void> {
    const { deps } = this;
    const isWanted = () => {
      const state = deps.machines.find(zoneId);
      return state !== undefined && isOpening(state, epoch);
    };
    await this.dematerialiser.done(zoneId);
    const kept = await materialise(deps, zoneId, isWanted);
    if (kept > 0)
      deps.log.error({ zone: zoneId, kept }, "some requests stay as they were recorded");
    if (!isWanted()) {
      // Deposed meanwhile: what became rows since then is another steward's.
      if (deps.machines.has(zoneId)) this.dematerialiser.begin(zoneId);
      return;
    }
    deps.store.write((write) => {
      deps.commits.firstCommit(write, zoneId, () => {
        if (isLossAccepted) deps.requests.doubtRequests(write, zoneId);
        this.logEnvelopes(write, zoneId, after);
      });
    });
  }

  private logEnvelopes(write: Write, zoneId: string, after: number): void {
    const { queries } = this.logDeps;
    let wasStopped = false;
    for (const row of queries.listEnvelopes(zoneId, 0, Number.MAX_SAFE_INTEGER)) {
      const { state, manifest } = JSON.parse(row.envelope) as {
        state: string;
        manifest: { creator: { node_id: string } };
      };
      const isStop = state === "stopped" && !wasStopped;
      wasStopped = state === "stopped";
      if (row.epoch <= after) continue;
      appendEvent(write, this.logDeps, zoneId, {
        event: row.epoch === 1 ? "created" : isStop ? "stopped" : "updated",
        nodeId: manifest.creator.node_id,
        detail: { epoch: row.epoch, envelope_hash: row.hash },
      });
    }
  }
}

/** Whether what is under way in a zone's rows is this steward's to act on. */
function isOwn(state: ZoneState): boolean {
  return isPrimary(state) && (hasBegun(state) || state.durable.entry.isKept);
}

function isOpening(state: ZoneState, epoch: number): boolean {
  return state.isBeginning && findEpoch(state)?.epoch === epoch && isPrimary(state);
}
