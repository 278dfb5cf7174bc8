import { expect, test } from "vitest";
import { runLines } from "./support/lines.ts";

const LINES = {
  file: "docs/replication.md",
  title: "## Two stewards from nothing, and a third",
  ports: ["8421", "8422", "8423"],
};

test("the lines of docs/replication.md lead from nothing over a take-over to a primary that follows", async () => {
  const stdout = await runLines(LINES);
  expect(stdout).toContain('{"text":"hi"}');
  const told = ["through the primary", "through the replica", "after the take-over"];
  for (const text of told) expect(stdout).toContain(`"content":"${text}"`);
}, 90_000);
