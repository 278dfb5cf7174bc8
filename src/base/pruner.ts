import type { Logger } from "./log.ts";

/** Between two slices, so that what else waits for the loop goes first. */
const PAUSE_MS = 20;

/** Forgets some of what is no longer needed, a few milliseconds' worth; tells whether more is left. */
export interface PruneTask {
  readonly name: string;
  readonly run: () => boolean;
}

export interface PrunerDeps {
  readonly log: Logger;
  readonly tasks: readonly PruneTask[];
  /** From one round to the next. */
  readonly intervalMs: number;
}

/**
 * Runs every task once a round, and again until nothing is left to do, a slice at a time: no backlog
 * outruns it, and none holds up the loop.
 */
export class Pruner implements Disposable {
  private readonly deps: PrunerDeps;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(deps: PrunerDeps) {
    this.deps = deps;
    this.sleep(deps.intervalMs, deps.tasks);
  }

  [Symbol.dispose](): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private sleep(ms: number, next: readonly PruneTask[]): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => this.step(next), ms).unref();
  }

  /** Runs the first task; those that are left follow it, and itself where it has more to do. */
  private step([task, ...others]: readonly PruneTask[]): void {
    if (task === undefined) return this.sleep(this.deps.intervalMs, this.deps.tasks);
    const hasMore = this.run(task);
    this.sleep(
      others.length === 0 && !hasMore ? 0 : PAUSE_MS,
      hasMore ? [...others, task] : others,
    );
  }

  private run({ name, run }: PruneTask): boolean {
    try {
      return run();
    } catch (err) {
      this.deps.log.error({ err, task: name }, "old rows could not be removed");
      return false;
    }
  }
}
