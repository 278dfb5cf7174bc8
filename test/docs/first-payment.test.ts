import { expect, test } from "vitest";
import { runLines } from "./support/lines.ts";

const LINES = {
  file: "docs/operations.md",
  title: "## From an empty wallet to the first payment",
  ports: ["8545", "9100", "8420"],
};

test("the lines of docs/operations.md lead from an empty folder to a payment and a restart", async () => {
  const stdout = await runLines(LINES, ([chain, , steward]) => ({
    head: `anvil() { command anvil --port ${chain} "$@"; }\n`,
    env: { STEWARD_HTTP__PORT: `${steward}`, STEWARD_URL: `http://127.0.0.1:${steward}` },
  }));
  expect(stdout).toContain("chain 31337 (anvil): ready");
  expect(stdout.match(/\{"text":"HELLO"\}/g)).toHaveLength(2);
  expect(stdout).toMatch(/250000/);
});
