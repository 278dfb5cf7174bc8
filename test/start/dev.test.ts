import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { MACHINE_NODE, type UserProcess, UserShell } from "../support/user-shell.ts";
import { copyCheckout } from "./checkout.ts";

const TRANSLATED = /hallo welt/;

function openShell(): UserShell {
  const shell = new UserShell();
  onTestFinished(() => shell[Symbol.asyncDispose]());
  return shell;
}

/** Occupies a port of 127.0.0.1, unless somebody has it already. */
async function occupy(port: number): Promise<void> {
  const server = createServer();
  onTestFinished(() => void server.close());
  server.listen(port, "127.0.0.1");
  await Promise.race([once(server, "listening"), once(server, "error")]);
}

/** Waits until dev has printed what there is to try, and returns the address of its wire. */
async function readyOf(dev: UserProcess): Promise<string> {
  await dev.says(/To pay:\n(.+\n)+\n/);
  return /^ +wire +(\S+)$/m.exec(dev.stdout)?.[1] ?? "";
}

/** The README's example, for a world that may have found its port taken. */
function readExample(dir: string, wire: string): string {
  const [, example = ""] =
    /```js\n([^`]*)```/.exec(readFileSync(join(dir, "README.md"), "utf8")) ?? [];
  expect(example).toContain("ws://127.0.0.1:8420/wire");
  return example.replace("ws://127.0.0.1:8420/wire", wire);
}

test("dev listens on 8420, or where that is taken on another port, which it says", async () => {
  const shell = openShell();
  await occupy(8420);
  const dev = shell.start(["dev", "--json"]);
  const [line] = await dev.says(/^\{.*\}$/m);
  const { port } = new URL(JSON.parse(line).http);
  expect(Number(port)).toBeGreaterThan(8420);
  await dev.says(new RegExp(`port 8420 is taken.*127\\.0\\.0\\.1:${port}`), "stderr");
  const taken = await shell.run(["dev", "--json", "--port", port]);
  expect(taken).toMatchObject({ code: 1, stdout: "" });
  expect(taken.stderr).toContain(port);
});

test("the README's example works in a checkout and in a project beside it, as it says", async () => {
  const shell = openShell();
  using checkout = copyCheckout();
  const { dir } = checkout;
  const dev = shell.spawn("npm", ["run", "dev"], { cwd: dir });
  const example = readExample(dir, await readyOf(dev));
  writeFileSync(join(dir, "my-agent.mjs"), example);
  const inside = await shell.spawn("npx", ["node", "my-agent.mjs"], { cwd: dir }).ended;
  expect(inside).toMatchObject({ code: 0, stdout: expect.stringMatching(TRANSLATED) });
  // As `npm install /path/to/the/checkout` leaves it.
  mkdirSync(join(shell.dir, "node_modules"));
  symlinkSync(dir, join(shell.dir, "node_modules", "zone-steward"));
  writeFileSync(join(shell.dir, "own.mjs"), example);
  const outside = await shell.spawn(process.execPath, ["own.mjs"]).ended;
  expect(outside).toMatchObject({ code: 0, stdout: expect.stringMatching(TRANSLATED) });
});

test("what dev says to try works as it is printed, in another folder", async () => {
  const shell = openShell();
  const dev = shell.start(["dev"]);
  await readyOf(dev);
  const lines = dev.stdout
    .slice(dev.stdout.indexOf("Try next:"))
    .split("\n")
    .filter((line) => line.startsWith("  ") && !/ agent listen |curl/.test(line));
  const pasted = await shell.spawn("/bin/sh", ["-ec", lines.join("\n")]).ended;
  expect(pasted).toMatchObject({ code: 0, stderr: "" });
  expect(pasted.stdout).toMatch(/dev-zone[\s\S]*"text":"hi"[\s\S]*hallo welt/);
});

test("an old Node is told by the SDK of a checkout what to do", async () => {
  const shell = openShell();
  if (Number(process.versions.node.split(".")[0]) < 24 || MACHINE_NODE === process.execPath) return;
  using checkout = copyCheckout();
  writeFileSync(join(checkout.dir, "a.mjs"), 'import "zone-steward/client";');
  const { code, stderr } = await shell.spawn(MACHINE_NODE, ["a.mjs"], { cwd: checkout.dir }).ended;
  const isOld =
    Number(/v(\d+)/.exec((await shell.spawn(MACHINE_NODE, ["-v"]).ended).stdout)?.[1]) < 24;
  expect([code, /npx node FILE/.test(stderr)]).toEqual(isOld ? [1, true] : [0, false]);
});
