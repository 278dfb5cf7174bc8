import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent, AgentError, CLIENT_ERRORS } from "../../src/client/agent.ts";
import { REASON_CATEGORIES } from "../../src/error-catalogue.ts";
import { openShell, type Shell } from "../cli/support.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";

const CATEGORY = /^(protocol|identity|input|state|access|limit|payment|availability|internal)$/;
let steward: TestSteward;
let shell: Shell;
beforeAll(async () => {
  shell = openShell();
  // A file in the place of a folder: no backup can be made.
  const dir = join(shell.dir, "file", "backups");
  writeFileSync(join(shell.dir, "file"), "");
  steward = await startSteward({ config: { backup: { dir } } });
});
afterAll(async () => {
  shell[Symbol.dispose]();
  await steward[Symbol.asyncDispose]();
});

async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("a command's failure names its code, category, recovery and what to do, as text and as one line of JSON", async () => {
  const named = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
  const away = openShell({
    STEWARD_URL: `http://127.0.0.1:${await findClosedPort()}`,
    STEWARD_TOKEN: "zs_x",
  });
  try {
    const [text, json, refused, refusedJson] = await Promise.all([
      named.run(["zone", "show", "zone_00000000"]),
      named.run(["zone", "show", "zone_00000000", "--json"]),
      away.run(["zone", "list"]),
      away.run(["zone", "list", "--json"]),
    ]);
    expect(text.stderr).toMatch(/^ {2}code {2}zone_not_found \(state, change\)$/m);
    expect([json.code, json.stdout]).toEqual([1, ""]);
    expect(JSON.parse(json.stderr)).toEqual({
      error: {
        ...{ message: expect.any(String), code: "zone_not_found", problems: [] },
        ...{ category: "state", recovery: "change", hint: expect.stringMatching(/\.$/) },
        docs: expect.stringMatching(/docs\/errors\.md#zone-zone_not_found$/),
      },
    });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/nothing listens at this address and port — start what/);
    expect(refused.stderr).toMatch(/^ {2}code {2}ECONNREFUSED \(availability, retry\)$/m);
    const { error } = JSON.parse(refusedJson.stderr);
    expect(error).toMatchObject({ code: "ECONNREFUSED", category: "availability" });
  } finally {
    named[Symbol.dispose]();
    away[Symbol.dispose]();
  }
});

test("the SDK's errors have a category, by reason before code, for every code", async () => {
  await using agent = await Agent.connect(steward.wireUrl, { name: "told", key: randomBytes(32) });
  const error = await agent.join(`zone_${"0".repeat(8)}`).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: "zone_not_found", category: "state" });
  for (const code of Object.keys(CLIENT_ERRORS))
    expect(new AgentError(code).category, code).toMatch(CATEGORY);
  for (const [reason, category] of Object.entries(REASON_CATEGORIES))
    expect(new AgentError("internal", { reason }).category, reason).toBe(category);
});

test("what the system failed with is told in the answer's category, the log and the operator's warnings", async () => {
  const made = await steward.api("POST", "/v1/backups");
  expect([made.status, made.body.error.details.category]).toEqual([500, "internal"]);
  const { body } = await steward.api("GET", "/readyz?verbose");
  expect(JSON.stringify(body.warnings)).toMatch(/there is no such file.* — correct the path/);
  const script = `
    import { writeFileSync } from "node:fs";
    import { createLogger } from "./src/base/log.ts";
    try { writeFileSync("/dev/full", "x"); } catch (err) { createLogger("info").error({ err }, "no"); }`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(JSON.parse(stderr)).toMatchObject({
    err: {
      code: "ENOSPC",
      help: { kind: "system", recovery: "operator", hint: expect.stringMatching(/no room .* — /) },
    },
  });
  expect(readFileSync("docs/errors.md", "utf8")).toContain("there is no room to write this — make");
});
