import { expect, test } from "vitest";
import { signZone } from "../support/creator.ts";
import { startSteward } from "../support/steward.ts";
import { listForks, readRows } from "../support/steward-file.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

test("of a creator who signs fork after fork only some are kept, and each is refused", async () => {
  await using steward = await startSteward({ config: { zones: { creation: "anyone" } } });
  const key = createAgentKey();
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  const zone = signZone(key, steward.nodeId);
  await creator.ask({ type: "zone.create", envelope: zone.envelope });
  await creator.ask({ type: "zone.update", envelope: zone.next().envelope });
  for (let i = 0; i < 20; i++) {
    const { envelope } = zone.next({ description: `fork ${i}` });
    const answer = await creator.ask({ type: "zone.update", envelope });
    expect(answer).toMatchObject({ code: "stale_manifest", reason: "FORK" });
  }
  expect(listForks(steward.dataDir, zone.id)).toHaveLength(16);
});

test("of a node only that it verified bound is kept, and of one that did not nothing", async () => {
  await using steward = await startSteward();
  const skills = ["s".repeat(64)];
  await using bound = await WireClient.connect(steward.wireUrl, { skills });
  await using _plain = await WireClient.connect(steward.wireUrl, { skills, bound: false });
  const rows = readRows(steward.dataDir, "SELECT * FROM bound_nodes");
  expect(rows).toEqual([{ fingerprint: expect.any(Number), seen_at: expect.any(Number) }]);
  await using again = await WireClient.open(steward.wireUrl, bound.key);
  expect(await again.handshake({ bound: false })).toMatchObject({ status: "rejected" });
});

test("a params key with a percent sign is named in the refusal", async () => {
  await using steward = await startSteward();
  const params = { type: "object", properties: {}, additionalProperties: false };
  const zone_id = await steward.createZone({
    actions: [{ name: "echo", description: "Strict.", params }],
  });
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const ask = { type: "zone.request", request_id: "r", zone_id, action: "echo" };
  for (const key of ["%", "%zz", "a/b~c", "é%"]) {
    const answer = await client.ask({ ...ask, params: { [key]: 1 } });
    expect(answer.code).toBe("invalid_params");
  }
});
