import { afterAll, beforeAll, expect, test } from "vitest";
import { toGenesisHash } from "../../src/zones/log/log.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, startReplica, toSet } from "./support/replicated-zone.ts";

let a: TestSteward;
beforeAll(async () => {
  a = await startReplica();
});
afterAll(async () => {
  await a[Symbol.asyncDispose]();
});

test("a voter that nobody dials asks for the copy, acknowledges, and money and messages wait for it", async () => {
  const creator = new Creator();
  const key = createAgentKey();
  const zone = creator.sign(toSet(a, [{ nodeId: key.nodeId }]));
  await creator.create(a, zone);
  const zoneId = zone.id;
  await using member = await WireClient.connect(a.wireUrl);
  expect(await member.ask({ type: "zone.join", zone_id: zoneId })).toMatchObject({
    code: "steward_unavailable",
    reason: "RECOVERING",
  });

  await using link = await WireClient.connect(a.wireUrl, { key });
  link.socket.on("message", () => {
    const pings = link.received.filter(({ type }) => type === "ping");
    for (const ping of pings) {
      link.received.splice(link.received.indexOf(ping), 1);
      link.send("pong", { ts: 0, echo: ping.fields.ts });
    }
  });
  const id = link.sendBody({ type: "zone.epoch", zone_id: zoneId, envelopes: [zone.envelope] });
  const place = await link.replyTo(id);
  link.sendBody({
    ...{ type: "zone.replicate", zone_id: zoneId, epoch: 1, envelope_hash: place.envelope_hash },
    ...{ position: null, log: [{ seq: 0, hash: toGenesisHash(zoneId) }], window: 65_536 },
  });
  const begin = await link.nextBody("zone.snapshot");
  expect(begin).toMatchObject({ position: { epoch: 1, n: 1 }, log_after: { seq: 0 } });
  const { snapshot } = begin;
  const ack = { type: "zone.replica_ack", zone_id: zoneId, epoch: 1 };
  const chunk = await link.nextBody("zone.snapshot");
  expect(chunk.text).toContain('"event":"created"');
  link.sendBody({ ...ack, snapshot, index: 0 });
  expect(await link.nextBody("zone.snapshot")).toMatchObject({ chunks: 1, upto: 1 });
  link.sendBody({ ...ack, n: 1, digest: begin.position.digest });

  const released = async (): Promise<Reply> => {
    const entries = await link.nextBody("zone.entries");
    return entries.released >= 1 ? entries : await released();
  };
  expect(await released()).toMatchObject({ epoch: 1, released: 1 });
  const asked = member.sendBody({ type: "zone.join", zone_id: zoneId });
  const told = await link.nextBody("zone.entries");
  expect(told.commits).toMatchObject([{ n: 2, entries: [{ data: { event: "joined" } }] }]);
  // Committed, sent, and not answered before it is acknowledged.
  expect(member.received.filter(({ fields }) => fields.reply_to === asked)).toEqual([]);
  link.sendBody({ ...ack, n: 2, digest: told.head.state });
  expect(await member.replyTo(asked)).toMatchObject({ type: "zone.joined" });
});
