import { execFile } from "node:child_process";
import { expect, test } from "vitest";

/** Runs one file of the suite as `npm test -- FILE` does, in a process of its own. */
function runTests(env: Record<string, string>) {
  const args = ["node_modules/vitest/vitest.mjs", "run", "test/wire/packed.test.ts"];
  const { VITEST: _, ...own } = process.env;
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile(process.execPath, args, { env: { ...own, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

test("a run ends with what it tried of the long tests, and how to try more", async () => {
  const { code, output } = await runTests({ FUZZ_RUNS: "201" });
  expect(code).toBe(0);
  const report = output.slice(output.lastIndexOf("This run tried"));
  expect(report).toMatch(/npm run test:long.*12 minutes/);
  expect(report).toMatch(/^ {2}FUZZ_RUNS +201 of 200,000 generated envelopes and bodies/m);
  expect(report).toContain("FUZZ_RUNS=200000 npm test -- FILE");
});

test("a count that is no number ends the run by its name", async () => {
  const { code, output } = await runTests({ FUZZ_RUNS: "many" });
  expect(code).toBe(1);
  expect(output).toContain("FUZZ_RUNS: expected a number");
});
