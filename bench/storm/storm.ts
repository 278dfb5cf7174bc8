import { createId } from "../../src/wire/ids.ts";
import type { PackedBytes } from "../../src/wire/messagepack-encode.ts";
import type { StewardProcess } from "../../test/faults/steward-process.ts";
import { LoadClient } from "../support/load-client.ts";

const IDS = 50;
/** What an unknown node id may send. */
const PER_MINUTE = 60;
const BURST = 5;
const BYTES_PER_MINUTE = 10_000_000;
const IDLE_SECONDS = 5;
const ASK_MS = 20;

export interface StormOptions {
  readonly shapes: ReadonlyMap<string, PackedBytes>;
  readonly seconds: number;
  /** Whether they join the zone, which is open, and talk in it. */
  readonly isMember: boolean;
}

export interface StormResult {
  readonly idle: Percentiles;
  readonly stormy: Percentiles;
  readonly sent: number;
  readonly bytes: number;
  readonly taken: number;
  readonly rssMax: number;
}

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Has fifty ids of one address send what their limits allow while another agent discovers. */
export async function runStorm(
  steward: StewardProcess,
  zoneId: string,
  options: StormOptions,
): Promise<StormResult> {
  const watcher = await LoadClient.connect(steward.wireUrl);
  const idle = toPercentiles(await discover(watcher, IDLE_SECONDS));
  const clients = [];
  for (let i = 0; i < IDS; i++) {
    clients.push(await LoadClient.connect(steward.wireUrl, options.isMember ? zoneId : undefined));
  }
  const tally = { sent: 0, bytes: 0, taken: 0, running: true };
  let rssMax = 0;
  const watch = setInterval(async () => {
    rssMax = Math.max(rssMax, (await steward.measure("cpu")).rss);
  }, 200);
  const storms = clients.map((client, index) => storm(client, zoneId, index, options, tally));
  const stormy = toPercentiles(await discover(watcher, options.seconds));
  tally.running = false;
  clearInterval(watch);
  await Promise.all(storms);
  for (const client of [...clients, watcher]) client.close();
  return { idle, stormy, sent: tally.sent, bytes: tally.bytes, taken: tally.taken, rssMax };
}

/** Sends the shapes in turn, each id beginning with another, as fast as an unknown id may. */
async function storm(
  client: LoadClient,
  zoneId: string,
  index: number,
  { shapes, isMember }: StormOptions,
  tally: { sent: number; bytes: number; taken: number; running: boolean },
): Promise<void> {
  const values = [...shapes.values()];
  const startedMs = performance.now();
  let sent = 0;
  let bytes = 0;
  client.count(() => {
    tally.taken++;
  });
  for (let turn = index; tally.running; turn++) {
    const value = values[turn % values.length] as PackedBytes;
    const length = value.bytes.length + 1024;
    const minutes = (performance.now() - startedMs) / 60_000;
    const mayCount = sent < BURST || sent < PER_MINUTE * minutes;
    const mayWeigh = bytes + length <= BYTES_PER_MINUTE * Math.ceil(minutes + 0.001);
    if (!mayCount) {
      turn--;
      await sleep(50);
      continue;
    }
    // Over the bytes, the next shape may be smaller.
    if (!mayWeigh) {
      await sleep(1);
      continue;
    }
    client.send(isMember ? toMessage(zoneId, value) : toRequest(zoneId, value));
    sent++;
    bytes += length;
    tally.sent++;
    tally.bytes += length;
  }
}

function toMessage(zoneId: string, content: PackedBytes): object {
  return { type: "zone.message", zone_id: zoneId, id: createId("zmsg"), content };
}

function toRequest(zoneId: string, value: PackedBytes): object {
  const request_id = createId("req");
  return { type: "zone.request", zone_id: zoneId, request_id, action: "echo", params: { value } };
}

/** Asks for the directory again and again; returns how long each answer took, in milliseconds. */
async function discover(client: LoadClient, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const startedMs = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = 2;
    client.count(() => {
      if (--left === 0) resolve();
    });
    client.send({ type: "zone.discover" });
    await promise;
    times.push(performance.now() - startedMs);
    await sleep(ASK_MS);
  }
  return times;
}

function toPercentiles(times: number[]): Percentiles {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
