import { expect, test } from "vitest";
import { signZone } from "../support/creator.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { readValue } from "../support/steward-file.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

const startOpen = (zones: Reply): Promise<TestSteward> =>
  startSteward({ config: { zones: { creation: "anyone", ...zones } } });

async function create(client: WireClient, steward: TestSteward): Promise<Reply> {
  const { envelope } = signZone(client.key, steward.nodeId);
  return client.ask({ type: "zone.create", envelope });
}

const FULL = { type: "zone.error", code: "rate_limited", reason: "OVERLOADED" };

test("no more zones are hosted than may be, whoever creates them", async () => {
  await using steward = await startOpen({ hosted_max: 2 });
  await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  expect((await create(client, steward)).type).toBe("zone.manifest");
  expect(await create(client, steward)).toMatchObject(FULL);
  const answer = await steward.api("POST", "/v1/zones", {
    name: "x",
    description: "x",
    type: "open",
  });
  expect(answer.status).toBe(429);
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters).toEqual({ "zones.hosted_max": 2 });
});

test("a creator has no more zones here than one may", async () => {
  await using steward = await startOpen({ hosted_per_creator: 1 });
  await using client = await WireClient.connect(steward.wireUrl);
  await using other = await WireClient.connect(steward.wireUrl);
  const { envelope } = await create(client, steward);
  expect(await create(client, steward)).toMatchObject(FULL);
  expect((await create(other, steward)).type).toBe("zone.manifest");
  const found = await client.ask({ type: "zone.discover" });
  expect(found.zones).toHaveLength(2);
  expect(found.zones.map(({ zone_id }: Reply) => zone_id)).toContain(envelope.manifest.id);
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters).toEqual({ "zones.hosted_per_creator": 1 });
});

test("of chains of envelopes only the newest are kept in full; a fork of any epoch is still told", async () => {
  await using steward = await startOpen({ envelope_bytes_kept: 20_000 });
  const key = createAgentKey();
  await using creator = await WireClient.connect(steward.wireUrl, { key });
  const first = signZone(key, steward.nodeId);
  expect((await creator.ask({ type: "zone.create", envelope: first.envelope })).type).toBe(
    "zone.manifest",
  );
  const padding = { description: "Pads.", params: { text: "x".repeat(4000) } };
  let at = first;
  for (let round = 0; round < 3; round++) {
    const chain: object[] = [];
    for (let i = 0; i < 40; i++) {
      at = at.next({ actions: [{ name: `a${i}`, ...padding }] });
      chain.push(at.envelope);
    }
    const envelope = chain.pop();
    expect((await creator.ask({ type: "zone.update", envelope, chain })).type).toBe(
      "zone.manifest",
    );
  }
  const sum = "SELECT sum(octet_length(envelope)) FROM zone_envelopes WHERE zone_id = ?";
  const kept = readValue(steward.dataDir, sum, first.id);
  expect(kept).toBeLessThan(20_000 + 5_000);
  const fork = first.next({ name: "forked" });
  const refused = await creator.ask({ type: "zone.update", envelope: fork.envelope });
  expect(refused).toMatchObject({ code: "stale_manifest", reason: "FORK" });
  const { envelope } = await creator.ask({ type: "zone.inspect", zone_id: first.id });
  expect(envelope).toEqual(at.envelope);
});
