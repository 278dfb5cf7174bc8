import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ANVIL_KEYS } from "../../src/dev/anvil.ts";
import { startTestChain } from "../support/anvil.ts";
import { UserShell } from "../support/user-shell.ts";

const STRAY = "zone_01890a5d-ac96-774b-bcce-b302099a8057";
const CONFIG = "data/steward.config.json";

let shell: UserShell;
beforeEach(async () => {
  shell = new UserShell({ STEWARD_HTTP__PORT: "0" });
  await shell.run(["init", "--data", "data"]);
});
afterEach(() => shell[Symbol.asyncDispose]());

const file = () => join(shell.dir, CONFIG);

/** Starts the service and returns what it warns of: in its log, and in its readiness. */
async function startAndAsk() {
  const running = shell.start(["start", "--config", CONFIG]);
  const [, url] = await running.says(/^http +(\S+)/m);
  const answer = await fetch(`${url}/readyz?verbose`);
  const body = await answer.json();
  const { stderr } = await running.stop();
  const lines = stderr
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return {
    status: answer.status,
    warnings: (body.warnings ?? body.error?.details.warnings ?? []).map(
      ({ key, what }: { key: string; what: string }) => [key, what],
    ),
    logged: lines.filter(({ level, key }) => level === 40 && key).map(({ key, msg }) => [key, msg]),
    lines,
  };
}

test("entries for zones that are not here, and missing modules, are warnings and nothing fails", async () => {
  const module = { type: "module", path: "./none.mjs" };
  const handlers = { "*": { a: module }, [STRAY]: { echo: { type: "echo" } } };
  const retention = { "*": { entries_max: 9 }, [STRAY]: { entries_max: 9 } };
  writeFileSync(file(), JSON.stringify({ data_dir: ".", handlers, zones: { retention } }));
  const { status, warnings, logged, lines } = await startAndAsk();
  expect(status).toBe(200);
  expect(warnings).toEqual([
    [`handlers.${STRAY}`, expect.stringContaining("no such zone")],
    [`zones.retention.${STRAY}`, expect.stringContaining("no such zone")],
    ["handlers.*.a.path", expect.stringContaining("none.mjs is no file")],
  ]);
  expect(logged).toEqual(warnings);
  expect(lines.filter(({ module }) => module !== undefined)).toEqual([]);
});

test("a wallet without gas, and a chain that is down, are warnings, and no log says that payments are taken", async () => {
  await using chain = await startTestChain();
  writeFileSync(join(shell.dir, "key"), ANVIL_KEYS[0], { mode: 0o600 });
  const node = ["--rpc-url", chain.rpcUrl, "--key-file", "key", "--test-usdc"];
  const deployed = await shell.run(["chain", "deploy", ...node, "--write", CONFIG]);
  expect(deployed.code).toBe(0);
  const poor = await startAndAsk();
  expect(poor.status).toBe(200);
  expect(poor.warnings).toEqual([["chains.0", expect.stringMatching(/too little gas \(0 wei\)/)]]);
  expect(poor.logged).toEqual(poor.warnings);
  expect(poor.lines.map(({ msg }) => msg)).not.toContain("payments are taken");
  const config = JSON.parse(readFileSync(file(), "utf8"));
  config.chains[0].rpc_urls = ["http://127.0.0.1:9"];
  writeFileSync(file(), JSON.stringify(config));
  const dark = await startAndAsk();
  expect(dark.status).toBe(503);
  expect(dark.logged).toEqual([
    ["chains.0", expect.stringMatching(/no payment is taken on chain/)],
  ]);
  expect(dark.warnings).toEqual(dark.logged);
  expect(dark.lines.map(({ msg }) => msg)).not.toContain("payments are taken");
});
