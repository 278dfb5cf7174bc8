import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const PYTHON = "/usr/bin/python3";
const GO_PACKAGES = "/usr/share/gocode";
const REPEATS = 200_000;
const TEXT = "fifteen letters";
const PINGS = 6;

/** Why Python's example cannot run here. */
function findPythonLack(): string | undefined {
  const probe = spawnSync(PYTHON, ["-c", "import websockets, msgpack, nacl.signing"]);
  if (probe.status === 0) return undefined;
  return `${PYTHON} lacks python3-websockets, python3-msgpack or python3-nacl`;
}

/** Why Go's example cannot run here. */
function findGoLack(): string | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return "there is no go (golang-go)";
  const packages = ["gorilla/websocket", "vmihailenco/msgpack/v5"];
  const lacking = packages.find((name) => !existsSync(join(GO_PACKAGES, "src/github.com", name)));
  return lacking === undefined ? undefined : `${GO_PACKAGES} has no github.com/${lacking}`;
}

function toExample(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
}

async function run(command: string, args: readonly string[], env = process.env) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code: code as number | null, out, err };
}

/** Has a client do what the examples do, with three megabytes, beside a member that listens. */
async function expectExampleToWork(toCommand: (url: string, zone: string) => readonly string[]) {
  const wire = { ping_interval_ms: 200, unanswered_pings_max: 2 };
  await using steward = await startSteward({ config: { wire } });
  const zone = await steward.createZone();
  await using member = await WireClient.connect(steward.wireUrl);
  member.socket.on("message", (data: Buffer) => {
    if (data[3] === 0xf0) member.send("pong", { ts: 1, echo: 1 });
  });
  await member.ask({ type: "zone.join", zone_id: zone });
  const [command = "", ...args] = toCommand(steward.wireUrl, zone);
  const ended = run(command, args);
  const heard = member.nextBody("zone.message");
  const { code, out, err } = await ended;
  expect(err).toBe("");
  expect(code).toBe(0);
  const [joined, sent, echoed, held] = out.trim().split("\n");
  expect(joined).toMatch(/^joined test-zone as atlas_[0-9a-f]{64}$/);
  expect(sent).toMatch(/^sent \d+$/);
  expect(echoed).toMatch(/^echoed true$/i);
  const [, own, answered] = held?.match(/^held (\d+) pings sent, (\d+) answered$/) ?? [];
  expect(Number(own)).toBeGreaterThanOrEqual(PINGS);
  expect(Number(answered)).toBeGreaterThanOrEqual(PINGS);
  const { content } = await heard;
  expect(content.text).toHaveLength(TEXT.length * REPEATS);
}

const pythonLack = findPythonLack();
const goLack = findGoLack();
for (const lack of [pythonLack, goLack]) {
  if (lack !== undefined) process.stdout.write(`An example is not run: ${lack}.\n`);
}

test.skipIf(pythonLack !== undefined)(
  `Python's client sends 3 MB and holds a session in nanoseconds${pythonLack ? `: skipped, ${pythonLack}` : ""}`,
  { timeout: 60_000 },
  async () => {
    await expectExampleToWork((url, zone) => [
      ...[PYTHON, toExample("agent.py"), url, zone],
      ...["--text", TEXT, "--repeat", `${REPEATS}`, "--pings", `${PINGS}`],
    ]);
  },
);

describe.skipIf(goLack !== undefined)(`Go's client${goLack ? `: skipped, ${goLack}` : ""}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "steward-go-"));
  const binary = join(folder, "agent");
  beforeAll(async () => {
    const env = { ...process.env, GO111MODULE: "off", GOPATH: GO_PACKAGES };
    const built = await run("go", ["build", "-o", binary, toExample("agent.go")], env);
    if (built.code !== 0) throw new Error(built.err);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("sends 3 MB and holds a session in nanoseconds", { timeout: 60_000 }, async () => {
    await expectExampleToWork((url, zone) => [
      ...[binary, "-url", url, "-zone", zone],
      ...["-text", TEXT, "-repeat", `${REPEATS}`, "-pings", `${PINGS}`],
    ]);
  });
});
