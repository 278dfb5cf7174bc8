import type { RequestName } from "../../store/replication/request-writing.ts";
import { dematerialiseOne, type TakeOverDeps } from "./take-over.ts";

/** One slice takes so long at most, and then what else waits for the loop goes first. */
const SLICE_MS = 10;
const RETRY_MS = 5_000;
/** So many are found at once. */
const NAMES_MAX = 500;

/**
 * Turns what workers could still act on of zones that another steward is in charge of into records, slice by
 * slice. What is a row meanwhile lies still: nothing of such a zone is committed, run or sent, and where there
 * is a record, too, that one counts. A crash in between leaves rows, which the next start takes up.
 */
export class Dematerialiser implements Disposable {
  private readonly deps: TakeOverDeps;
  private readonly runs = new Map<string, Promise<void>>();
  private readonly abort = new AbortController();

  constructor(deps: TakeOverDeps) {
    this.deps = deps;
  }

  /** Begins with a zone that this steward is not in charge of, or not yet again. */
  begin(zoneId: string): void {
    if (this.runs.has(zoneId)) return;
    const run = this.run(zoneId).finally(() => this.runs.delete(zoneId));
    this.runs.set(zoneId, run);
  }

  /** Resolves once nothing of a zone is left to be done; before that no row of it may be acted on. */
  async done(zoneId: string): Promise<void> {
    await this.runs.get(zoneId);
  }

  [Symbol.dispose](): void {
    this.abort.abort();
  }

  private async run(zoneId: string): Promise<void> {
    while (!this.abort.signal.aborted) {
      try {
        const names = this.deps.writing.listUnderWay(zoneId, NAMES_MAX);
        if (names.length === 0) return;
        await this.runAll(names);
      } catch (err) {
        if (this.abort.signal.aborted) return;
        this.deps.log.error({ err, zone: zoneId }, "requests of another steward's zone stay rows");
        await this.rest();
      }
    }
  }

  /** Until they are durable records: what is lost with a turn is found again. */
  private async runAll(names: readonly RequestName[]): Promise<void> {
    const { store, commits } = this.deps;
    let next = 0;
    while (next < names.length && !this.abort.signal.aborted) {
      const endMs = performance.now() + SLICE_MS;
      store.write((write) =>
        commits.applying(write, () => {
          do {
            const name = names[next++];
            if (name !== undefined) dematerialiseOne(write, this.deps, name);
          } while (next < names.length && performance.now() < endMs);
        }),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    await store.committed();
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS);
      this.abort.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
