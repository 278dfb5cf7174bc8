import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StewardProcess } from "../support/steward-process.ts";

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "steward-memory-"));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** What a started steward's process was given for its memory. */
async function readThresholds(
  env: NodeJS.ProcessEnv,
  nodeArgs: readonly string[] = [],
): Promise<string[]> {
  const config = { http: { port: 0 } };
  await using steward = await StewardProcess.start({ dataDir, config, env, nodeArgs });
  const environment = readFileSync(`/proc/${steward.pid}/environ`, "utf8").split("\0");
  return environment.filter((line) => line.startsWith("MALLOC_")).sort();
}

test.runIf(process.platform === "linux")(
  "a start gives large blocks back to the system, in the process that was started",
  async () => {
    const thresholds = ["MALLOC_MMAP_THRESHOLD_=131072", "MALLOC_TRIM_THRESHOLD_=4194304"];
    expect(await readThresholds({})).toEqual(thresholds);
  },
);

test.runIf(process.platform === "linux")(
  "what the operator says of memory stands, alone",
  async () => {
    expect(await readThresholds({ MALLOC_TRIM_THRESHOLD_: "1000000" })).toEqual([
      "MALLOC_TRIM_THRESHOLD_=1000000",
    ]);
  },
);

test.runIf(process.platform === "linux")(
  "a start that Node lets begin no process goes on in its own, as it is",
  async () => {
    const leave = ["--permission", "--allow-fs-read=*", "--allow-fs-write=*", "--allow-addons"];
    expect(await readThresholds({}, leave)).toEqual([]);
  },
);
