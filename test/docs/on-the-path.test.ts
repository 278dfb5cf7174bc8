import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

test("the README's two lines put steward on the PATH of every folder", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, lines = ""] = /```sh\n(ln -sf [\s\S]*?)```/.exec(readme) ?? [];
  expect(lines).toContain("export PATH=");
  const checkout = mkdtempSync(join(tmpdir(), "steward-path-"));
  onTestFinished(() => rmSync(checkout, { recursive: true }));
  symlinkSync(join(root, "bin"), join(checkout, "bin"));
  mkdirSync(join(checkout, "node_modules/.bin"), { recursive: true });
  const run = spawnSync("bash", ["-c", `set -e\n${lines}cd /\nsteward --version`], {
    cwd: checkout,
    encoding: "utf8",
  });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(run).toMatchObject({ status: 0, stdout: `${version}\n` });
});
