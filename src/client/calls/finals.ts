import type { JsonValue } from "../../protocol/json.ts";
import type { Body } from "../../wire/body.ts";

/** Pushed answers kept per watched request; only the last ones matter. */
const KEPT_MAX = 4;

/** Waits for the answers a steward pushes for one request; `docs/protocol.md` §8. */
export interface FinalWatch {
  /** Resolves with the next pushed answer, at once if one is kept, or undefined on the signal. */
  next(signal: AbortSignal): Promise<Body | undefined>;
  stop(): void;
}

interface Watcher {
  readonly zoneId: string;
  readonly kept: Body[];
  wake: () => void;
}

/** Ties answers without a `reply_to` to the requests that wait for them, by `request_id`. */
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

  /** The zone of the request that an answer is for. */
  findZoneId(requestId: JsonValue | undefined): string | undefined {
    const watchers = this.#watchers.get(typeof requestId === "string" ? requestId : "");
    return watchers?.values().next().value?.zoneId;
  }

  /** Takes a pushed answer; returns false where nobody waits for it. */
  take(body: Body): boolean {
    const watchers = this.#watchers.get(typeof body.request_id === "string" ? body.request_id : "");
    for (const watcher of watchers ?? []) {
      watcher.kept.push(body);
      if (watcher.kept.length > KEPT_MAX) watcher.kept.shift();
      watcher.wake();
    }
    return watchers !== undefined;
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
