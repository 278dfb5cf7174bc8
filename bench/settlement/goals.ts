import type { System } from "./cell.ts";
import { type Measured, NAMES } from "./report.ts";

/** The set-ups of the facilitator that are worth a comparison. */
const PEERS = ["nonce-manager", "best"] as const;
const GAS_MAX = 50_000;

type Find = (system: System, blockSecs: number, agents: number) => Measured["result"];

/** Holds what was measured against what this engine is to reach; one line each, where measured. */
export function formatGoals(measured: readonly Measured[], gasOf50: number | undefined): string[] {
  const find: Find = (system, blockSecs, agents) =>
    measured.find(
      ({ plan }) =>
        plan.system === system && plan.blockSecs === blockSecs && plan.agents === agents,
    )?.result;
  return [
    ...formatSuccess(measured),
    ...formatRatios(find, { blockSecs: 0.1, agents: 200, wanted: 8 }),
    ...formatPace(find),
    ...formatBacklog(find),
    ...formatRatios(find, { blockSecs: 2, agents: 1_000, wanted: 3 }),
    ...formatGas(gasOf50),
  ];
}

function line(reached: boolean, text: string): string {
  return `${reached ? "reached" : "MISSED "} ${text}`;
}

function formatSuccess(measured: readonly Measured[]): string[] {
  const ours = measured.filter(({ plan }) => plan.system === "ours");
  if (ours.length === 0) return [];
  const good = ours.filter(({ result }) => result && result.settled === result.started).length;
  return [line(good === ours.length, `every payment settles in ${good} of ${ours.length} loads`)];
}

interface RatioGoal {
  readonly blockSecs: number;
  readonly agents: number;
  readonly wanted: number;
}

function formatRatios(find: Find, { blockSecs, agents, wanted }: RatioGoal): string[] {
  const ours = find("ours", blockSecs, agents);
  return PEERS.flatMap((peer) => {
    const theirs = find(peer, blockSecs, agents);
    if (!ours || !theirs) return [];
    const ratio = ours.perSecond / theirs.perSecond;
    // Nothing sent after a block can be settled before the next one.
    const limit = agents / blockSecs / theirs.perSecond;
    const room = limit < wanted ? `, of at most ${limit.toFixed(1)} × that such blocks allow` : "";
    const load = `${blockSecs} s blocks, ${agents} outstanding`;
    const text = `${load}: ${ratio.toFixed(1)} × ${NAMES[peer]} (≥ ${wanted}${room})`;
    return [line(ratio >= wanted, text)];
  });
}

function formatPace(find: Find): string[] {
  const ours = find("ours", 2, 50);
  if (!ours) return [];
  const { perSecond, p50 } = ours;
  const found = `${perSecond.toFixed(1)}/s (≥ 24), p50 ${p50.toFixed(0)} ms (≤ 2200)`;
  return [line(perSecond >= 24 && p50 <= 2_200, `2 s blocks, 50 outstanding: ${found}`)];
}

function formatBacklog(find: Find): string[] {
  const ours = find("ours", 2, 1_000);
  if (!ours) return [];
  const found = `${ours.perSecond.toFixed(0)}/s (≥ 450 of 500)`;
  return [line(ours.perSecond >= 450, `2 s blocks, 1000 outstanding: ${found}`)];
}

function formatGas(gas: number | undefined): string[] {
  if (gas === undefined) return [];
  const found = `${gas.toFixed(0)} gas per payment (≤ ${GAS_MAX})`;
  return [line(gas <= GAS_MAX, `batches of 50, three-way split: ${found}`)];
}
