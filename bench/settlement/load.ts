/** How a load is run. */
export interface LoadPlan {
  /** No payment starts later. */
  readonly durationMs: number;
  /** What has no answer so long after that is a failure. */
  readonly graceMs: number;
}

/** What a load did; times in milliseconds. */
export interface LoadResult {
  readonly started: number;
  readonly settled: number;
  /** Started and never answered. */
  readonly timedOut: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p95: number;
  /** Why payments failed, and how many. */
  readonly failures: Record<string, number>;
}

/** Settles one payment: undefined where it did, else why it did not. */
export type Settle<Ticket> = (ticket: Ticket) => Promise<string | undefined>;

interface Answer {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly failure: string | undefined;
}

/**
 * Runs one agent per row of tickets, each with one payment outstanding at any time: the next one
 * starts when the one before is answered. Payments per second are counted up to the last one
 * settled within the plan's duration; where some never got an answer, over the whole duration.
 */
export async function runLoad<Ticket>(
  stock: readonly (readonly Ticket[])[],
  settle: Settle<Ticket>,
  { durationMs, graceMs }: LoadPlan,
): Promise<LoadResult> {
  const answers: Answer[] = [];
  const started = { count: 0 };
  const beganMs = performance.now();
  const elapsedMs = () => performance.now() - beganMs;
  const agents = stock.map(async (tickets) => {
    for (const ticket of tickets) {
      const startedMs = elapsedMs();
      if (startedMs >= durationMs) return;
      started.count++;
      const failure = await settle(ticket).catch((error: unknown) => String(error));
      answers.push({ startedMs, endedMs: elapsedMs(), failure });
    }
  });
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, durationMs + graceMs);
  await Promise.race([Promise.all(agents), limit.promise]);
  clearTimeout(timer);
  return summarize([...answers], started.count, durationMs);
}

function summarize(answers: readonly Answer[], started: number, durationMs: number): LoadResult {
  const settled = answers.filter((answer) => answer.failure === undefined);
  const timedOut = started - answers.length;
  const inTime = settled.filter((answer) => answer.endedMs <= durationMs);
  const lastMs = inTime.reduce((last, { endedMs }) => Math.max(last, endedMs), 0);
  const overMs = timedOut > 0 || lastMs === 0 ? durationMs : lastMs;
  const latencies = settled.map((a) => a.endedMs - a.startedMs).sort((a, b) => a - b);
  const failures: Record<string, number> = {};
  for (const { failure } of answers) {
    if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
  }
  return {
    started,
    settled: settled.length,
    timedOut,
    perSecond: (inTime.length / overMs) * 1000,
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    failures,
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
