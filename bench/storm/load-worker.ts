// The fifty ids of the storm, on a thread of their own: what they cost is not what others wait for.
import { parentPort, workerData } from "node:worker_threads";
import { createId } from "../../src/protocol/ids.ts";
import { decodeValue } from "../../src/wire/messagepack-decode.ts";
import type { PackedBytes } from "../../src/wire/messagepack-encode.ts";
import { LoadClient } from "../support/load-client.ts";
import { toText } from "./json-text.ts";
import { createShapes } from "./shapes.ts";

/** What the storm is given. */
export interface LoadOptions {
  readonly wireUrl: string;
  readonly zoneId: string;
  /** Whether they join the zone, which is open, and talk in it. */
  readonly isMember: boolean;
}

/** What the storm did. */
export interface LoadTally {
  sent: number;
  bytes: number;
  answered: number;
}

const IDS = 50;
/** What an unknown node id may send. */
const PER_MINUTE = 60;
const BURST = 5;
const BYTES_PER_MINUTE = 10_000_000;
const STEP_MS = 25;

const { wireUrl, zoneId, isMember } = workerData as LoadOptions;
const TEXT_BYTES_MAX = 1_048_576 - 1024;
const values = [...createShapes().values()];
/** The same as JSON text, or as much of it as a body may be. */
const texts = values.map(({ bytes }) => toText(decodeValue(bytes, 0), TEXT_BYTES_MAX));
const all = [...values, ...texts];
const tally: LoadTally = { sent: 0, bytes: 0, answered: 0 };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let running = true;

function toBody(value: PackedBytes | string): object | string {
  if (typeof value === "string") return toTextBody(value);
  if (isMember)
    return { type: "zone.message", zone_id: zoneId, id: createId("zmsg"), content: value };
  const request_id = createId("req");
  return { type: "zone.request", zone_id: zoneId, request_id, action: "echo", params: { value } };
}

/** A body that is JSON text; members talk in it, strangers ask. */
function toTextBody(value: string): string {
  const zone = `"zone_id":"${zoneId}"`;
  if (isMember)
    return `{"type":"zone.message",${zone},"id":"${createId("zmsg")}","content":${value}}`;
  const request = `"request_id":"${createId("req")}","action":"echo"`;
  return `{"type":"zone.request",${zone},${request},"params":{"value":${value}}}`;
}

/** Sends the shapes in turn, each id beginning with another, as fast as an unknown id may. */
async function storm(client: LoadClient, first: number): Promise<void> {
  const startedMs = performance.now();
  let sent = 0;
  let bytes = 0;
  client.count(() => {
    tally.answered++;
  });
  for (let turn = first; running; turn++) {
    const value = all[turn % all.length] as PackedBytes | string;
    const length =
      (typeof value === "string" ? Buffer.byteLength(value) : value.bytes.length) + 1024;
    const minutes = (performance.now() - startedMs) / 60_000;
    while (running && sent >= BURST + PER_MINUTE * ((performance.now() - startedMs) / 60_000)) {
      await sleep(STEP_MS);
    }
    // Over the bytes of this minute, a smaller one may still fit.
    if (bytes + length > BYTES_PER_MINUTE * (1 + Math.floor(minutes))) {
      await sleep(1);
      continue;
    }
    client.send(toBody(value));
    sent++;
    bytes += length;
    tally.sent++;
    tally.bytes += length;
  }
  client.close();
}

const clients: LoadClient[] = [];
for (let i = 0; i < IDS; i++) {
  clients.push(await LoadClient.connect(wireUrl, isMember ? zoneId : undefined));
}
parentPort?.postMessage("ready");
parentPort?.once("message", () => {
  running = false;
});
await Promise.all(clients.map(storm));
parentPort?.postMessage(tally);
