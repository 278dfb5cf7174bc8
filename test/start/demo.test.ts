import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { UserShell } from "../support/user-shell.ts";

test("demo runs the main job from any folder, ends with 0, and leaves nothing behind", async () => {
  await using shell = new UserShell();
  const { code, stdout, stderr } = await shell.run(["demo"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^done +everything as it should be/m);
  expect(readdirSync(shell.dir)).toEqual([]);
});
