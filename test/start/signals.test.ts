import { existsSync, openSync, watch } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { HAS_TERMINAL, type UserProcess, UserShell } from "../support/user-shell.ts";

const NOT_ENDING = ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const;
const FREE_PORT = { STEWARD_HTTP__PORT: "0" };

function openShell(): UserShell {
  const shell = new UserShell();
  onTestFinished(() => shell[Symbol.asyncDispose]());
  return shell;
}

async function isAlive(url: string): Promise<boolean> {
  return (await fetch(`${url}/livez`)).ok;
}

/** Sends every signal that must not end it; returns how it ended when it was asked to. */
async function signalAll(steward: UserProcess, url: string, onHangup = "SIGHUP is ignored") {
  for (const signal of NOT_ENDING) {
    steward.signal(signal);
    const said = signal === "SIGHUP" ? onHangup : `${signal} is ignored`;
    await steward.says(new RegExp(`^\\{.*"msg":"${said}`, "m"), "stderr");
    expect(await isAlive(url)).toBe(true);
  }
  const { code, stderr } = await steward.stop();
  expect(stderr).not.toMatch(/[Dd]ebugger/);
  return code;
}

test("signals of log rotation do not end the service, and are logged", async () => {
  const shell = openShell();
  await shell.run(["init"]);
  const steward = shell.start(["start"], { env: FREE_PORT });
  const [, url = ""] = await steward.says(/^http {3}(\S+)$/m);
  expect(await signalAll(steward, url, "the configuration was read again")).toBe(0);
});

test("signals of log rotation do not end dev", async () => {
  const shell = openShell();
  const dev = shell.start(["dev", "--json"]);
  const [line] = await dev.says(/^\{.*\}$/m);
  expect(await signalAll(dev, JSON.parse(line).http)).toBe(0);
});

test.runIf(HAS_TERMINAL)("one Ctrl-C in a terminal stops the service in good order", async () => {
  const shell = openShell();
  await shell.run(["init"]);
  const terminal = shell.terminal(["start"], { env: FREE_PORT });
  await terminal.says(/^node {3}/m);
  terminal.type("\x03");
  expect((await terminal.ended).code).toBe(0);
});

test.runIf(HAS_TERMINAL)("the end of its terminal stops the service in good order", async () => {
  const shell = openShell();
  await shell.run(["init"]);
  const terminal = shell.terminal(["start"], { env: FREE_PORT });
  await terminal.says(/^node {3}/m);
  const closed = databaseClosed(join(shell.dir, "data"));
  terminal.signal("SIGKILL");
  await closed;
});

/** Resolves when SQLite has removed its log, which it does where the database is closed as it should be. */
function databaseClosed(dir: string): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const watcher = watch(dir, () => {
    if (!existsSync(join(dir, "steward.sqlite-wal"))) closed.resolve();
  });
  expect(existsSync(join(dir, "steward.sqlite-wal"))).toBe(true);
  return closed.promise.finally(() => watcher.close());
}

test("a log that cannot be written stops nothing", async () => {
  const shell = openShell();
  await shell.run(["init"]);
  const full = openSync("/dev/full", "w");
  const steward = shell.start(["start"], {
    env: { ...FREE_PORT, STEWARD_LOG__LEVEL: "trace", STEWARD_X: "logged at the start" },
    stderr: full,
  });
  const [, url = ""] = await steward.says(/^http {3}(\S+)$/m);
  steward.signal("SIGHUP");
  expect(await isAlive(url)).toBe(true);
  expect((await steward.stop()).code).toBe(0);
});
