import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, WIDE_LIMITS } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const MIB = 1024 * 1024;

const toMessage = (zone_id: string, bytes: number) => ({
  type: "zone.message",
  zone_id,
  id: createId("zmsg"),
  content: "x".repeat(bytes),
});

test("large messages take turns: somebody else's short one is answered between them", async () => {
  await using steward = await startSteward({ config: { limits: WIDE_LIMITS } });
  const zone_id = await steward.createZone();
  await using talker = await WireClient.connect(steward.wireUrl);
  await using other = await WireClient.connect(steward.wireUrl);
  await talker.ask({ type: "zone.join", zone_id });
  const ids = Array.from({ length: 12 }, () => talker.sendBody(toMessage(zone_id, MIB)));
  await talker.take(({ type, fields }) => type === "message_ack" && fields.msg_id === ids[0]);
  await other.ask({ type: "zone.discover" });
  const acked = talker.received.filter(({ type }) => type === "message_ack").length;
  expect(acked).toBeLessThan(ids.length - 2);
  for (const id of ids) expect((await talker.replyTo(id)).type).toBe("zone.sent");
});

test("what one connection sends is handled in its order, however long each is", async () => {
  await using steward = await startSteward({ config: { limits: WIDE_LIMITS } });
  const zone_id = await steward.createZone();
  await using talker = await WireClient.connect(steward.wireUrl);
  await talker.ask({ type: "zone.join", zone_id });
  const sizes = [10, 200_000, 10, 10, 3 * MIB, 5000, 10];
  const ids = sizes.map((size) => talker.sendBody(toMessage(zone_id, size)));
  const seqs: number[] = [];
  for (const id of ids) seqs.push((await talker.replyTo(id)).seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
});

test("messages that wait unread for room are all taken, and their wait is no violation", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  const clients = await Promise.all(
    Array.from({ length: 12 }, () => WireClient.connect(steward.wireUrl)),
  );
  const asked = clients.flatMap((client) =>
    Array.from({ length: 2 }, () => ({
      client,
      id: client.sendBody(toMessage(zone_id, 4 * MIB - 500)),
    })),
  );
  for (const { client, id } of asked) {
    expect(await client.replyTo(id)).toMatchObject({ code: "not_member" });
  }
  for (const client of clients) {
    const three = Array.from({ length: 3 }, () => client.sendBody({ type: "zone.discover" }));
    for (const id of three) expect((await client.replyTo(id)).type).toBe("zone.directory");
    await client[Symbol.asyncDispose]();
  }
});

test("a message that says it is large and is not takes no room from others, and ends no reading", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  const liars = await Promise.all(
    Array.from({ length: 8 }, () => WireClient.connect(steward.wireUrl)),
  );
  await using honest = await WireClient.connect(steward.wireUrl);
  // 4 MiB by their header, eight bytes in truth.
  const lie = Uint8Array.from([0xac, 1, 1, 0x10, 0, 0x40, 0, 0]);
  for (const liar of liars) for (let i = 0; i < 4; i++) liar.sendBytes(lie);
  expect(await honest.ask(toMessage(zone_id, 3 * MIB))).toMatchObject({ code: "not_member" });
  for (const liar of liars) {
    for (let i = 0; i < 4; i++) expect((await liar.next("error")).fields.code).toBe(2003);
    expect((await liar.ask({ type: "zone.discover" })).type).toBe("zone.directory");
    await liar[Symbol.asyncDispose]();
  }
});

test("a session that ends with a message that took its turn is closed in full, at once", async () => {
  await using steward = await startSteward();
  const client = await WireClient.connect(steward.wireUrl);
  const sentMs = performance.now();
  client.send("disconnect", { reason: "done", message: "x".repeat(5000) });
  await client.waitClosed();
  // 1006: the peer's answer to the close was not read, and the socket was destroyed a second later.
  expect(client.closeCode).toBe(1000);
  expect(performance.now() - sentMs).toBeLessThan(900);
});
