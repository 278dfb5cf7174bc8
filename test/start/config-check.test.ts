import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UserShell } from "../support/user-shell.ts";

let shell: UserShell;
beforeEach(() => {
  shell = new UserShell();
});
afterEach(() => shell[Symbol.asyncDispose]());

const write = (text: string) => writeFileSync(join(shell.dir, "c.json"), text);
const check = (...args: string[]) =>
  shell.run(["config", "check", "--config", "c.json", ...args], {
    env: { STEWARD_WIRE__PING_INTERVAL_MS: '"often"' },
  });

test("every problem is said with its key, who set it, and what to do; nothing is started", async () => {
  write(`{
  "http": {
    "prot": 1,
    "trusted_proxies": ["10.0.0.0/8", "10.0.0.0/99"]
  },
  "chains": [
    {"chain_id": 1, "network": "a", "rpc_urls": ["ftp://x"], "usdc": "0x1"}
  ],
  "handlers": {"*": {
    "a": {"type": "http", "url": "https://a.test",
      "secret_env": "NOT_SET"}
  }}
}`);
  const { code, stdout } = await check("--json");
  expect(code).toBe(1);
  const { ok, problems } = JSON.parse(stdout);
  const file = join(shell.dir, "c.json");
  const found = problems.map(({ key, source }: Record<string, string>) => [key, source]);
  expect(ok).toBe(false);
  expect(found.toSorted()).toEqual(
    [
      ["http.prot", `${file}:3`],
      ["http.trusted_proxies.1", `${file}:4`],
      ["chains.0.rpc_urls.0", `${file}:7`],
      ["chains.0.usdc", `${file}:7`],
      ["chains.0.settlement", `${file}:7`],
      ["wire.ping_interval_ms", "STEWARD_WIRE__PING_INTERVAL_MS"],
    ].toSorted(),
  );
  const text = await check();
  expect([text.code, text.stdout]).toEqual([
    1,
    expect.stringMatching(/http\.trusted_proxies\.1: expected an address or a CIDR range/),
  ]);
  expect(readdirSync(shell.dir)).toEqual(["c.json"]);
});

test("secrets and modules that are not there are problems with their keys", async () => {
  write(`{"handlers": {"*": {
    "a": {"type": "http", "url": "https://a.test", "secret_env": "NOT_SET"},
    "b": {"type": "http", "url": "https://a.test", "secret_file": "none"}
  }}}`);
  const run = async () => {
    const { code, stdout } = await shell.run(["config", "check", "--config", "c.json", "--json"]);
    return [code, JSON.parse(stdout).problems.map(({ key }: { key: string }) => key)];
  };
  expect(await run()).toEqual([1, ["handlers.*.a.secret_env", "handlers.*.b.secret_file"]]);
  write('{"handlers": {"*": {"c": {"type": "module", "path": "./none.mjs"}}}}');
  expect(await run()).toEqual([1, ["handlers.*.c.path"]]);
  write("{}");
  expect(await run()).toEqual([0, []]);
});

test.each([
  ['{\n "name": "a",\n}', /c\.json:3.*|line 3, column 1: expected a key/],
  ['{\n "name": "a"\n "http": {}}', /line 3, column 2: expected "," or "}"/],
  ['{"name": "a", "name": "b"}', /line 1, column 15: the key "name" stands here twice/],
  ['{"name": tru', /line 1, column 10: expected a value/],
  ['{"name": "a"', /line 1, column 13: expected "," or "}"/],
  ["[]", /expected a JSON object/],
])("what is no JSON is said with its line: %j", async (text, says) => {
  write(text);
  for (const args of [["config", "check"], ["start"]]) {
    const { code, stdout, stderr } = await shell.run([...args, "--config", "c.json"]);
    expect(code).toBe(args[0] === "start" ? 2 : 1);
    expect(stdout + stderr).toMatch(says);
  }
});

test("a file with a secret in it that others may read is said", async () => {
  const handler = { type: "http", url: "https://a.test", secret: "hush" };
  write(JSON.stringify({ handlers: { "*": { a: handler } } }));
  chmodSync(join(shell.dir, "c.json"), 0o644);
  const { code, stdout } = await check();
  expect([code, stdout]).toEqual([1, expect.stringMatching(/run: chmod 600 .*c\.json/)]);
  expect(stdout).not.toContain("hush");
});

test("a second entry of one chain is refused", async () => {
  const address = `0x${"11".repeat(20)}`;
  const entry = { chain_id: 5, network: "a", rpc_urls: ["http://a.test"], usdc: address };
  const chain = { ...entry, settlement: address };
  write(JSON.stringify({ chains: [chain, chain] }));
  const { code, stdout } = await check();
  expect([code, stdout]).toEqual([1, expect.stringMatching(/chains\.1\.chain_id: chain 5 has an/)]);
});

test("--version prints the package's version", async () => {
  const { version } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  expect(await shell.run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
});
