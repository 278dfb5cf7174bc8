import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSteward } from "../support/steward.ts";

function createFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "backup-schedule-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("backups are made by schedule, the newest are kept, and those asked for stay", async () => {
  const dir = createFolder();
  mkdirSync(join(dir, ".making-20260101T000000Z-00000000"));
  let offsetMs = 0;
  await using steward = await startSteward({
    config: { backup: { dir, interval_secs: 3600, keep: 2 } },
    nowMs: () => Date.now() + offsetMs,
    monotonicMs: () => performance.now(),
  });
  const list = async () => {
    const { body } = await steward.api("GET", "/v1/backups");
    return body.backups as { id: string; reason: string; state: string }[];
  };
  const made: string[] = [];
  const nextMade = async () => {
    const find = async () =>
      (await list()).find(
        ({ id, reason, state }) =>
          state === "complete" && reason === "schedule" && !made.includes(id),
      )?.id;
    await expect.poll(find, { timeout: 10_000, interval: 50 }).toBeTruthy();
    made.push((await find()) ?? "");
    offsetMs += 3_600_000;
  };
  await nextMade();
  const { body: asked } = await steward.api("POST", "/v1/backups");
  await nextMade();
  await nextMade();
  await expect
    .poll(() => readdirSync(dir).sort(), { timeout: 10_000 })
    .toEqual([asked.id, made[1], made[2]].sort());
});

test("a backup that fails is a warning until one is made", async () => {
  const folder = createFolder();
  const dir = join(folder, "backups");
  writeFileSync(dir, "in the way");
  await using steward = await startSteward({ config: { backup: { dir } } });
  const findWarning = async () => {
    const { body } = await steward.api("GET", "/readyz?verbose");
    return (body.warnings ?? []).find(({ key }: { key: string }) => key === "backup");
  };
  expect(await findWarning()).toBeUndefined();
  const failed = await steward.api("POST", "/v1/backups");
  expect([failed.status, failed.body.error.details.reason]).toEqual([500, "BACKUP_FAILED"]);
  expect(await findWarning()).toMatchObject({
    what: expect.stringMatching(/failed/),
    remedy: expect.stringContaining("steward backup create"),
  });
  const { body } = await steward.api("GET", "/v1/backups");
  expect(body.backups).toEqual([expect.objectContaining({ state: "failed" })]);
  rmSync(dir);
  expect((await steward.api("POST", "/v1/backups")).status).toBe(201);
  expect(await findWarning()).toBeUndefined();
});
