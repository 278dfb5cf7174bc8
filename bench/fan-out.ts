// What one steward process carries, over real sockets, everything durable before it is answered:
// `node bench/fan-out.ts [seconds]`. The steward has a process of its own; this one is the load.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createId } from "../src/protocol/ids.ts";
import { TEST_ZONE } from "../test/support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../test/support/steward-process.ts";
import { LoadClient } from "./support/load-client.ts";

const SECONDS = Number(process.argv[2] ?? 4);
const MEMBERS = 100;
const SENDERS = 10;
const OUTSTANDING = 64;
const CONTENT = "x".repeat(256);
/** A delivery of CONTENT is longer than this, every other frame to a sender shorter. */
const DELIVERY_BYTES_MIN = 500;
/** A MessageAck is shorter than this, every zone reply longer. */
const REPLY_BYTES_MIN = 150;

const WITHOUT_METRICS = new URL("./support/without-metrics.ts", import.meta.url).href;

const dataDir = mkdtempSync(join(tmpdir(), "steward-bench-"));
const profile = process.env.CPU_PROFILE;
const steward = await StewardProcess.start({
  dataDir,
  measured: true,
  config: {
    ...NO_LIMITS,
    http: { port: 0 },
    handlers: { "*": { echo: { type: "echo" } } },
  },
  nodeArgs: [
    ...(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]),
    // `bench/metrics-cost.ts` compares with this.
    ...(process.env.WITHOUT_METRICS === "1" ? ["--import", WITHOUT_METRICS] : []),
  ],
});

async function createZone(): Promise<string> {
  return (await steward.api("POST", "/v1/zones", TEST_ZONE)).body.id;
}

function connectAll(count: number, zoneId?: string): Promise<LoadClient[]> {
  return Promise.all(
    Array.from({ length: count }, () => LoadClient.connect(steward.wireUrl, zoneId)),
  );
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets a load run, and returns what it counted per second and the steward's CPU time for each. */
async function measure(counter: { count: number }): Promise<{ perSecond: number; micros: number }> {
  await sleep(1000);
  const before = await steward.measure("cpu");
  const counted = counter.count;
  const started = performance.now();
  await sleep(SECONDS * 1000);
  const seconds = (performance.now() - started) / 1000;
  const count = counter.count - counted;
  const after = await steward.measure("cpu");
  return { perSecond: count / seconds, micros: (after.cpuMicros - before.cpuMicros) / count };
}

function print(what: string, { perSecond, micros }: { perSecond: number; micros: number }): void {
  const rate = Math.round(perSecond).toLocaleString("en");
  console.log(`${what}: ${rate}/s, ${micros.toFixed(2)} µs of the steward's CPU each`);
}

async function benchFanOut(): Promise<void> {
  const zoneId = await createZone();
  const members = await connectAll(MEMBERS, zoneId);
  const counter = { count: 0 };
  let running = true;
  let messages = 0;
  members.forEach((member, index) => {
    const say = (): void => {
      if (!running) return;
      member.send({
        type: "zone.message",
        zone_id: zoneId,
        id: createId("zmsg"),
        content: CONTENT,
      });
    };
    member.count((bytes) => {
      if (bytes >= DELIVERY_BYTES_MIN) counter.count++;
      else if (bytes >= REPLY_BYTES_MIN) {
        messages++;
        say();
      }
    });
    for (let i = 0; index < SENDERS && i < OUTSTANDING; i++) say();
  });
  const result = await measure(counter);
  running = false;
  print(`deliveries (room of ${MEMBERS}, 256 B, ${SENDERS} senders)`, result);
  print("  of durable messages", {
    perSecond: result.perSecond / (MEMBERS - 1),
    micros: result.micros * (MEMBERS - 1),
  });
  await sleep(500);
  console.log(`  ${counter.count / messages} deliveries for each acknowledged message`);
  for (const member of members) member.close();
}

async function benchRequests(): Promise<void> {
  const zoneId = await createZone();
  const clients = await connectAll(50, zoneId);
  const counter = { count: 0 };
  let running = true;
  for (const client of clients) {
    const ask = (): void => {
      if (!running) return;
      const request_id = createId("req");
      const params = { text: "hello" };
      client.send({ type: "zone.request", zone_id: zoneId, request_id, action: "echo", params });
    };
    client.count((bytes) => {
      if (bytes < REPLY_BYTES_MIN) return;
      counter.count++;
      ask();
    });
    for (let i = 0; i < 16; i++) ask();
  }
  print("requests (echo, 50 clients, 16 outstanding each)", await measure(counter));
  running = false;
  await sleep(200);
  for (const client of clients) client.close();
}

async function benchJoinLeave(): Promise<void> {
  const clients = await connectAll(50);
  const counter = { count: 0 };
  let running = true;
  for (const client of clients) {
    // A zone for each, so that what is measured is no fan-out of events.
    const zone_id = await createZone();
    let joined = false;
    const next = (): void => {
      if (!running) return;
      if (!joined) counter.count++;
      joined = !joined;
      client.send({ type: joined ? "zone.join" : "zone.leave", zone_id });
    };
    client.count((bytes) => {
      if (bytes >= REPLY_BYTES_MIN) next();
    });
    next();
  }
  print("join+leave pairs (50 clients, one outstanding each)", await measure(counter));
  running = false;
  await sleep(200);
  for (const client of clients) client.close();
}

async function benchConnectJoin(): Promise<void> {
  const zoneId = await createZone();
  const counter = { count: 0 };
  let running = true;
  const loop = async (): Promise<void> => {
    while (running) {
      const client = await LoadClient.connect(steward.wireUrl, zoneId);
      counter.count++;
      client.close();
    }
  };
  const loops = Array.from({ length: 32 }, loop);
  print("connect + bound handshake + join", await measure(counter));
  running = false;
  await Promise.all(loops);
}

async function benchMembers(): Promise<void> {
  const zoneId = await createZone();
  for (const client of await connectAll(50, zoneId)) client.close();
  await sleep(200);
  const count = 1000;
  const before = await steward.measure("memory");
  const members = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const some = [];
      for (let i = 0; i < count / 20; i++) {
        some.push(await LoadClient.connect(steward.wireUrl, zoneId));
      }
      return some;
    }),
  );
  const after = await steward.measure("memory");
  const toKib = (bytes: number) => (bytes / count / 1024).toFixed(1);
  const live = after.heapUsed + after.external - before.heapUsed - before.external;
  const rss = toKib(after.rss - before.rss);
  console.log(`a member online: ${toKib(live)} KiB of heap and buffers, ${rss} KiB of RSS`);
  for (const member of members.flat()) member.close();
}

console.log(`${SECONDS} s each on Node ${process.version}; 2 processes: the steward and the load`);
const wanted = process.argv[3] ?? "";
const benches = [benchFanOut, benchRequests, benchJoinLeave, benchConnectJoin, benchMembers];
for (const bench of benches) {
  if (bench.name.includes(wanted)) await bench();
}
await steward[Symbol.asyncDispose]();
rmSync(dataDir, { recursive: true, force: true });
