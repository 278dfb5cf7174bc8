import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { readPragma } from "../support/steward-file.ts";
import { StewardProcess } from "../support/steward-process.ts";
import { WireClient } from "../support/wire-client.ts";

const MEBIBYTE = 1024 * 1024;

function createTempDir() {
  const path = mkdtempSync(join(tmpdir(), "shrink-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test("what is removed leaves the file in slices: nobody waits for it, and the file shrinks", async () => {
  let offsetMs = 0;
  await using steward = await startSteward({
    config: {
      zones: { free_answer_secs: 60 },
      store: { prune_interval_ms: 10, free_bytes_kept: MEBIBYTE },
    },
    nowMs: () => Date.now() + offsetMs,
  });
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const params = { text: "x".repeat(700_000) };
  for (let i = 0; i < 20; i++) {
    const request_id = createId("req");
    const request = { type: "zone.request", request_id, zone_id, action: "echo", params };
    expect((await client.ask(request)).type).toBe("zone.response");
  }
  const { dataDir } = steward;
  const sizeOf = () => readPragma(dataDir, "page_count") * readPragma(dataDir, "page_size");
  expect(sizeOf()).toBeGreaterThan(20 * MEBIBYTE);
  offsetMs = 100_000;
  await expect.poll(sizeOf, { timeout: 20_000 }).toBeLessThan(3 * MEBIBYTE);
  expect((await client.ask({ type: "zone.discover" })).type).toBe("zone.directory");
  await steward.steward[Symbol.asyncDispose]();
  expect(statSync(join(steward.dataDir, "steward.sqlite")).size).toBeLessThan(3 * MEBIBYTE);
});

test.each([
  { rewrite_at_start_bytes_max: 64 * MEBIBYTE, mode: 2 },
  { rewrite_at_start_bytes_max: 0, mode: 0 },
])("a file that could not shrink is rewritten where it is no longer than %o", async (row) => {
  using directory = createTempDir();
  const dataDir = directory.path;
  {
    await using steward = await startSteward({ dataDir });
    await steward.createZone();
  }
  const file = new Database(join(dataDir, "steward.sqlite"));
  file.pragma("journal_mode = DELETE");
  file.pragma("auto_vacuum = NONE");
  file.exec("VACUUM");
  file.close();
  const { rewrite_at_start_bytes_max } = row;
  await using steward = await startSteward({
    dataDir,
    config: { store: { rewrite_at_start_bytes_max } },
  });
  expect(readPragma(dataDir, "auto_vacuum")).toBe(row.mode);
  await using client = await WireClient.connect(steward.wireUrl);
  expect((await client.ask({ type: "zone.discover" })).zones).toHaveLength(1);
});

test("a file for whose rewriting there is no room is served as it is", async () => {
  using directory = createTempDir();
  const dataDir = directory.path;
  {
    await using steward = await startSteward({ dataDir });
    await steward.createZone();
  }
  const file = new Database(join(dataDir, "steward.sqlite"));
  file.pragma("journal_mode = DELETE");
  file.pragma("auto_vacuum = NONE");
  file.exec("VACUUM; CREATE TABLE filling (bytes BLOB)");
  const fill = file.prepare("INSERT INTO filling VALUES (randomblob(1000000))");
  for (let i = 0; i < 6; i++) fill.run();
  file.close();
  const config = { http: { port: 0 } };
  await using steward = await StewardProcess.start({ dataDir, config, fileKibMax: 4096 });
  expect((await fetch(`${steward.httpUrl}/livez`)).status).toBe(200);
  expect(readPragma(dataDir, "auto_vacuum")).toBe(0);
});
