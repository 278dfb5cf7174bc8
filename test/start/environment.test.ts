import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { UserShell } from "../support/user-shell.ts";

/** What Kubernetes and docker's links inject for services named steward, steward-http and the like. */
const INJECTED = {
  STEWARD_PORT: "tcp://10.0.0.1:8420",
  STEWARD_PORT_8420_TCP: "tcp://10.0.0.1:8420",
  STEWARD_PORT_8420_TCP_ADDR: "10.0.0.1",
  STEWARD_SERVICE_HOST: "10.0.0.1",
  STEWARD_SERVICE_PORT: "8420",
  STEWARD_HTTP_SERVICE_HOST: "10.0.0.2",
  STEWARD_HTTP_PORT: "tcp://10.0.0.2:80",
  STEWARD_WIRE: "tcp://10.0.0.2:80",
  STEWARD__HTTP_PORT: "tcp://10.0.0.3:80",
  STEWARD_ENV_HTTP__PORT: "99",
};

async function openShell(env: Record<string, string> = {}): Promise<UserShell> {
  const shell = new UserShell(env);
  onTestFinished(() => shell[Symbol.asyncDispose]());
  const { code, stderr } = await shell.run(["init", "--data", "home"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return shell;
}

/** Starts with a free port and returns what it said it ignores. */
async function startQuietly(shell: UserShell, env: Record<string, string>) {
  const steward = shell.start(["start", "--config", "home/steward.config.json"], {
    env: { STEWARD_HTTP__PORT: "0", ...env },
  });
  const [, url] = await steward.says(/^http {3}(\S+)\n.*\n^node .*\n/m);
  const wellKnown = await fetch(`${url}/.well-known/atlas.json`);
  const { name } = (await wellKnown.json()) as { name: string };
  const { code, stderr } = await steward.stop();
  const lines = stderr.split("\n").filter((line) => line !== "");
  const ignored = lines.map((line) => JSON.parse(line)).filter((line) => "variables" in line);
  return { code, name, ignored };
}

test("a platform's variables that begin with STEWARD_ do not stop a start, and one line names them", async () => {
  const shell = await openShell();
  const { code, ignored } = await startQuietly(shell, INJECTED);
  expect(code).toBe(0);
  expect(ignored).toHaveLength(1);
  expect(ignored[0].variables.toSorted()).toEqual(Object.keys(INJECTED).toSorted());
});

test("the documented variables and those with __ after a section are read, and nothing is said", async () => {
  const shell = await openShell();
  const { code, name, ignored } = await startQuietly(shell, {
    STEWARD_NAME: "2024",
    STEWARD_LOG__LEVEL: "debug",
    STEWARD_HTTP__TRUSTED_PROXIES: '["10.0.0.0/8"]',
    STEWARD_HTTP__PUBLIC_URL: "",
    STEWARD_TOKEN: "zs_x",
    STEWARD_URL: "http://127.0.0.1:1",
    STEWARD_WALLET_KEY: "0x",
    STEWARD_MASTER_KEY: "x".repeat(32),
  });
  expect({ code, name, ignored }).toEqual({ code: 0, name: "2024", ignored: [] });
});

test("a mistake in a variable of a section stops the start, each named, with no value shown", async () => {
  const shell = await openShell();
  const { code, stdout, stderr } = await shell.run(["start", "--data", "home"], {
    env: {
      STEWARD_HTTP__PROT: "1",
      STEWARD_HTTP__HOST__NAME: "secret",
      STEWARD_WIRE__PING_INTERVAL_MS: "fast",
      STEWARD_LIMITS__: "1",
      STEWARD_HANDLERS: "{}",
    },
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  for (const says of [
    /- http\.prot: is not a known key, set by STEWARD_HTTP__PROT$/m,
    /- http\.host: .*, set by STEWARD_HTTP__HOST__NAME$/m,
    /- wire\.ping_interval_ms: .*, set by STEWARD_WIRE__PING_INTERVAL_MS$/m,
    /- STEWARD_LIMITS__: /m,
  ]) {
    expect(stderr).toMatch(says);
  }
  expect(stderr).not.toMatch(/secret|STEWARD_HANDLERS\b/);
});

test("a variable names an item of a list in the file by its place, and a mistake there is named", async () => {
  const shell = await openShell();
  const chain = {
    ...{ chain_id: 31337, network: "x", rpc_urls: ["http://127.0.0.1:1"] },
    ...{ usdc: `0x${"1".repeat(40)}`, settlement: `0x${"2".repeat(40)}` },
  };
  const file = join(shell.dir, "chains.json");
  writeFileSync(file, JSON.stringify({ data_dir: "home", chains: [chain] }));
  const { code, stderr } = await shell.run(["start", "--config", file], {
    env: { STEWARD_CHAINS__0__RPC_URLS: '["no url"]' },
  });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /1 problem\(s\)[\s\S]*chains\.0\.rpc_urls\.0: .*STEWARD_CHAINS__0__RPC_URLS/,
  );
});

test("STEWARD_CONFIG is the configuration's file, as --config is, which wins over it", async () => {
  const shell = await openShell();
  mkdirSync(join(shell.dir, "elsewhere"));
  const cwd = join(shell.dir, "elsewhere");
  writeFileSync(join(cwd, "broken.json"), "{");
  const started = shell.start(["start"], {
    cwd,
    env: { STEWARD_CONFIG: "../home/steward.config.json", STEWARD_HTTP__PORT: "0" },
  });
  await started.says(/^node {3}atlas_/m);
  expect((await started.stop()).code).toBe(0);
  const missing = await shell.run(["start"], { cwd, env: { STEWARD_CONFIG: "none.json" } });
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("none.json")]);
  const flag = await shell.run(["start", "--config", "broken.json"], {
    cwd,
    env: { STEWARD_CONFIG: "../home/steward.config.json" },
  });
  expect([flag.code, flag.stderr]).toEqual([2, expect.stringContaining("broken.json")]);
});
