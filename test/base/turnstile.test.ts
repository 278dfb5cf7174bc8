import { expect, test } from "vitest";
import { Turnstile } from "../../src/base/turnstile.ts";

/** Sends so many through at one time, each of which runs until it is let go. */
async function enter(turnstile: Turnstile, count: number) {
  const running: number[] = [];
  const letGo = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  const passes = Array.from({ length: count }, (_, i) =>
    turnstile.pass(async () => {
      running.push(i);
      await new Promise<void>((resolve, reject) => letGo.set(i, { resolve, reject }));
      return i;
    }),
  );
  const outcomes = passes.map((pass) => pass.catch((error: Error) => error.message));
  await settle();
  return { running, letGo, outcomes };
}

/** Lets everything run that can without anybody being let go. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test.each([
  { runningMax: 1, waitingMax: 0, enters: 3, runs: 1, turnedAway: 2 },
  { runningMax: 2, waitingMax: 0, enters: 2, runs: 2, turnedAway: 0 },
  { runningMax: 2, waitingMax: 3, enters: 5, runs: 2, turnedAway: 0 },
  { runningMax: 2, waitingMax: 3, enters: 9, runs: 2, turnedAway: 4 },
  { runningMax: 8, waitingMax: 8, enters: 3, runs: 3, turnedAway: 0 },
])("of $enters that come, $runs run and $turnedAway are turned away: %o", async (row) => {
  const { running, letGo, outcomes } = await enter(
    new Turnstile(row.runningMax, row.waitingMax),
    row.enters,
  );
  expect(running).toHaveLength(row.runs);
  for (let i = 0; i < row.enters - row.turnedAway; i++) {
    await settle();
    letGo.get(i)?.resolve();
  }
  const answers = await Promise.all(outcomes);
  // Those that came first got in, in their order, and none that was turned away ever ran.
  const admitted = row.enters - row.turnedAway;
  expect(running).toEqual(Array.from({ length: admitted }, (_, i) => i));
  expect(answers.slice(0, admitted)).toEqual(running.map((result) => ({ result })));
  expect(answers.slice(admitted)).toEqual(Array(row.turnedAway).fill(undefined));
});

test("one that fails gives its place to the next, and the place is free again after the last", async () => {
  const turnstile = new Turnstile(1, 1);
  const { running, letGo, outcomes } = await enter(turnstile, 2);
  letGo.get(0)?.reject(new Error("fell"));
  expect(await outcomes[0]).toBe("fell");
  await settle();
  expect(running).toEqual([0, 1]);
  letGo.get(1)?.resolve();
  expect(await outcomes[1]).toEqual({ result: 1 });
  expect(await turnstile.pass(async () => "free")).toEqual({ result: "free" });
});
