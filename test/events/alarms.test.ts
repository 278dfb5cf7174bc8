import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { EventReader } from "../support/event-reader.ts";
import { startSteward } from "../support/steward.ts";

test("what is wrong is told once when it begins and once when it is over, a restart between the two included", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-alarms-"));
  const stray = createId("zone");
  const config = { zones: { retention: { [stray]: { entries_max: 10 } } } };
  const key = `zones.retention.${stray}`;
  const read = async (source: { httpUrl: string; token: string }, last: string) => {
    await using reader = await EventReader.open(source, "?types=alarm.*&after=0");
    await reader.find(last, { key });
    return reader.messages.filter(({ data }) => data.subject === key);
  };
  try {
    const first = await startSteward({ dataDir, config });
    const { token } = first;
    const [raised, ...none] = await read(first, "alarm.raised");
    expect(none).toEqual([]);
    expect(raised?.data.data).toMatchObject({ key, what: expect.stringContaining("no such zone") });
    await first[Symbol.asyncDispose]();
    const second = await startSteward({ dataDir, config });
    expect(await read({ ...second, token }, "alarm.raised")).toEqual([raised]);
    await second[Symbol.asyncDispose]();
    await using third = await startSteward({ dataDir });
    const told = await read({ ...third, token }, "alarm.cleared");
    expect(told.map(({ type }) => type)).toEqual(["alarm.raised", "alarm.cleared"]);
    expect(told[1]?.data.data).toEqual({
      key,
      what: raised?.data.data.what,
      raised_at: raised?.data.created_at,
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("a restored copy goes on with ids above all that the original gave", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-restored-"));
  try {
    const first = await startSteward({ dataDir });
    const { token } = first;
    await first.createZone();
    await first[Symbol.asyncDispose]();
    await using copy = await startSteward({ dataDir, isRestored: true });
    await using reader = await EventReader.open({ ...copy, token }, "?types=steward.*", "4711");
    const restored = await reader.find("steward.restored");
    expect(restored.data.data).toEqual({ before: 2 });
    expect(restored.id).toBeGreaterThan(1_700_000_000_000);
    expect(reader.types).not.toContain("gap");
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
