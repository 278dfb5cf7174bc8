import type { Histogram } from "../../../base/metrics.ts";
import { METRICS } from "../../metrics/catalogue.ts";
import { createReader, type MetricDeps, type Readings } from "../../metrics/readings.ts";

/** What is sampled: a metric of the registry, the series of it that is added up, and its unit. */
interface Sampled {
  readonly key: string;
  readonly metric: string;
  /** Labels of series that count; undefined adds all of them up. */
  readonly labels?: (labels: string) => boolean;
  /** A counter's growth is shown per second. */
  readonly isRate: boolean;
}

const SAMPLED = [
  {
    key: "sessions",
    metric: "steward_sessions",
    labels: (labels) => labels === "verified",
    isRate: false,
  },
  {
    key: "messages",
    metric: "steward_messages_total",
    isRate: true,
  },
  {
    key: "refusals",
    metric: "steward_messages_total",
    labels: (labels) => !labels.endsWith(" ok"),
    isRate: true,
  },
  { key: "deliveries", metric: "steward_fan_out_deliveries_total", isRate: true },
  { key: "memory", metric: "process_resident_memory_bytes", isRate: false },
  { key: "cpu", metric: "process_cpu_seconds_total", isRate: true },
] as const satisfies readonly Sampled[];

/** The name of what is sampled. */
export type SampleKey = (typeof SAMPLED)[number]["key"];

/** One point of a chart. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

interface Row {
  readonly atMs: number;
  readonly values: readonly number[];
}

/**
 * Samples of the metrics registry over time, for the charts: so many at most, in memory, and gone with
 * the process. Sampling ends when the steward drains.
 */
export class Samples {
  private readonly read: () => Promise<Readings>;
  private readonly nowMs: () => number;
  private readonly pointsMax: number;
  private readonly rows: Row[] = [];
  /** From one sample to the next, milliseconds. */
  readonly stepMs: number;

  constructor(deps: MetricDeps) {
    const { chart_step_ms, chart_points } = deps.config.admin.dashboard;
    this.read = createReader(deps);
    this.nowMs = deps.nowMs;
    this.stepMs = chart_step_ms;
    this.pointsMax = chart_points;
    const sample = () =>
      void this.take().catch((err) => deps.log.warn({ err }, "the charts miss a sample"));
    sample();
    const timer = setInterval(sample, chart_step_ms);
    timer.unref();
    deps.draining.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  /** Takes one sample. */
  async take(): Promise<void> {
    const readings = await this.read();
    this.rows.push({ atMs: this.nowMs(), values: SAMPLED.map((one) => readOne(readings, one)) });
    if (this.rows.length > this.pointsMax) this.rows.shift();
  }

  /** The points of one series, the oldest first; of a counter how much it grew per second. */
  list(key: SampleKey): readonly Point[] {
    const index = SAMPLED.findIndex((one) => one.key === key);
    const points = this.rows.map(({ atMs, values }) => ({ atMs, value: values[index] ?? 0 }));
    if (!SAMPLED[index]?.isRate) return points;
    return points.slice(1).map(({ atMs, value }, i) => {
      const before = points[i];
      const secs = before === undefined ? 0 : (atMs - before.atMs) / 1000;
      const grown = before === undefined || secs <= 0 ? 0 : (value - before.value) / secs;
      return { atMs, value: Math.max(0, grown) };
    });
  }
}

function readOne(readings: Readings, { metric, labels }: Sampled): number {
  const read = METRICS.find(({ name }) => name === metric)?.read(readings);
  if (read === undefined || typeof read === "number") return read ?? 0;
  if (!Array.isArray(read)) return 0;
  return (read as readonly (readonly [string, number | Histogram])[])
    .filter(([of, value]) => typeof value === "number" && (labels === undefined || labels(of)))
    .reduce((sum, [, value]) => sum + (value as number), 0);
}
