import { expect, test } from "vitest";
import { WireClient } from "../support/wire-client.ts";
import { Creator, startReplica, toSet } from "./support/replicated-zone.ts";

test("a zone with learners only is in charge at once: it commits, and waits for nobody", async () => {
  await using steward = await startReplica();
  const creator = new Creator();
  const zone = creator.sign(toSet(steward, [], [{ nodeId: creator.key.nodeId }]), 0);
  await creator.create(steward, zone);
  await using member = await WireClient.connect(steward.wireUrl);
  expect(await member.ask({ type: "zone.join", zone_id: zone.id })).toMatchObject({
    type: "zone.joined",
    seq: 2,
  });
  const page = await member.ask({ type: "zone.history", zone_id: zone.id, after_seq: 0 });
  expect(page.entries.map(({ entry }: { entry: { data: unknown } }) => entry.data)).toMatchObject([
    { event: "created", epoch: 1 },
    { event: "joined" },
  ]);
});
