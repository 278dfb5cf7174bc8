import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EventReader } from "../support/event-reader.ts";
import { createApi, TEST_ZONE } from "../support/steward.ts";
import { readRows } from "../support/steward-file.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

const ROUNDS = 3;

test("a reader that is cut off, and a steward that is killed meanwhile, leave no gap: exactly the ids after the last, once", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-feed-"));
  const config = { ...NO_LIMITS, http: { port: 0 }, zones: { creation: "anyone" } };
  const key = createAgentKey();
  const read: number[] = [];
  let [token, zone]: (string | undefined)[] = [];
  let lastEventId: string | undefined = "0";
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const steward = await StewardProcess.start({ dataDir, config });
      token ??= steward.token;
      const api = createApi(steward.httpUrl, token);
      zone ??= (await api("POST", "/v1/zones", TEST_ZONE)).body.id as string;
      const source = { httpUrl: steward.httpUrl, token };
      const comeAndGo = await keepBusy(steward.wireUrl, zone, key);
      // Broken off twice, the second time by the process's end.
      for (const end of ["connection", "process"]) {
        const reader: EventReader = await EventReader.open(source, "", lastEventId);
        await reader.until(() => reader.ids.length >= 20);
        await (end === "process" ? steward.kill() : reader[Symbol.asyncDispose]());
        await reader.ended();
        expect(reader.types).toContain("present");
        expect(reader.types).not.toContain("gap");
        read.push(...reader.ids);
        lastEventId = reader.lastEventId;
      }
      await comeAndGo.ended;
    }
    const kept = readRows(dataDir, "SELECT id FROM events ORDER BY id") as { id: number }[];
    const ids = kept.map(({ id }) => id).filter((id) => id <= Number(lastEventId));
    expect(read).toEqual(ids);
    expect(ids.length).toBeGreaterThanOrEqual(ROUNDS * 40);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** A member that comes and goes until the steward is gone. */
async function keepBusy(wireUrl: string, zone: string, key: ReturnType<typeof createAgentKey>) {
  const client = await WireClient.connect(wireUrl, { key });
  const run = async (): Promise<void> => {
    while (!client.closed) {
      for (const type of ["zone.join", "zone.leave"]) {
        client.sendBody({ type, zone_id: zone });
      }
      await Promise.race([client.next("message"), client.waitClosed()]).catch(() => undefined);
    }
  };
  return { ended: run() };
}
