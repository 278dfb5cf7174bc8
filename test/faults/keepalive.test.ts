import { expect, test } from "vitest";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

test("three unanswered pings end a session with idle; who answers stays", async () => {
  await using steward = await startSteward({ config: { wire: { ping_interval_ms: 100 } } });
  await using silent = await WireClient.connect(steward.wireUrl);
  await using awake = await WireClient.connect(steward.wireUrl);
  let pings = 0;
  awake.socket.on("message", (data: Buffer) => {
    if (data[3] !== 0xf0) return;
    pings++;
    awake.send("pong", { ts: 1, echo: 1 });
  });
  expect((await silent.next("disconnect")).fields.reason).toBe("idle");
  await silent.waitClosed();
  expect(silent.received.filter((e) => e.type === "ping")).toHaveLength(3);
  while (pings < 8) await awake.next("ping");
  expect((await awake.ask({ type: "zone.discover" })).type).toBe("zone.directory");
});

test("a client that says goodbye is closed at once and is no longer online", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using alice = await WireClient.connect(steward.wireUrl);
  await using bob = await WireClient.connect(steward.wireUrl);
  await alice.ask({ type: "zone.join", zone_id });
  await bob.ask({ type: "zone.join", zone_id });
  bob.send("disconnect", { reason: "client_shutdown" });
  await bob.waitClosed();
  const { members } = await alice.ask({ type: "zone.members", zone_id });
  const online = members.filter((member: { online: boolean }) => member.online);
  expect(online.map((member: { node_id: string }) => member.node_id)).toEqual([alice.nodeId]);
});
