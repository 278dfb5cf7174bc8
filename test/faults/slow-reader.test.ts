import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { startSteward, TEST_ZONE } from "../support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";
import { WireClient } from "../support/wire-client.ts";

const CONTENT = "c".repeat(64 * 1024);

function toSocket(client: WireClient): Socket {
  return (client.socket as unknown as { _socket: Socket })._socket;
}

async function joinAll(wireUrl: string, zone_id: string, count: number): Promise<WireClient[]> {
  const clients = [];
  for (let i = 0; i < count; i++) {
    const client = await WireClient.connect(wireUrl);
    onTestFinished(() => client[Symbol.asyncDispose]());
    expect((await client.ask({ type: "zone.join", zone_id })).type).toBe("zone.joined");
    clients.push(client);
  }
  return clients;
}

/** Sends messages one after the other; another member gets each before the next one leaves. */
async function talk(from: WireClient, to: WireClient, zone_id: string, count: number) {
  for (let i = 0; i < count; i++) {
    const id = createId("zmsg");
    from.sendBody({ type: "zone.message", zone_id, id, content: CONTENT });
    await to.take((e) => e.type === "message" && (e.fields.body as { id: string }).id === id);
    await from.nextBody("zone.sent");
  }
}

test("who does not read is closed with too_slow, and nobody waits for him", async () => {
  const outbound_bytes_max = 1024 * 1024;
  await using steward = await startSteward({ config: { wire: { outbound_bytes_max } } });
  const zone_id = await steward.createZone();
  const [talker, reader, slow] = (await joinAll(steward.wireUrl, zone_id, 3)) as [
    WireClient,
    WireClient,
    WireClient,
  ];
  toSocket(slow).pause();
  // The kernel takes some megabytes first; each message reaches the reader all the same.
  const isOnline = async () => {
    const { members } = await talker.ask({ type: "zone.members", zone_id });
    return members.find((member: { node_id: string }) => member.node_id === slow.nodeId).online;
  };
  let sent = 0;
  for (; sent < 400 && (await isOnline()); sent += 5) await talk(talker, reader, zone_id, 5);
  expect(sent * CONTENT.length).toBeGreaterThan(outbound_bytes_max);
  expect(await isOnline()).toBe(false);
  toSocket(slow).resume();
  expect((await slow.next("disconnect")).fields.reason).toBe("too_slow");
  await slow.waitClosed();
  const got = slow.received.filter((e) => e.type === "message").length;
  expect(got).toBeLessThan(sent);
  await using back = await WireClient.connect(steward.wireUrl, { key: slow.key });
  const page = await back.ask({ type: "zone.history", zone_id, after_seq: sent, limit: 500 });
  expect(page.head_seq).toBe(sent + 4);
  expect(page.entries.at(-1).entry.data.content).toBe(CONTENT);
});

test("what many slow readers have not taken is held once, not once for each", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-slow-"));
  const config = { ...NO_LIMITS, http: { port: 0 } };
  await using steward = await StewardProcess.start({ dataDir, measured: true, config });
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const zone_id: string = (await steward.api("POST", "/v1/zones", TEST_ZONE)).body.id;
  const readers = 20;
  const [talker, witness, ...slow] = (await joinAll(steward.wireUrl, zone_id, readers + 2)) as [
    WireClient,
    WireClient,
    ...WireClient[],
  ];
  for (const client of slow) toSocket(client).pause();
  const before = await steward.measure();
  const messages = 100; // 6.25 MiB: within what a session may have outstanding
  await talk(talker, witness, zone_id, messages);
  const after = await steward.measure();
  const held = after.heapUsed + after.external - before.heapUsed - before.external;
  process.stdout.write(`${readers} slow readers: ${held} B for ${messages} messages of 64 KiB\n`);
  expect(after.open).toBeGreaterThanOrEqual(readers + 2);
  expect(held).toBeLessThan(2 * messages * CONTENT.length);
});
