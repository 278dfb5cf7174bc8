import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { UserShell } from "../support/user-shell.ts";

const shell = new UserShell();
const folder = mkdtempSync(join(tmpdir(), "steward-credentials-"));
afterAll(async () => {
  await shell[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function putKey(mode: number): string {
  const file = join(folder, "master-key");
  writeFileSync(file, "a-master-key-of-enough-characters\n");
  chmodSync(file, mode);
  return file;
}

test("init seals the keys with the master key of a file that the environment names, and start opens them", async () => {
  const env = { STEWARD_SECRETS__MASTER_KEY_FILE: putKey(0o600), STEWARD_HTTP__PORT: "0" };
  const data = join(shell.dir, "sealed");
  expect(await shell.run(["init", "--data", data], { env })).toMatchObject({ code: 0, stderr: "" });
  expect(readFileSync(join(data, "node-key.pem"), "utf8")).toContain("ENCRYPTED");
  expect(await shell.run(["init", "--data", data], { env })).toMatchObject({ code: 0, stderr: "" });
  const service = shell.start(["start", "--data", data], { env });
  await service.says(/^node {3}atlas_/m);
  expect((await service.stop()).code).toBe(0);
});

test.runIf(process.getuid?.() === 0)(
  "a credential of systemd, whose access list shows as the group's right, is read; the same file elsewhere is refused",
  async () => {
    const file = putKey(0o440);
    const init = (name: string, credentials: string) =>
      shell.run(["init", "--data", join(shell.dir, name)], {
        env: { STEWARD_SECRETS__MASTER_KEY_FILE: file, CREDENTIALS_DIRECTORY: credentials },
      });
    expect(await init("service", folder)).toMatchObject({ code: 0, stderr: "" });
    mkdirSync(join(folder, "other"));
    expect((await init("elsewhere", join(folder, "other"))).stderr).toContain(
      "may be read by others",
    );
    chmodSync(file, 0o444);
    expect((await init("everybody", folder)).stderr).toContain("may be read by others");
  },
);
