import { Histogram } from "../../base/metrics.ts";

/** Series of a metric: the values of its labels, with a space between them, and what is measured. */
export type Series = readonly (readonly [labels: string, value: number | Histogram])[];

/** One metric as Prometheus knows it, and how it is read; `docs/metrics.md` is made of these. */
export interface Metric<Readings> {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** One sentence, units included. */
  readonly help: string;
  readonly labels?: readonly string[];
  /** Undefined where there is nothing to measure. */
  readonly read: (readings: Readings) => number | Histogram | Series | undefined;
}

/** Writes metrics in Prometheus' text format, version 0.0.4. */
export function toMetricsText<Readings>(
  metrics: readonly Metric<Readings>[],
  readings: Readings,
): string {
  const lines = metrics.flatMap((metric) => [
    `# HELP ${metric.name} ${metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
    `# TYPE ${metric.name} ${metric.type}`,
    ...toSamples(metric, metric.read(readings)),
  ]);
  return `${lines.join("\n")}\n`;
}

function toSamples<Readings>(
  { name, labels = [] }: Metric<Readings>,
  read: number | Histogram | Series | undefined,
): string[] {
  if (read === undefined) return [];
  const series: Series =
    typeof read === "number" || read instanceof Histogram ? [["", read]] : read;
  return series.flatMap(([text, value]) => {
    const values = text.split(" ");
    // What is counted together has one name for all of its labels.
    const pairs = labels.map((label, i) => [label, values[i] ?? values[0] ?? ""] as const);
    if (value instanceof Histogram) return toBuckets(name, pairs, value);
    return [`${name}${toLabels(pairs)} ${toNumber(value)}`];
  });
}

type Pairs = readonly (readonly [label: string, value: string])[];

function toBuckets(name: string, pairs: Pairs, { bounds, counts, sum }: Histogram): string[] {
  let total = 0;
  const buckets = [...bounds.map(String), "+Inf"].map((bound, i) => {
    total += counts[i] ?? 0;
    return `${name}_bucket${toLabels([...pairs, ["le", bound]])} ${total}`;
  });
  return [
    ...buckets,
    `${name}_sum${toLabels(pairs)} ${toNumber(sum)}`,
    `${name}_count${toLabels(pairs)} ${total}`,
  ];
}

function toLabels(pairs: Pairs): string {
  if (pairs.length === 0) return "";
  const quote = (text: string) =>
    text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${pairs.map(([label, value]) => `${label}="${quote(value)}"`).join(",")}}`;
}

function toNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
