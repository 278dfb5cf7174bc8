import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { startSteward, TEST_ZONE } from "../support/steward.ts";
import { MACHINE_NODE, USER_PATH } from "../support/user-shell.ts";
import { openShell } from "./support.ts";

const COMMAND = fileURLToPath(new URL("../../bin/steward.mjs", import.meta.url));
const SLOW_MS = 2_300;
const CLEAR_LINE = "\r\u001b[2K";

/** A steward whose answers take long on their way. */
async function startSlowSteward() {
  const steward = await startSteward();
  await steward.api("POST", "/v1/zones", TEST_ZONE);
  const way = createServer(({ url, headers }, response) => {
    setTimeout(async () => {
      const answer = await fetch(`${steward.httpUrl}${url}`, {
        headers: { authorization: String(headers.authorization) },
      });
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
    }, SLOW_MS);
  }).listen(0, "127.0.0.1");
  await once(way, "listening");
  onTestFinished(async () => {
    way.close();
    await steward[Symbol.asyncDispose]();
  });
  const { port } = way.address() as AddressInfo;
  return { token: steward.token, url: `http://127.0.0.1:${port}` };
}

test("at a terminal a command that waits says for what and how long, and takes the line away; elsewhere it says nothing", async () => {
  const { token, url } = await startSlowSteward();
  using shell = openShell({ STEWARD_URL: url, STEWARD_TOKEN: token });
  const command = `'${MACHINE_NODE}' '${COMMAND}' zone list`;
  const env = { PATH: USER_PATH, HOME: shell.dir, STEWARD_URL: url, STEWARD_TOKEN: token };
  // util-linux's: a terminal, of which it prints what a person would see.
  const seen = promisify(execFile)("script", ["-qec", command, "/dev/null"], { env });
  const [{ stdout }, elsewhere] = await Promise.all([seen, shell.run(["zone", "list"])]);
  const first = stdout.indexOf(`${CLEAR_LINE}waiting for ${url}`);
  expect(stdout.slice(first)).toMatch(/^.*waiting for [^ ]+: 1 s.*waiting for [^ ]+: 2 s/s);
  const shown = stdout.slice(stdout.lastIndexOf(CLEAR_LINE) + CLEAR_LINE.length);
  expect(shown).not.toContain("waiting");
  expect(shown).toContain(TEST_ZONE.name);
  expect(elsewhere).toMatchObject({ code: 0, stderr: "" });
  expect(elsewhere.stdout).not.toContain("waiting");
  expect(elsewhere.stdout).toContain(TEST_ZONE.name);
});
