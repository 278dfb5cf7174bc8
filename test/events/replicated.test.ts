import { expect, test } from "vitest";
import { Creator, startReplica, toSet, until } from "../replication/support/replicated-zone.ts";
import { EventReader } from "../support/event-reader.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import type { TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

test("a replica tells of the members of its copy, and both stewards when the other is lost and back", async () => {
  await using a = await startReplica();
  await using b = await startReplica();
  await using toA = await LinkProxy.open(a.wireUrl);
  await using toB = await LinkProxy.open(b.wireUrl);
  const at = (steward: TestSteward, { url }: LinkProxy) => ({ ...steward, wireUrl: url });
  const creator = new Creator();
  const zone = creator.sign(toSet(at(a, toA), [at(b, toB)]));
  await using feedOfA = await EventReader.open(a, "?after=0");
  await using feedOfB = await EventReader.open(b, "?after=0");
  await creator.create(a, zone);
  await using member = await WireClient.connect(a.wireUrl, { name: "ann" });
  await until("the primary is in charge", async () => {
    const { type } = await member.ask({ type: "zone.join", zone_id: zone.id });
    return type === "zone.joined";
  });
  for (const feed of [feedOfA, feedOfB]) {
    const joined = await feed.find("member.joined", { node_id: member.nodeId });
    expect(joined.data).toMatchObject({ zone_id: zone.id, data: { name: "ann", role: "member" } });
    await feed.find("zone.created", { creator: creator.key.nodeId });
    expect(feed.types.filter((type) => type.startsWith("replication."))).toEqual([]);
  }
  toA.cut();
  toB.cut();
  await feedOfA.find("replication.steward_lost", { node_id: b.nodeId });
  await feedOfB.find("replication.steward_lost", { node_id: a.nodeId });
  toA.heal();
  toB.heal();
  await feedOfA.find("replication.steward_back", { node_id: b.nodeId });
  await feedOfB.find("replication.steward_back", { node_id: a.nodeId });
});
