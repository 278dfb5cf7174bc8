import type { Body } from "../../wire/body.ts";

/** Pushed answers kept per watched request; only the last ones matter. */
const KEPT_MAX = 4;

/** Waits for the answers a steward pushes for one request; `docs/protocol.md` §8. */
export interface FinalWatch {
  /**
   * Resolves with the next pushed answer, at once if one is kept; undefined when it is time to ask: on
   * the signal, or where an answer may be another zone's request's.
   */
  next(signal: AbortSignal): Promise<Body | undefined>;
  stop(): void;
}

interface Watcher {
  readonly zoneId: string;
  readonly kept: (Body | undefined)[];
  wake: () => void;
}

/** Ties answers without a `reply_to` to the requests that wait for them, by `request_id` and zone. */
export class Finals {
  readonly #watchers = new Map<string, Set<Watcher>>();

  /** Keeps every answer pushed for the request from now on. */
  watch(requestId: string, zoneId: string): FinalWatch {
    const watcher: Watcher = { zoneId, kept: [], wake: () => {} };
    const watchers = this.#watchers.get(requestId) ?? new Set();
    this.#watchers.set(requestId, watchers.add(watcher));
    return {
      next: (signal) => waitForNext(watcher, signal),
      stop: () => {
        watchers.delete(watcher);
        if (watchers.size === 0 && this.#watchers.get(requestId) === watchers) {
          this.#watchers.delete(requestId);
        }
      },
    };
  }

  /** The zones of the requests that an answer may be for: of several where it names none. */
  listZoneIds(body: Body): string[] {
    return [...new Set(this.#find(body).map(({ zoneId }) => zoneId))];
  }

  /**
   * Takes a pushed answer; returns false where nobody waits for it. One that names no zone, while the
   * same id is waited for in several, only has them ask for their own.
   */
  take(body: Body): boolean {
    const watchers = this.#find(body);
    const kept = this.listZoneIds(body).length > 1 ? undefined : body;
    for (const watcher of watchers) {
      watcher.kept.push(kept);
      if (watcher.kept.length > KEPT_MAX) watcher.kept.shift();
      watcher.wake();
    }
    return watchers.length > 0;
  }

  #find({ request_id: requestId, zone_id: zoneId }: Body): Watcher[] {
    const watchers = this.#watchers.get(typeof requestId === "string" ? requestId : "") ?? [];
    return [...watchers].filter((watcher) => zoneId == null || watcher.zoneId === zoneId);
  }
}

function waitForNext(watcher: Watcher, signal: AbortSignal): Promise<Body | undefined> {
  return new Promise((resolve) => {
    const done = () => {
      watcher.wake = () => {};
      signal.removeEventListener("abort", done);
      resolve(watcher.kept.shift());
    };
    if (watcher.kept.length > 0 || signal.aborted) return done();
    watcher.wake = done;
    signal.addEventListener("abort", done, { once: true });
  });
}
