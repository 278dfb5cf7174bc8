import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Store } from "../../src/store/database.ts";
import { preparePeerQueries } from "../../src/store/zones/peers.ts";
import { prepareProviderQueries } from "../../src/store/zones/providers.ts";
import { prepareRequestQueries } from "../../src/store/zones/requests.ts";
import { openEarlier } from "../support/earlier-database.ts";
import { createAgentKey } from "../support/wire-client.ts";

function createTempDir() {
  const path = mkdtempSync(join(tmpdir(), "upgrade-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function openStore(file: string): Store {
  const fail = (error: unknown) => {
    throw error;
  };
  return Store.open(file, { onFatal: fail, onEffectError: fail });
}

test("the books of what an earlier version stored are right, and its bound nodes stay bound", async () => {
  using directory = createTempDir();
  const file = join(directory.path, "steward.sqlite");
  const [bound, other] = [createAgentKey().nodeId, createAgentKey().nodeId] as const;
  const raw = openEarlier(file, 4);
  const request = raw.prepare(
    `INSERT INTO requests VALUES (?, ?, 'zone', 'echo', ?, 'hash', ?, ?, 'inv', 0, 'msg', ?, NULL, 1, 1, 5)`,
  );
  request.run(bound, "req_1", "{}", "quoted", 0, null);
  request.run(bound, "req_2", "{}", "answered", 0, '"é"');
  request.run(bound, "req_3", "{}", "answered", 1, "1");
  request.run(other, "req_1", "{}", "paying", 0, null);
  const direct = raw.prepare("INSERT INTO direct_messages VALUES (NULL, ?, 'to', ?, ?, 1)");
  direct.run(bound, "msg_1", "12345");
  direct.run(other, "msg_2", "123");
  raw.prepare("INSERT INTO members VALUES ('zone', ?, 'x', 'member', '[]', 1)").run(other);
  raw.prepare("INSERT INTO peers VALUES (?, '', '[]', 1, 1)").run(bound);
  raw.close();
  await using store = openStore(file);
  const { usage } = store;
  expect(usage.of("request", bound)).toEqual({ rows: 2, bytes: 512 + 2 + 512 + 2 + 4 });
  expect(usage.total("request")).toEqual(usage.of("request", bound));
  expect(usage.total("direct")).toEqual({ rows: 2, bytes: 8 });
  expect(usage.of("direct", other)).toEqual({ rows: 1, bytes: 3 });
  expect(usage.total("member")).toEqual({ rows: 1, bytes: 0 });
  expect(usage.total("quote")).toEqual({ rows: 0, bytes: 0 });
  const peers = preparePeerQueries(store);
  expect([bound, other].map((nodeId) => peers.isBound(nodeId))).toEqual([true, false]);
});

test("requests, runs and payments of an earlier version stay what they were, each in its zone", async () => {
  using directory = createTempDir();
  const file = join(directory.path, "steward.sqlite");
  const raw = openEarlier(file, 11);
  const nodeId = createAgentKey().nodeId;
  const request = raw.prepare(
    `INSERT INTO requests VALUES (?, ?, ?, 'echo', '{}', 'hash', 'answered', 0, ?, 0, 'msg', '1', NULL, 1, 1, NULL)`,
  );
  request.run(nodeId, "req_1", "zone_a", "inv_1");
  request.run(nodeId, "req_2", "zone_b", "inv_2");
  const run = raw.prepare("INSERT INTO provider_runs VALUES (?, 'provider', ?, ?, 7)");
  run.run("inv_1", nodeId, "req_1");
  run.run("inv_2", nodeId, "req_2");
  raw.close();
  await using store = openStore(file);
  const requests = prepareRequestQueries(store);
  const found = requests.findRequest({ zoneId: "zone_b", nodeId, requestId: "req_2" });
  expect(found).toMatchObject({ invokeId: "inv_2", state: "answered", result: "1", runner: null });
  expect(requests.findRequest({ zoneId: "zone_a", nodeId, requestId: "req_2" })).toBeUndefined();
  expect(requests.findNewestRequest(nodeId, "req_1")?.zoneId).toBe("zone_a");
  expect(prepareProviderQueries(store).listProviderRuns("inv_2")).toEqual([
    {
      ...{ invokeId: "inv_2", nodeId: "provider", zoneId: "zone_b" },
      ...{ requester: nodeId, requestId: "req_2", sentAt: 7 },
    },
  ]);
  store.raw.prepare("DELETE FROM requests WHERE request_id = 'req_2'").run();
  expect(prepareProviderQueries(store).listProviderRuns("inv_2")).toEqual([]);
});
