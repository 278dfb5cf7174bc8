import { expect, test } from "vitest";
import { BUGS } from "./bugs.ts";
import { DECISIONS } from "./core.ts";
import { plant } from "./mutant.ts";
import { type Outcome, playSeed } from "./run.ts";

/** How many schedules are played; SIMULATION_SEEDS=100000 for a long run. */
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 1_000);
/** Within so many of them each planted bug shows. */
const BUG_SEEDS = 1_000;

function show({ seed, temper, schedule }: Outcome): string {
  return [`seed ${seed} ${JSON.stringify(temper)}`, ...schedule].join("\n");
}

test("the invariants hold over crashes, cuts, slow disks, restored backups, promotions, forks and changing sets", {
  timeout: 3_600_000,
}, () => {
  const totals = { commits: 0, released: 0, takeovers: 0, copies: 0, invoked: 0, left: 0 };
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = playSeed(seed, DECISIONS);
    expect.soft(outcome.violation, show(outcome)).toBeUndefined();
    for (const name of ["commits", "released", "takeovers", "copies", "invoked", "left"] as const) {
      totals[name] += outcome.counts[name];
    }
  }
  console.log(`simulation: ${SEEDS} seeds, ${JSON.stringify(totals)}`);
  expect(totals.takeovers).toBeGreaterThan(4 * SEEDS);
  expect(totals.left).toBeGreaterThan(50 * SEEDS);
  expect(Math.min(...Object.values(totals))).toBeGreaterThan(SEEDS / 2);
});

test("one seed is one schedule", () => {
  expect(playSeed(7, DECISIONS)).toEqual(playSeed(7, DECISIONS));
});

test.for(Object.entries(BUGS))("a planted bug is found: %s", async ([, bug]) => {
  await using planted = await plant(bug);
  let found: string | undefined;
  for (let seed = 1; seed <= BUG_SEEDS && found === undefined; seed += 1) {
    found = playSeed(seed, planted.decisions).violation;
  }
  expect(found).toMatch(/^invariant \d+: /);
});
