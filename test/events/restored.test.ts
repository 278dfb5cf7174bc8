import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openShell } from "../cli/support.ts";
import { EventReader } from "../support/event-reader.ts";
import { createApi, startSteward } from "../support/steward.ts";

test("a backup that the command restored goes on with ids above all that were given, and says so, at an ordinary start", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-restored-"));
  const first = await startSteward({ dataDir });
  const { token } = first;
  using shell = openShell({ STEWARD_URL: first.httpUrl, STEWARD_TOKEN: token });
  const given: number[] = [];
  try {
    const { path } = await shell.json(["backup", "create"]);
    {
      await using reader = await EventReader.open(first, "?after=0");
      for (const name of ["lost-1", "lost-2"]) {
        await first.api("POST", "/v1/tokens", { name, scope: "read" });
      }
      await reader.find("token.created", { name: "lost-2" });
      given.push(...reader.ids);
    }
    await first[Symbol.asyncDispose]();
    // The second one begins again where the first began.
    for (const name of ["once", "twice"]) {
      await shell.json(["backup", "restore", path, "--data", dataDir, "--force"]);
      await using restored = await startSteward({ dataDir });
      const api = createApi(restored.httpUrl, token);
      const source = { httpUrl: restored.httpUrl, token };
      await using reader = await EventReader.open(source, "", String(given.at(-1)));
      await api("POST", "/v1/tokens", { name, scope: "read" });
      await reader.find("token.created", { name });
      expect(reader.types.filter((type) => /gap|restored|token/.test(type))).toEqual([
        "steward.restored",
        "token.created",
      ]);
      const said = await reader.find("steward.restored");
      expect(said.data.data).toEqual({ before: given[0] });
      expect(Math.min(...reader.ids)).toBeGreaterThan(Math.max(...given));
      given.push(...reader.ids);
    }
  } finally {
    await first[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
