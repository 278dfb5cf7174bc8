import type { System } from "./cell.ts";
import type { Measured } from "./report.ts";

type Find = (system: System, blockSecs: number, agents: number) => Measured["result"];

/** Holds what was measured against what this engine is to reach; one line each, where measured. */
export function formatGoals(measured: readonly Measured[], gasOf50: number | undefined): string[] {
  const find: Find = (system, blockSecs, agents) =>
    measured.find(
      ({ plan }) =>
        plan.system === system && plan.blockSecs === blockSecs && plan.agents === agents,
    )?.result;
  const all = measured.filter(({ plan }) => plan.system === "ours");
  const lost = all.filter(({ result }) => !result || result.settled < result.started).length;
  return [
    line(lost === 0, `every payment settles in ${all.length - lost} of ${all.length} loads`),
    ...formatRatio(find, 200, 5),
    ...formatPace(find),
    ...formatBacklog(find),
    ...(gasOf50 === undefined
      ? []
      : [
          line(
            gasOf50 < 60_000,
            `${gasOf50.toFixed(0)} gas per payment in batches of 50 (< 60,000)`,
          ),
        ]),
  ];
}

function line(reached: boolean, text: string): string {
  return `${reached ? "reached" : "MISSED "} ${text}`;
}

function formatRatio(find: Find, agents: number, wanted: number): string[] {
  const [ours, best] = [find("ours", 0.1, agents), find("best", 0.1, agents)];
  if (!ours || !best) return [];
  const ratio = ours.perSecond / best.perSecond;
  const text = `0.1 s blocks, ${agents} outstanding: ${ratio.toFixed(1)} × x402's best (≥ ${wanted})`;
  return [line(ratio >= wanted, text)];
}

function formatPace(find: Find): string[] {
  const ours = find("ours", 2, 50);
  if (!ours) return [];
  const { perSecond, p50 } = ours;
  const text = `2 s blocks, 50 outstanding: ${perSecond.toFixed(1)}/s (≥ 24), p50 ${p50.toFixed(0)} ms (≤ 2,200)`;
  return [line(perSecond >= 24 && p50 <= 2_200, text)];
}

function formatBacklog(find: Find): string[] {
  const [ours, best] = [find("ours", 2, 1_000), find("best", 2, 1_000)];
  if (!ours || !best) return [];
  const ratio = ours.perSecond / best.perSecond;
  const reached = ours.perSecond >= 250 && ratio >= 3;
  const text = `2 s blocks, 1,000 outstanding: ${ours.perSecond.toFixed(0)}/s (≥ 250), ${ratio.toFixed(1)} × x402's best (≥ 3)`;
  return [line(reached, text)];
}
