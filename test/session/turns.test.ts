import { once } from "node:events";
import { expect, test } from "vitest";
import WebSocket from "ws";
import { createId } from "../../src/protocol/ids.ts";
import { ReadingTurns } from "../../src/transport/reading-turns.ts";
import { beginMessage, endMessage } from "../support/begun-message.ts";
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

test("what strangers begin before their handshake takes no room from large messages", async () => {
  await using steward = await startSteward({
    config: {
      http: { trusted_proxies: ["127.0.0.1"] },
      wire: { reading_hold_ms: 60_000, handshake_timeout_ms: 60_000 },
    },
  });
  const zone_id = await steward.createZone();
  await using honest = await WireClient.connect(steward.wireUrl);
  const strangers: WebSocket[] = [];
  for (let i = 1; i <= 8; i++) {
    const headers = { "x-forwarded-for": `192.0.2.${i}` };
    const socket = new WebSocket(steward.wireUrl, { headers });
    await once(socket, "open");
    beginMessage({ socket }, 4 * MIB - 8, 100);
    // Its answer says that what was before it has been read.
    socket.ping();
    await once(socket, "pong");
    strangers.push(socket);
  }
  expect(await honest.ask(toMessage(zone_id, 3 * MIB))).toMatchObject({ code: "not_member" });
  for (const socket of strangers) socket.terminate();
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

/** One that has begun a message of 2 MiB, and two others; room is for one such message. */
async function openHall(wire: Record<string, number>) {
  const steward = await startSteward({ config: { wire: { reading_bytes_max: MIB, ...wire } } });
  const zoneId = await steward.createZone();
  const connect = () => WireClient.connect(steward.wireUrl);
  const clients = [await connect(), await connect(), await connect()] as const;
  beginMessage(clients[0], 2 * MIB, MIB);
  // The steward has read it, since it has read what came after it.
  await clients[2].ask({ type: "zone.discover" });
  return { steward, zoneId, clients };
}

test("a large message waits unread while others have its room; short ones do not", async () => {
  const { steward, zoneId, clients } = await openHall({ reading_hold_ms: 60_000 });
  await using _ = steward;
  const [first, second, third] = clients;
  const id = second.sendBody(toMessage(zoneId, MIB));
  for (let i = 0; i < 3; i++) await third.ask({ type: "zone.discover" });
  expect(second.received).toEqual([]);
  endMessage(first, MIB + 8);
  expect((await first.next("error")).fields.code).toBe(2003);
  expect(await second.replyTo(id)).toMatchObject({ code: "not_member" });
  for (const client of clients) await client[Symbol.asyncDispose]();
});

test("a large message that is slow to arrive keeps its room for a while only", async () => {
  const { steward, zoneId, clients } = await openHall({ reading_hold_ms: 100 });
  await using _ = steward;
  const [, second] = clients;
  expect(await second.ask(toMessage(zoneId, MIB))).toMatchObject({ code: "not_member" });
  for (const client of clients) await client[Symbol.asyncDispose]();
});

test("a turn lasts as long as is configured, and handles one message at least", async () => {
  /** How many of ten messages, 2 ms each, are handled before the event loop goes on. */
  const countHandled = async (turn_ms: number) => {
    const turns = new ReadingTurns({ turn_ms, reading_bytes_max: MIB, reading_hold_ms: 1000 });
    let handled = 0;
    const handleNext = () => {
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
      handled++;
      return false;
    };
    for (let i = 0; i < 10; i++) turns.add({ remoteAddress: `10.0.0.${i}`, handleNext });
    await new Promise((resolve) => setImmediate(resolve));
    return handled;
  };
  expect(await countHandled(1)).toBe(1);
  expect(await countHandled(1000)).toBe(10);
});
