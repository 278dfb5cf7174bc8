import type { Store, Write } from "../store/database.ts";
import type { ReplicatedZoneQueries } from "../store/replication/replicated-zones.ts";

const NOTED_EVERY_MS = 1000;

/**
 * Notes now and then what was released of each zone: after a start pages end there until more is known.
 */
export class ReleasedNotes {
  private readonly store: Store;
  private readonly zones: Pick<ReplicatedZoneQueries, "setReleased" | "clearReleased">;
  private readonly pending = new Map<string, number>();
  private readonly noted = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(store: Store, zones: Pick<ReplicatedZoneQueries, "setReleased" | "clearReleased">) {
    this.store = store;
    this.zones = zones;
  }

  /** Notes that a zone's commits up to a number are released. */
  note(zoneId: string, n: number): void {
    if (n <= (this.noted.get(zoneId) ?? 0)) return;
    this.noted.set(zoneId, n);
    this.pending.set(zoneId, n);
    this.timer ??= setTimeout(() => this.flush(), NOTED_EVERY_MS).unref();
  }

  /** Forgets a zone's note: its commits may be cut back. */
  forget(write: Write, zoneId: string): void {
    this.drop(zoneId);
    this.zones.clearReleased(write, zoneId);
  }

  /** Notes nothing of a zone that is replicated no more. */
  drop(zoneId: string): void {
    this.pending.delete(zoneId);
    this.noted.delete(zoneId);
  }

  /** Notes what there is, and nothing more. */
  stop(): void {
    clearTimeout(this.timer);
    this.flush();
  }

  private flush(): void {
    this.timer = undefined;
    const released = [...this.pending];
    this.pending.clear();
    if (released.length === 0) return;
    // What cannot be noted is known again later.
    this.store.tryWrite((write) => {
      for (const [zoneId, n] of released) this.zones.setReleased(write, zoneId, n);
    });
  }
}
