import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

test("no page is made for a session that does not read those it has; it is told, and gets them later", async () => {
  await using steward = await startSteward({
    config: { wire: { backlog_bytes_max: 1_048_576, outbound_bytes_max: 64 * 1_048_576 } },
  });
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const content = "x".repeat(900_000);
  const { seq } = await client.ask({
    type: "zone.message",
    zone_id,
    id: createId("zmsg"),
    content,
  });
  const page = { type: "zone.history", zone_id, after_seq: seq - 1, limit: 1 };
  client.socket.pause();
  const ids = Array.from({ length: 40 }, () => client.sendBody(page));
  const counters = async () => (await steward.api("GET", "/readyz?verbose")).body.counters;
  // The rest was refused, however much the system buffers for a socket.
  await expect
    .poll(async () => (await counters())?.["wire.backlog_bytes_max"] ?? 0)
    .toBeGreaterThan(10);
  client.socket.resume();
  const replies = await Promise.all(ids.map((id) => client.replyTo(id)));
  const refused = replies.filter(({ type }) => type === "zone.error");
  for (const reply of refused) {
    expect(reply).toMatchObject({ code: "rate_limited", reason: "OVERLOADED" });
    expect(reply.retry_after_ms).toBeGreaterThan(0);
  }
  expect(replies.length - refused.length).toBeGreaterThan(0);
  expect((await counters())["wire.backlog_bytes_max"]).toBe(refused.length);
  expect((await client.ask(page)).entries).toHaveLength(1);
});

test("who asks many short questions at once is answered all of them, be a write among them or not", async () => {
  await using steward = await startSteward();
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const question = { type: "zone.inspect", zone_id };
  const alone = sendAtOnce(
    client,
    Array.from({ length: 60 }, () => question),
  );
  for (const reply of await Promise.all(alone)) expect(reply.type).toBe("zone.manifest");
  const message = { type: "zone.message", zone_id, id: createId("zmsg"), content: "one" };
  const [sent, ...besides] = await Promise.all(
    sendAtOnce(client, [message, ...Array.from({ length: 60 }, () => question)]),
  );
  expect(sent?.type).toBe("zone.sent");
  for (const reply of besides) expect(reply.type).toBe("zone.manifest");
});

test("answers that wait for the COMMIT of their turn count as what is yet to be sent", async () => {
  await using steward = await startSteward({
    config: { wire: { backlog_bytes_max: 1_048_576, outbound_bytes_max: 64 * 1_048_576 } },
  });
  const zone_id = await steward.createZone();
  await using client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id });
  const message = (content: string) => ({
    type: "zone.message",
    zone_id,
    id: createId("zmsg"),
    content,
  });
  const { seq } = await client.ask(message("x".repeat(900_000)));
  const page = { type: "zone.history", zone_id, after_seq: seq - 1, limit: 1 };
  const replies = await Promise.all(sendAtOnce(client, [message("y"), ...Array(8).fill(page)]));
  const pages = replies.filter(({ type }) => type === "zone.page");
  const refused = replies.filter(({ reason }) => reason === "OVERLOADED");
  expect(pages.length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(3);
  expect(pages.length + refused.length).toBe(8);
  expect((await client.ask(page)).type).toBe("zone.page");
});

/** Sends bodies so that they arrive together; returns their replies. */
function sendAtOnce(client: WireClient, bodies: readonly object[]) {
  const socket = (client.socket as unknown as { _socket: Socket })._socket;
  socket.cork();
  const ids = bodies.map((body) => client.sendBody(body));
  socket.uncork();
  return ids.map((id) => client.replyTo(id));
}
