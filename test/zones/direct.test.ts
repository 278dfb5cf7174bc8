import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";

async function ackOf(client: WireClient, id: string): Promise<unknown> {
  const ack = await client.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
  return ack.fields.status;
}

test("a direct message is relayed to who is online and waits for who is not, over a restart", async () => {
  const first = await startSteward();
  const zone_id = await first.createZone();
  const bobKey = createAgentKey();
  const alice = await WireClient.connect(first.wireUrl);
  const bob = await WireClient.connect(first.wireUrl, { key: bobKey });
  for (const client of [alice, bob]) await client.ask({ type: "zone.join", zone_id });
  const body = { type: "chat", text: "hi" };
  const online = alice.sendBody(body, { to: bobKey.nodeId });
  expect(await ackOf(alice, online)).toBe("relayed");
  const relayed = await bob.take((e) => e.type === "message" && e.fields.id === online);
  expect(relayed.fields).toMatchObject({ from: alice.nodeId, to: bobKey.nodeId, body });
  bob.send("message_ack", { msg_id: online, status: "received" });
  await bob.ask({ type: "zone.discover" });
  await bob[Symbol.asyncDispose]();
  await expect.poll(() => first.listOnline()).not.toContain(bobKey.nodeId);
  const waiting = [1, 2, 3].map((n) => alice.sendBody({ type: "n", n }, { to: bobKey.nodeId }));
  for (const id of waiting) expect(await ackOf(alice, id)).toBe("waiting");
  await alice[Symbol.asyncDispose]();
  await first.steward[Symbol.asyncDispose]();

  await using second = await startSteward({ dataDir: first.dataDir });
  const again = await WireClient.connect(second.wireUrl, { key: bobKey });
  const ids: unknown[] = [];
  for (let i = 0; i < 3; i++) ids.push((await again.next("message")).fields.id);
  expect(ids).toEqual(waiting);
  again.send("message_ack", { msg_id: waiting[0], status: "received" });
  await again.ask({ type: "zone.discover" });
  await again[Symbol.asyncDispose]();
  await using last = await WireClient.connect(second.wireUrl, { key: bobKey });
  const rest = [(await last.next("message")).fields.id, (await last.next("message")).fields.id];
  expect(rest).toEqual(waiting.slice(1));
});

test("without a shared zone a direct message is 2003; too many that wait are 4001", async () => {
  await using steward = await startSteward({
    config: { zones: { direct_messages_per_sender: 2 } },
  });
  const zone_id = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl);
  const bobKey = createAgentKey();
  const bob = await WireClient.connect(steward.wireUrl, { key: bobKey });
  await alice.ask({ type: "zone.join", zone_id });
  const send = () => alice.sendBody({ type: "x" }, { to: bobKey.nodeId, id: createId("msg") });
  const refused = send();
  expect((await alice.next("error")).fields).toMatchObject({ code: 2003, ref_msg_id: refused });
  await bob.ask({ type: "zone.join", zone_id });
  await bob[Symbol.asyncDispose]();
  await expect.poll(() => steward.listOnline()).not.toContain(bobKey.nodeId);
  expect(await ackOf(alice, send())).toBe("waiting");
  expect(await ackOf(alice, send())).toBe("waiting");
  const third = send();
  expect((await alice.next("error")).fields).toMatchObject({ code: 4001, ref_msg_id: third });
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters).toEqual({ "zones.direct_messages_per_sender": 1 });
});

test("no more direct messages wait for one receiver than it may have, whoever sends them", async () => {
  await using steward = await startSteward({
    config: { zones: { direct_messages_per_receiver: 2 } },
  });
  const zone_id = await steward.createZone();
  const bobKey = createAgentKey();
  const bob = await WireClient.connect(steward.wireUrl, { key: bobKey });
  await bob.ask({ type: "zone.join", zone_id });
  await bob[Symbol.asyncDispose]();
  await expect.poll(() => steward.listOnline()).not.toContain(bobKey.nodeId);
  for (const left of [2, 1, 0]) {
    await using sender = await WireClient.connect(steward.wireUrl);
    await sender.ask({ type: "zone.join", zone_id });
    const id = sender.sendBody({ type: "x" }, { to: bobKey.nodeId, id: createId("msg") });
    if (left > 0) expect(await ackOf(sender, id)).toBe("waiting");
    else expect((await sender.next("error")).fields).toMatchObject({ code: 4001, ref_msg_id: id });
  }
  const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
  expect(counters).toEqual({ "zones.direct_messages_per_receiver": 1 });
});
