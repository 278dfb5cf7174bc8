import { describe, expect, test } from "vitest";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

/** Behind a proxy on loopback, which names the client's address. */
const startBehindProxy = (wire: object): Promise<TestSteward> =>
  startSteward({ config: { http: { port: 0, trusted_proxies: ["127.0.0.1"] }, wire } });

const from = (address: string) => ({ headers: { "x-forwarded-for": address } });

async function expectRefused(client: WireClient, reason: string): Promise<number> {
  const { fields } = await client.next("error");
  expect(fields).toMatchObject({ code: 4001, reason, recovery: "retry" });
  return fields.retry_after_ms as number;
}

async function readCounters(steward: TestSteward): Promise<Record<string, number>> {
  return (await steward.api("GET", "/readyz?verbose")).body.counters;
}

test("beyond sessions_per_address a socket is refused with 4001 until a session of the address ends", async () => {
  await using steward = await startBehindProxy({ sessions_per_address: 2 });
  const address = from("192.0.2.1");
  await using _first = await WireClient.connect(steward.wireUrl, address);
  await using second = await WireClient.connect(steward.wireUrl, address);
  await using third = await WireClient.open(steward.wireUrl, createAgentKey(), address.headers);
  expect((await third.next("error")).fields.code).toBe(4001);
  await third.waitClosed();
  await using _other = await WireClient.connect(steward.wireUrl, from("192.0.2.2"));
  second.send("disconnect", { reason: "normal" });
  await second.waitClosed();
  await using _fourth = await WireClient.connect(steward.wireUrl, address);
  expect(await readCounters(steward)).toMatchObject({ "wire.sessions_per_address": 1 });
});

test("beyond new_nodes_per_address_per_hour only nodes that were here before are taken", async () => {
  await using steward = await startBehindProxy({ new_nodes_per_address_per_hour: 2 });
  const address = from("192.0.2.1");
  const keys = [createAgentKey(), createAgentKey()];
  for (const key of keys) {
    await using _client = await WireClient.connect(steward.wireUrl, { key, ...address });
  }
  await using fresh = await WireClient.open(steward.wireUrl, createAgentKey(), address.headers);
  expect((await fresh.handshake()).status).toBe("rejected");
  expect(await expectRefused(fresh, "ADDRESS_LIMIT")).toBeGreaterThan(3_500_000);
  await fresh.waitClosed();
  for (const key of keys) {
    await using _again = await WireClient.connect(steward.wireUrl, { key, ...address });
  }
  await using _elsewhere = await WireClient.connect(steward.wireUrl, from("192.0.2.2"));
  expect(await readCounters(steward)).toMatchObject({ "wire.new_nodes_per_address_per_hour": 1 });
});

test("beyond message_bytes_per_address_per_hour messages are refused, which is nobody's violation", async () => {
  let monotonicMs = 0;
  await using steward = await startSteward({
    monotonicMs: () => monotonicMs,
    config: {
      http: { port: 0, trusted_proxies: ["127.0.0.1"] },
      limits: { violations: 1 },
      wire: { message_bytes_per_address_per_hour: 10_000 },
    },
  });
  await using loud = await WireClient.connect(steward.wireUrl, from("192.0.2.1"));
  await using beside = await WireClient.connect(steward.wireUrl, from("192.0.2.1"));
  await using elsewhere = await WireClient.connect(steward.wireUrl, from("192.0.2.2"));
  const discover = { type: "zone.discover", pad: "x".repeat(6000) };
  expect((await loud.ask(discover)).type).toBe("zone.directory");
  const id = beside.sendBody(discover);
  const { fields } = await beside.next("error");
  expect(fields).toMatchObject({ code: 4001, reason: "ADDRESS_LIMIT", ref_msg_id: id });
  expect((await elsewhere.ask(discover)).type).toBe("zone.directory");
  monotonicMs += 3_600_000;
  expect((await beside.ask(discover)).type).toBe("zone.directory");
  const counters = await readCounters(steward);
  expect(counters["wire.message_bytes_per_address_per_hour"]).toBe(1);
  expect(counters["limits.violations"]).toBeUndefined();
});

describe("which clients share an address's limits", () => {
  const wire = { sessions_per_address: 1 };

  test.each([
    ["addresses of one IPv6 /64", "2001:db8:0:1::1", "2001:db8::1:ffff:0:0:2"],
    ["an IPv4 address and its mapped form", "192.0.2.1", "::ffff:192.0.2.1"],
    ["both spellings of a mapped address", "::ffff:c000:201", "0:0:0:0:0:FFFF:192.0.2.1"],
  ])("%s do", async (_name, first, second) => {
    await using steward = await startBehindProxy(wire);
    await using _one = await WireClient.connect(steward.wireUrl, from(first));
    await using two = await WireClient.open(steward.wireUrl, undefined, from(second).headers);
    expect((await two.next("error")).fields.code).toBe(4001);
  });

  test.each([
    ["addresses of two IPv6 /64", "2001:db8:0:1::1", "2001:db8:0:2::1"],
    ["two mapped IPv4 addresses", "::ffff:192.0.2.1", "::ffff:c000:202"],
    ["clients of a proxy that names none", "", ""],
    ["loopback", "127.0.0.9", "127.0.0.9"],
    ["loopback of IPv6", "::1", "::1"],
    ["a trusted proxy itself", "10.0.0.7", "10.0.0.7"],
  ])("%s do not", async (_name, first, second) => {
    const trusted_proxies = ["127.0.0.1", "10.0.0.0/8"];
    await using steward = await startSteward({
      config: { http: { port: 0, trusted_proxies }, wire },
    });
    await using one = await WireClient.connect(steward.wireUrl, from(first));
    await using two = await WireClient.connect(steward.wireUrl, from(second));
    for (const client of [one, two]) {
      expect((await client.ask({ type: "zone.discover" })).type).toBe("zone.directory");
    }
  });
});
