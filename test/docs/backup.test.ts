import { expect, test } from "vitest";
import { runLines } from "./support/lines.ts";

const LINES = {
  file: "docs/operations.md",
  title: "### Back up, restore, move to another machine",
  ports: ["8420"],
};

test("the lines of docs/operations.md lead from a steward over its backup to the same one elsewhere", async () => {
  const stdout = await runLines(LINES, ([port]) => ({
    env: { STEWARD_HTTP__PORT: `${port}`, STEWARD_URL: `http://127.0.0.1:${port}` },
  }));
  expect(stdout).toMatch(/It is whole: files, structure, hash chains and signatures/);
  expect(stdout).toMatch(/zone_\S+ +kept +open/);
});
