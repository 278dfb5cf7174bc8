/** Series of one tally; what comes beyond is counted together, as `other`. */
const SERIES_MAX = 1000;
const OTHER = "other";

/** Seconds, for what takes from tens of microseconds to half a minute. */
export const DURATION_SECS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30,
] as const;

/** Numbers of things done together. */
export const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

/**
 * Counts by labels of few values: types, routes, codes; never ids. Several labels are one text with a
 * space between them. It costs one look-up, and is read when metrics are asked for.
 */
export class Tally {
  private readonly counts = new Map<string, number>();

  /** Adds to one series. */
  add(labels: string, by = 1): void {
    const count = this.counts.get(labels);
    if (count === undefined && this.counts.size >= SERIES_MAX && labels !== OTHER) {
      this.add(OTHER, by);
      return;
    }
    this.counts.set(labels, (count ?? 0) + by);
  }

  /** The series and their counts. */
  read(): [labels: string, count: number][] {
    return [...this.counts];
  }
}

/** Counts values by their size, with their sum: quantiles and means are computed by who reads it. */
export class Histogram {
  /** Upper bounds, rising; one more bucket has what is beyond the last. */
  readonly bounds: readonly number[];
  /** Of each bucket alone. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Takes one value in. */
  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.sum += value;
  }
}

/** Histograms by labels, as a tally counts. */
export class Histograms {
  private readonly bounds: readonly number[];
  private readonly byLabels = new Map<string, Histogram>();

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  /** Takes one value in. */
  observe(labels: string, value: number): void {
    this.get(labels).observe(value);
  }

  /** The series and their histograms. */
  read(): [labels: string, histogram: Histogram][] {
    return [...this.byLabels];
  }

  private get(labels: string): Histogram {
    const known = this.byLabels.get(labels);
    if (known !== undefined) return known;
    if (this.byLabels.size >= SERIES_MAX && labels !== OTHER) return this.get(OTHER);
    const histogram = new Histogram(this.bounds);
    this.byLabels.set(labels, histogram);
    return histogram;
  }
}
