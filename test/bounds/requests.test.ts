import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

async function join(steward: TestSteward, zone_id: string): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  return client;
}

function echo(client: WireClient, zone_id: string, chars = 1): Promise<Reply> {
  const params = { text: "x".repeat(chars) };
  const request_id = createId("req");
  return client.ask({ type: "zone.request", request_id, zone_id, action: "echo", params });
}

const FULL = { type: "zone.error", code: "rate_limited", reason: "OVERLOADED" };

test.each([{ unpaid_requests_per_node: 2 }, { unpaid_request_bytes_per_node: 4000 }])(
  "a node has no more free requests kept than %o, until they are forgotten",
  async (limit) => {
    let offsetMs = 0;
    await using steward = await startSteward({
      config: {
        zones: { ...limit, free_answer_secs: 60 },
        store: { prune_interval_ms: 10 },
      },
      nowMs: () => Date.now() + offsetMs,
    });
    const zone_id = await steward.createZone();
    await using client = await join(steward, zone_id);
    await using other = await join(steward, zone_id);
    for (let i = 0; i < 2; i++)
      expect((await echo(client, zone_id, 1000)).type).toBe("zone.response");
    const refused = await echo(client, zone_id);
    expect(refused).toMatchObject(FULL);
    expect(refused.retry_after_ms).toBeGreaterThan(0);
    expect((await echo(other, zone_id)).type).toBe("zone.response");
    const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
    expect(counters).toEqual({ [`zones.${Object.keys(limit)[0]}`]: 1 });
    offsetMs = 200_000;
    await expect
      .poll(async () => (await echo(client, zone_id)).type, { timeout: 10_000 })
      .toBe("zone.response");
  },
);

test.each([
  ["unpaid_requests_max", { unpaid_requests_max: 8 }, 1],
  ["unpaid_request_bytes_max", { unpaid_request_bytes_max: 1_048_576 }, 200_000],
])(
  "no more requests are kept in all than %s, and none takes them all",
  async (name, zones, chars) => {
    await using steward = await startSteward({ config: { zones } });
    const zone_id = await steward.createZone();
    const answered: number[] = [];
    for (let node = 0; node < 3; node++) {
      await using client = await join(steward, zone_id);
      let count = 0;
      while ((await echo(client, zone_id, chars)).type === "zone.response") count++;
      answered.push(count);
    }
    expect(answered[0]).toBeGreaterThan(0);
    expect(answered[1]).toBeGreaterThan(0);
    expect(answered.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(8);
    const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
    expect(counters[`zones.${name}`]).toBeGreaterThan(0);
  },
);
