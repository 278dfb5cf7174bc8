import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const MEBIBYTE = 1024 * 1024;

test("many who do not read their answers hold no more than all sessions together may", async () => {
  const wire = { outbound_total_bytes_max: 8 * MEBIBYTE, backlog_bytes_max: 64 * MEBIBYTE };
  await using steward = await startSteward({ config: { wire } });
  const zone_id = await steward.createZone();
  await using writer = await WireClient.connect(steward.wireUrl);
  await writer.ask({ type: "zone.join", zone_id });
  const content = "x".repeat(900_000);
  const sent = { type: "zone.message", zone_id, id: createId("zmsg"), content };
  const { seq } = await writer.ask(sent);
  const idle: WireClient[] = [];
  await using _clients = {
    [Symbol.asyncDispose]: async () => {
      for (const client of idle) client.socket.terminate();
    },
  };
  const ask = { type: "zone.history", zone_id, after_seq: seq - 1, limit: 1 };
  for (let i = 0; i < 8; i++) {
    const client = await WireClient.connect(steward.wireUrl);
    idle.push(client);
    await client.ask({ type: "zone.join", zone_id });
    client.socket.pause();
    // Beyond what the system buffers for a socket, within what one session may hold.
    for (let n = 0; n < 7; n++) {
      client.sendBody(ask);
      // In a turn of its own: of one turn not all would be answered.
      await writer.ask({ type: "zone.inspect", zone_id });
    }
  }
  const nodeIds = idle.map(({ nodeId }) => nodeId);
  const isAnyGone = async () => {
    const online = await steward.listOnline();
    return nodeIds.some((nodeId) => !online.includes(nodeId));
  };
  await expect.poll(isAnyGone).toBe(true);
  expect((await writer.ask(ask)).entries).toHaveLength(1);
});

test("what a node may not do is refused as often as it asks; its session stays", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  for (let i = 0; i < 12; i++) {
    client.sendBody({ type: "zone.invite", zone_id });
    expect((await client.next("error")).fields).toMatchObject({
      code: 2003,
      reason: "NOT_ALLOWED",
    });
  }
  expect((await client.ask({ type: "zone.inspect", zone_id })).type).toBe("zone.manifest");
});
