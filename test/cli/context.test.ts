import { chmodSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { openShell } from "./support.ts";

const [one, two] = await Promise.all([startSteward(), startSteward()]);
/** Nobody listens there. */
const NOBODY = "http://127.0.0.1:1";
const shell = openShell({ STEWARD_URL: NOBODY, STEWARD_TOKEN: "zs_of_nobody" });
const inTwo = openShell({ HOME: shell.dir, STEWARD_CONTEXT: "two" });
shell.write("one.token", one.token);
shell.write("two.token", two.token);
afterAll(async () => {
  for (const steward of [one, two]) await steward[Symbol.asyncDispose]();
  for (const each of [shell, inTwo]) each[Symbol.dispose]();
});

test("a context has an operator command ask its own steward with its own token", async () => {
  for (const [name, { httpUrl }] of [
    ["one", one],
    ["two", two],
  ] as const) {
    const set = ["context", "set", name, "--url", httpUrl, "--token-file", `${name}.token`];
    expect(await shell.json(set)).toEqual({
      ...{ name, url: httpUrl, token_file: join(shell.dir, `${name}.token`) },
    });
  }
  const file = join(shell.dir, ".config/zone-steward/contexts.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { contexts } = await shell.json(["context", "list"]);
  expect(Object.keys(contexts)).toEqual(["one", "two"]);
  expect(JSON.stringify(contexts)).not.toContain(one.token);
  const { stdout } = await shell.run(["context", "list"]);
  expect(stdout.split("\n")[0]).toMatch(/^CONTEXT +URL +TOKEN_FILE$/);
  expect(await shell.json(["context", "show", "one"])).toMatchObject({ url: one.httpUrl });

  const zoneId = await one.createZone();
  const zonesOf = async (of: typeof shell, ...args: string[]) =>
    (await of.json(["zone", "list", ...args])).zones.map(({ id }: { id: string }) => id);
  expect(await zonesOf(shell, "--context", "one")).toEqual([zoneId]);
  expect(await zonesOf(inTwo)).toEqual([]);
  // A flag wins, and takes the place of the environment's context whole.
  expect(await zonesOf(inTwo, "--context", "one")).toEqual([zoneId]);
});

test("a context's token goes to no other steward than its own", async () => {
  const elsewhere = await inTwo.run(["zone", "list", "--url", one.httpUrl]);
  expect(elsewhere).toMatchObject({ code: 2, stdout: "" });
  expect(elsewhere.stderr).toMatch(/token is missing/);
  chmodSync(join(shell.dir, "two.token"), 0o644);
  const open = await shell.run(["zone", "list", "--context", "two"]);
  expect([open.code, open.stderr]).toEqual([2, expect.stringMatching(/chmod 600/)]);
  chmodSync(join(shell.dir, "two.token"), 0o600);
});

test("a context that is not there, or is none, is a usage error that says what to do", async () => {
  const gone = await shell.run(["zone", "list", "--context", "three"]);
  expect([gone.code, gone.stderr]).toEqual([
    2,
    expect.stringMatching(/no context three \(there are: one, two\)[\s\S]*context set three/),
  ]);
  const set = ["context", "set", "x", "--token-file", "t", "--url"];
  expect((await shell.run([...set, "ftp://h"])).code).toBe(2);
  expect((await shell.run(["context", "set", "../x", ...set.slice(3), NOBODY])).code).toBe(2);
  expect(await shell.json(["context", "remove", "two"])).toEqual({ name: "two", removed: true });
  expect((await inTwo.run(["zone", "list"])).stderr).toMatch(/no context two/);
  expect(existsSync(join(shell.dir, "two.token"))).toBe(true);
});
