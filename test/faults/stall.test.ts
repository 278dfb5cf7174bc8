import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { TEST_ZONE } from "../support/steward.ts";
import { StewardProcess } from "../support/steward-process.ts";
import { WireClient } from "../support/wire-client.ts";

const STALL_MS = 3000;
const MESSAGES_PER_SECOND = 10;
const SENDERS = 8;
/** A bucket may be emptied at once, then nine tenths of the rate go on. */
const STEP_MS = 1000 / (MESSAGES_PER_SECOND * 0.9);

const limits = {
  unknown: { messages_per_second: MESSAGES_PER_SECOND, messages_per_minute: 100 },
  zone: { messages_per_minute: 100 },
};

/** Sends at the rate until told to stop; returns how many it has sent. */
async function sendSteadily(client: WireClient, zone_id: string, until: number): Promise<number> {
  let sent = 0;
  const startedMs = performance.now();
  const say = () => {
    client.sendBody({ type: "zone.message", zone_id, id: createId("zmsg"), content: sent });
    sent++;
  };
  // The join took one of the bucket.
  for (let i = 0; i < MESSAGES_PER_SECOND - 2; i++) say();
  for (let step = 1; performance.now() < until; step++) {
    await sleep(Math.max(0, startedMs + step * STEP_MS - performance.now()));
    say();
  }
  return sent;
}

test("a stall longer than stall_allowance_secs is counted", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-stall-"));
  try {
    const config = { http: { port: 0 }, limits: { stall_allowance_secs: 1 } };
    await using steward = await StewardProcess.start({ dataDir, config });
    process.kill(steward.pid, "SIGSTOP");
    await sleep(1500);
    process.kill(steward.pid, "SIGCONT");
    const { counters } = (await steward.api("GET", "/readyz?verbose")).body;
    expect(counters).toMatchObject({ "limits.stall_allowance_secs": 1 });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("a steward that stands still for seconds refuses nobody who sends within the limits, and bans who floods", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-stall-"));
  try {
    const config = { http: { port: 0 }, limits };
    await using steward = await StewardProcess.start({ dataDir, config });
    const zone_id = (await steward.api("POST", "/v1/zones", TEST_ZONE)).body.id;
    const senders = [];
    for (let i = 0; i < SENDERS; i++) senders.push(await WireClient.connect(steward.wireUrl));
    await using flooder = await WireClient.connect(steward.wireUrl);
    await using late = await WireClient.open(steward.wireUrl);
    for (const sender of senders) await sender.ask({ type: "zone.join", zone_id });
    await sleep(1000);
    const until = performance.now() + STALL_MS + 1500;
    const all = senders.map((sender) => sendSteadily(sender, zone_id, until));
    await sleep(300);
    const stoppedMs = performance.now();
    const bannedMs = flooder.waitClosed().then(() => performance.now());
    process.kill(steward.pid, "SIGSTOP");
    const handshake = late.handshake();
    for (let i = 0; i < 100; i++) flooder.sendBody({ type: "zone.discover" });
    await sleep(STALL_MS);
    process.kill(steward.pid, "SIGCONT");
    const sent = await Promise.all(all);
    expect((await handshake).status).toBe("ok");
    for (const [index, sender] of senders.entries()) {
      expect(sent[index]).toBeGreaterThan(40);
      for (let i = 0; i < (sent[index] as number); i++) await sender.nextBody("zone.sent");
      expect(sender.received.filter(({ type }) => type === "error")).toEqual([]);
    }
    expect((await flooder.next("error")).fields.code).toBe(4001);
    expect((await flooder.next("disconnect")).fields.reason).toBe("banned");
    // Nothing is gained beyond the bucket and what the stall is worth.
    const taken = flooder.received.filter(({ type }) => type === "message_ack").length;
    const standstillSecs = ((await bannedMs) - stoppedMs) / 1000;
    expect(taken).toBeLessThanOrEqual(MESSAGES_PER_SECOND * (1 + standstillSecs));
    const { bans } = (await steward.api("GET", "/v1/bans")).body;
    expect(bans.map(({ node_id }: { node_id: string }) => node_id)).toEqual([flooder.nodeId]);
    for (const sender of senders) await sender[Symbol.asyncDispose]();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}, 30_000);
