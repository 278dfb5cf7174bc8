import type { Measured } from "./works.ts";

/** What one server did of one work, once. */
export interface Row {
  readonly name: string;
  readonly measured: Measured;
}

const FIELDS: readonly [keyof Measured, (value: number) => string][] = [
  ["perSecond", (value) => `${Math.round(value).toLocaleString("en")}/s`],
  ["micros", (value) => `${value.toFixed(2)} µs`],
  ["p50", (value) => `p50 ${value.toFixed(2)} ms`],
  ["p99", (value) => `p99 ${value.toFixed(2)} ms`],
  ["growth", (value) => `grows ${value.toFixed(2)} ×`],
  ["kib", (value) => `${value.toFixed(1)} KiB`],
];

/** One line of the table. */
export function formatCell(name: string, measured: Measured, load: number): string {
  const cells = FIELDS.map(([field, format]) => {
    const value = measured[field];
    return (value === undefined ? "" : format(value)).padStart(15);
  });
  return `  ${name.padEnd(10)}${cells.join("")}   load ${load.toFixed(1)}`;
}

/** The steward against each of the others: medians of the rounds, more than 1 where the steward does better. */
export function formatRatios(rows: readonly Row[]): string {
  const of = (name: string, field: keyof Measured) =>
    toMedian(rows.filter((row) => row.name === name).map(({ measured }) => measured[field]));
  const others = [...new Set(rows.map(({ name }) => name))].filter((name) => name !== "steward");
  const lines = others.map((name) => {
    const ratios = FIELDS.flatMap(([field]) => {
      const [own, other] = [of("steward", field), of(name, field)];
      if (own === undefined || other === undefined) return [];
      const ratio = field === "perSecond" ? own / other : other / own;
      return [`${field} ${ratio.toFixed(2)} ×`];
    });
    return `  steward against ${name}: ${ratios.join(", ")}\n`;
  });
  return lines.join("");
}

function toMedian(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
