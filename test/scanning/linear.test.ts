import fc from "fast-check";
import { expect, test } from "vitest";
import { RULES } from "../../src/scanning/rules.ts";
import { scanValues } from "../../src/scanning/scan-values.ts";
import { PackedValue } from "../../src/wire/packed-value.ts";

const ALL_WORDS = RULES.flatMap(({ places }) => places.flatMap(({ words }) => words));
const WORDS = [...new Set(ALL_WORDS)];
/** The words that stand in the most phrases, which are the dearest. */
const DEAREST = WORDS.map((word) => ({ word, count: ALL_WORDS.filter((w) => w === word).length }))
  .sort((a, b) => b.count - a.count)
  .slice(0, 16)
  .map(({ word }) => word);
const ODD = ["\u200b", "\u200d", "\u0301", "\ufe0f", "\u{e0061}", "\u{1f3f4}", "\u202e", "\u0000"];
const MARKS = [" ", ".", ",", "! ", "[", "]", "{", "}", "(", ")", "\n", "\u001b", "[31m", "'", "`"];
const piece = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.constantFrom(...ODD, ...MARKS),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));

/** Milliseconds of CPU, whatever else the machine does. */
function measureCpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("no text makes it fail, and a text is judged alike built or packed", () => {
  fc.assert(
    fc.property(text, (value) => {
      const found = scanValues([value.toWellFormed()]);
      for (const { confidence } of found) expect(confidence).toBeLessThanOrEqual(1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what no body may hold
      if (/[\u0000\u202a-\u202e\u2066-\u2069]/.test(value) || !value.isWellFormed()) return;
      expect(scanValues([PackedValue.from(value)])).toEqual(found);
    }),
    { numRuns: 500 },
  );
});

test("what stands before and after in other sentences changes no finding", () => {
  fc.assert(
    fc.property(text, fc.constantFrom("hello", "5 USDC", "語", "\u{1f600}"), (value, harmless) => {
      const sentence = `${harmless}. ${value}`;
      expect(scanValues([sentence])).toEqual(scanValues([value]));
    }),
    { numRuns: 300 },
  );
});

test("twice as much text takes about twice as long, whatever it repeats", () => {
  const units = [
    ...DEAREST.map((word) => `${word} `),
    `${DEAREST.join(" ")} `,
    "x",
    "[",
    "語",
    ...ODD,
  ];
  const most = Math.max(
    ...units.map((unit) => {
      const bytes = new TextEncoder().encode(unit).length;
      const value = unit.repeat(Math.floor(262_144 / bytes));
      return measureCpuMs(() => scanValues([value]));
    }),
  );
  // A sixteenth of the largest body. What is quadratic takes minutes.
  expect(most).toBeLessThan(60);
});
