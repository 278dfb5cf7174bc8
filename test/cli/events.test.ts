import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { noteCommand } from "../support/seen-commands.ts";
import { createApi, TEST_ZONE } from "../support/steward.ts";
import { StewardProcess } from "../support/steward-process.ts";
import { MACHINE_NODE } from "../support/user-shell.ts";

const COMMAND = fileURLToPath(new URL("../../bin/steward.mjs", import.meta.url));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** `steward events …`, line by line. */
function follow(source: { httpUrl: string; token: string }, args: readonly string[]): Interface {
  const child = spawn(MACHINE_NODE, [COMMAND, "events", ...args], {
    env: { ...process.env, STEWARD_URL: source.httpUrl, STEWARD_TOKEN: source.token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  // It goes on until it is ended: what it prints is its answer.
  lines.once("line", () => noteCommand(["events", ...args], 0));
  return lines;
}

test("steward events follows what happens, and goes on without a gap when the steward was killed and is back", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-events-"));
  try {
    const first = await StewardProcess.start({ dataDir, config: { http: { port: 0 } } });
    const { token } = first;
    const create = () => createApi(first.httpUrl, token)("POST", "/v1/zones", TEST_ZONE);
    const lines = follow(first, ["--json", "--after", "0", "--types", "zone.created,token.*"]);
    const seen: { id: number; type: string }[] = [];
    lines.on("line", (line) => seen.push(JSON.parse(line)));
    await once(lines, "line");
    await create();
    await once(lines, "line");
    await first.kill();
    const port = Number(new URL(first.httpUrl).port);
    await using _second = await StewardProcess.start({ dataDir, config: { http: { port } } });
    await create();
    while (seen.length < 3) await once(lines, "line");
    expect(seen.map(({ type }) => type)).toEqual(["token.created", "zone.created", "zone.created"]);
    const ids = seen.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    const people = follow({ httpUrl: first.httpUrl, token }, [
      "--after",
      "0",
      "--types",
      "zone.created",
    ]);
    const [line] = await once(people, "line");
    expect(line).toMatch(/^\d+ \S+Z zone\.created zone_\S+ name=test-zone creator=atlas_/);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
