import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { openShell, type Shell } from "../cli/support.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { readRows, readValue } from "../support/steward-file.ts";
import { WireClient } from "../support/wire-client.ts";

const KEPT = 3;

let steward: TestSteward;
let shell: Shell;
/** Knows no steward and no configuration. */
let elsewhere: Shell;
let zoneId: string;
let lines: string[];

async function say(zone_id: string, count: number): Promise<void> {
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  for (let i = 0; i < count; i++) {
    const content = { said: i, odd: 1e21, näme: "€" };
    const body = { type: "zone.message", zone_id, id: createId("zmsg"), content };
    expect((await client.ask(body)).type).toBe("zone.sent");
  }
}

function verify(content: readonly string[]) {
  const file = elsewhere.write(`${createId("msg")}.jsonl`, content.join("\n"));
  return elsewhere.run(["verify", file]);
}

beforeAll(async () => {
  steward = await startSteward({ config: { store: { prune_interval_ms: 20 } } });
  shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
  elsewhere = openShell();
  zoneId = await steward.createZone();
  await say(zoneId, 450);
  const { headers } = await steward.api("GET", `/v1/zones/${zoneId}`);
  const update = await steward.api(
    "PUT",
    `/v1/zones/${zoneId}`,
    { name: "renamed", description: "Its second epoch.", type: "open" },
    { "if-match": headers.get("etag") ?? "" },
  );
  expect(update.status).toBe(200);
  const file = join(shell.dir, "zone.jsonl");
  const { bytes } = await shell.json(["zone", "export", zoneId, file]);
  const text = readFileSync(file, "utf8");
  expect(bytes).toBe(Buffer.byteLength(text));
  lines = text.split("\n");
});
afterAll(async () => {
  for (const one of [shell, elsewhere]) one[Symbol.dispose]();
  await steward[Symbol.asyncDispose]();
});

test.concurrent("a zone's file verifies on a machine that knows nothing else", async () => {
  const file = elsewhere.write("whole.jsonl", lines.join("\n"));
  const found = await elsewhere.json(["verify", file]);
  const head = readRows(steward.dataDir, "SELECT head_seq, head_hash FROM zones")[0];
  expect(head).toEqual({ head_seq: found.head_seq, head_hash: found.head_hash });
  expect(found).toMatchObject({
    ...{ ok: true, faults: [], zone_id: zoneId, name: "renamed", epoch: 2, envelopes: 2 },
    ...{ entries: found.head_seq, after_seq: 0 },
  });
  expect(found.head).toMatchObject({ steward: steward.nodeId, seq: found.head_seq });
});

const entryAt = (seq: number) => (line: string) => line.includes(`"seq":${seq},`);
const tamperings: [string, (whole: string[]) => string[], RegExp][] = [
  [
    "an entry that says something else",
    (whole) => whole.map((line) => (entryAt(9)(line) ? line.replace('"said":', '"sead":') : line)),
    /entry 9: has another hash/,
  ],
  [
    "an entry that is missing",
    (whole) => whole.filter((line) => !entryAt(200)(line)),
    /entry 201: follows entry 199/,
  ],
  [
    "an envelope that says something else",
    (whole) => whole.map((line) => line.replace('"name":"renamed"', '"name":"rebranded"')),
    /envelope 2: does not verify/,
  ],
  ["an end that is missing", (whole) => whole.slice(0, -2), /end: is missing/],
];

test.concurrent.each(tamperings)("%s is found", async (_what, tamper, says) => {
  const { code, stdout } = await verify(tamper([...lines]));
  expect([code, stdout]).toEqual([1, expect.stringMatching(says)]);
});

test.concurrent("an end that another steward signed is found", async () => {
  await using stranger = await startSteward();
  const id = await stranger.createZone();
  const other = await stranger.api("GET", `/v1/zones/${id}`);
  expect(other.status).toBe(200);
  const response = await fetch(`${stranger.httpUrl}/v1/zones/${id}/export`, {
    headers: { authorization: `Bearer ${stranger.token}` },
  });
  expect(response.headers.get("content-type")).toBe("application/x-ndjson");
  const last = (await response.text()).split("\n").at(-2) ?? "";
  const { code, stdout } = await verify([...lines.slice(0, -2), last, ""]);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/who is no steward of the zone/)]);
});

test.concurrent("what is no zone's file is a usage error, and so is a file that is there already", async () => {
  const { code, stderr } = await verify(["{}", ""]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/steward zone export/)]);
  const file = shell.write("taken", "mine");
  const taken = await shell.run(["zone", "export", zoneId, file]);
  expect([taken.code, readFileSync(file, "utf8")]).toEqual([2, "mine"]);
});

test("a log whose beginning was removed is exported from its signed checkpoint on", async () => {
  const dataDir = steward.dataDir;
  await using pruned = await startSteward({
    config: {
      zones: { retention: { "*": { entries_max: KEPT } } },
      store: { prune_interval_ms: 20 },
    },
  });
  const id = await pruned.createZone();
  {
    await using client = await WireClient.connect(pruned.wireUrl);
    await client.ask({ type: "zone.join", zone_id: id });
    for (let i = 0; i < 8; i++) {
      await client.ask({ type: "zone.message", zone_id: id, id: createId("zmsg"), content: i });
    }
  }
  const countEntries = () => readValue(pruned.dataDir, "SELECT count(*) FROM zone_log");
  await expect.poll(countEntries, { timeout: 10_000 }).toBe(KEPT);
  const response = await fetch(`${pruned.httpUrl}/v1/zones/${id}/export`, {
    headers: { authorization: `Bearer ${pruned.token}` },
  });
  const file = join(elsewhere.dir, "pruned.jsonl");
  writeFileSync(file, await response.text());
  const found = await elsewhere.json(["verify", file]);
  expect(found).toMatchObject({ ok: true, entries: KEPT });
  expect(found.after_seq).toBe(found.head_seq - KEPT);
  expect(dataDir).not.toBe(pruned.dataDir);
});
