import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

/** Members of a zone that are not there. */
async function absentMembers(steward: TestSteward, zone_id: string, count: number) {
  const keys = Array.from({ length: count }, () => createAgentKey());
  for (const key of keys) {
    await using client = await WireClient.connect(steward.wireUrl, { key });
    await client.ask({ type: "zone.join", zone_id });
  }
  const isAnyOnline = async () => {
    const online = await steward.listOnline();
    return keys.some(({ nodeId }) => online.includes(nodeId));
  };
  await expect.poll(isAnyOnline).toBe(false);
  return keys;
}

async function join(steward: TestSteward, zone_id: string): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  return client;
}

/** Sends a direct message; tells whether it was taken. */
async function send(client: WireClient, to: string, chars: number): Promise<boolean> {
  const id = client.sendBody({ type: "x", text: "x".repeat(chars) }, { to, id: createId("msg") });
  const answer = await client.take(
    ({ type, fields }) =>
      (type === "message_ack" && fields.msg_id === id) ||
      (type === "error" && fields.ref_msg_id === id),
  );
  if (answer.type === "message_ack") return true;
  expect(answer.fields).toMatchObject({ code: 4001, reason: "OVERLOADED" });
  expect(answer.fields.retry_after_ms).toBeGreaterThan(0);
  return false;
}

async function countersOf(steward: TestSteward): Promise<unknown> {
  return (await steward.api("GET", "/readyz?verbose")).body.counters;
}

test("direct messages of one sender have no more bytes over all receivers than he may", async () => {
  await using steward = await startSteward({
    config: { zones: { direct_bytes_per_sender: 4000 } },
  });
  const zone_id = await steward.createZone();
  const absent = await absentMembers(steward, zone_id, 3);
  const key = absent[0] ?? createAgentKey();
  await using sender = await join(steward, zone_id);
  await using other = await join(steward, zone_id);
  const [first, second, third] = absent.map(({ nodeId }) => nodeId) as [string, string, string];
  expect(await send(sender, first, 1500)).toBe(true);
  expect(await send(sender, second, 1500)).toBe(true);
  expect(await send(sender, third, 1500)).toBe(false);
  expect(await send(other, third, 1500)).toBe(true);
  expect(await countersOf(steward)).toEqual({ "zones.direct_bytes_per_sender": 1 });
  // What its receiver took makes room.
  await using receiver = await WireClient.connect(steward.wireUrl, { key });
  const { fields } = await receiver.next("message");
  receiver.send("message_ack", { msg_id: fields.id, status: "received" });
  await receiver.ask({ type: "zone.discover" });
  expect(await send(sender, third, 1500)).toBe(true);
});

test("direct messages to one receiver have no more bytes than may wait for it", async () => {
  await using steward = await startSteward({
    config: { zones: { direct_bytes_per_receiver: 4000 } },
  });
  const zone_id = await steward.createZone();
  const [absent] = await absentMembers(steward, zone_id, 1);
  for (const expected of [true, true, false]) {
    await using sender = await join(steward, zone_id);
    expect(await send(sender, absent?.nodeId ?? "", 1500)).toBe(expected);
  }
  expect(await countersOf(steward)).toEqual({ "zones.direct_bytes_per_receiver": 1 });
});

test("direct messages have no more bytes in all than may wait, and no sender takes them all", async () => {
  await using steward = await startSteward({ config: { zones: { direct_bytes_max: 1_048_576 } } });
  const zone_id = await steward.createZone();
  const absent = await absentMembers(steward, zone_id, 10);
  const taken: number[] = [];
  for (let i = 0; i < 3; i++) {
    await using sender = await join(steward, zone_id);
    let count = 0;
    while (await send(sender, absent[count]?.nodeId ?? "", 110_000)) count++;
    taken.push(count);
  }
  expect(taken.every((count) => count > 0)).toBe(true);
  expect(taken.reduce((sum, count) => sum + count, 0)).toBeLessThan(10);
  expect(await countersOf(steward)).toEqual({ "zones.direct_bytes_max": 3 });
});
