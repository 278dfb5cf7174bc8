// What a second steward costs, over real sockets, both on this machine: durable messages with one
// acknowledgement against the same zone alone, and a replica that copies a large zone meanwhile:
// `node bench/replication.ts [seconds] [throughput|join] [entries] [members]`.
import { readFileSync } from "node:fs";
import { createId } from "../src/protocol/ids.ts";
import { WireClient } from "../test/support/wire-client.ts";
import { LoadClient } from "./support/load-client.ts";
import {
  countBytes,
  createZone,
  startElsewhere,
  startReplica,
  updateZone,
} from "./support/replicated.ts";

const SECONDS = Number(process.argv[2] ?? 4);
const PARTS = process.argv[3] === undefined ? ["throughput", "join"] : [process.argv[3]];
const ENTRIES = Number(process.argv[4] ?? 100_000);
const MEMBERS = Number(process.argv[5] ?? 10_000);
const SENDERS = 10;
const OUTSTANDING = 64;
const CONTENT = "x".repeat(256);
const ROUNDS = 2;
/** Of the large zone, each by a new replica. */
const COPIES = 5;
/** A MessageAck is shorter than this, every zone reply longer; deliveries of CONTENT are longer yet. */
const REPLY_BYTES_MIN = 150;
const DELIVERY_BYTES_MIN = 500;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const quantile = (values: number[], share: number) =>
  values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
const median = (values: number[]) => quantile(values, 0.5);

/** Has clients talk in a zone, each with so many messages under way; counts what was acknowledged. */
async function talk(clients: readonly LoadClient[], zoneId: string, outstanding: number) {
  const latencies: number[] = [];
  let count = 0;
  let total = 0;
  let isRunning = true;
  let underWay = 0;
  for (const client of clients) {
    const sentMs: number[] = [];
    const say = (): void => {
      underWay++;
      sentMs.push(performance.now());
      const id = createId("zmsg");
      client.send({ type: "zone.message", zone_id: zoneId, id, content: CONTENT });
    };
    client.count((bytes) => {
      if (bytes < REPLY_BYTES_MIN || bytes >= DELIVERY_BYTES_MIN) return;
      latencies.push(performance.now() - (sentMs.shift() ?? 0));
      count++;
      total++;
      underWay--;
      if (isRunning) say();
    });
    for (let i = 0; i < outstanding; i++) say();
  }
  await sleep(500);
  latencies.length = 0;
  count = 0;
  const startMs = performance.now();
  await sleep(SECONDS * 1000);
  const perSecond = (count / (performance.now() - startMs)) * 1000;
  const p50 = median(latencies);
  isRunning = false;
  while (underWay > 0) await sleep(20);
  return { perSecond, p50, total };
}

async function benchThroughput(): Promise<void> {
  await using primary = await startReplica();
  await using replica = await startReplica();
  const alone = await createZone(primary.steward, []);
  const shared = await createZone(primary.steward, [{ steward: replica.steward, voter: true }]);
  while (replica.position(shared.id) === undefined) await sleep(50);
  await sleep(1000);
  const results = { alone: [] as number[], shared: [] as number[] };
  const underLoad = { alone: [] as number[], shared: [] as number[] };
  const single = { alone: [] as number[], shared: [] as number[] };
  const costs = { alone: [] as number[][], shared: [] as number[][] };
  const rooms = { alone: await connect(alone.id), shared: await connect(shared.id) };
  for (let round = 0; round < ROUNDS; round++) {
    for (const which of ["alone", "shared"] as const) {
      const zoneId = which === "alone" ? alone.id : shared.id;
      const cpuBefore = await readCpu();
      const { perSecond, p50, total } = await talk(rooms[which], zoneId, OUTSTANDING);
      const cpu = await readCpu();
      results[which].push(perSecond);
      underLoad[which].push(p50);
      costs[which].push(cpu.map((micros, index) => (micros - (cpuBefore[index] ?? 0)) / total));
      single[which].push((await talk(rooms[which].slice(0, 1), zoneId, 1)).p50);
    }
  }
  const rate = (values: number[]) => Math.round(median(values)).toLocaleString("en");
  const share = median(results.shared) / median(results.alone);
  console.log(`durable messages (${SENDERS} senders, ${OUTSTANDING} under way each, 256 B):`);
  console.log(
    `  alone ${rate(results.alone)}/s, with one acknowledgement ${rate(results.shared)}/s`,
  );
  check("  share of the zone alone", share, (value) => value >= 0.5);
  const toMicros = (of: number[][], index: number) =>
    median(of.map((cost) => cost[index] ?? Number.NaN)).toFixed(0);
  console.log(
    `  µs of CPU each: primary ${toMicros(costs.alone, 0)} alone, ${toMicros(costs.shared, 0)} with one ` +
      `acknowledgement, for which the replica takes ${toMicros(costs.shared, 1)}`,
  );
  const [loaded, one] = [printTimes("of these", underLoad), printTimes("of one at a time", single)];
  check("  times the zone alone, of these", loaded, (value) => value <= 2.5);
  // Two commits and five hand-overs between processes, one after the other: docs/decisions/performance.md.
  check("  times the zone alone, of one at a time", one, (value) => value <= 2.5);
  for (const client of [...rooms.alone, ...rooms.shared]) client.close();

  function printTimes(what: string, times: Record<"alone" | "shared", number[]>): number {
    const [p50Alone, p50Shared] = [median(times.alone), median(times.shared)];
    console.log(`  p50 ${what}: ${p50Alone.toFixed(2)} ms, ${p50Shared.toFixed(2)} ms`);
    return p50Shared / p50Alone;
  }

  async function readCpu(): Promise<number[]> {
    const both = [primary.steward, replica.steward].map((steward) => steward.measure("cpu"));
    return (await Promise.all(both)).map(({ cpuMicros }) => cpuMicros);
  }

  function connect(zoneId: string): Promise<LoadClient[]> {
    const one = () => LoadClient.connect(primary.steward.wireUrl, zoneId);
    return Promise.all(Array.from({ length: SENDERS }, one));
  }
}

function check(what: string, value: number, holds: (value: number) => boolean): void {
  console.log(`${what}: ${value.toFixed(2)}${holds(value) ? "" : " FAILED"}`);
  if (!holds(value)) process.exitCode = 1;
}

/** Fills a zone with members and messages, over the wire. */
async function fill(wireUrl: string, zoneId: string): Promise<void> {
  let missing = MEMBERS;
  const joinMany = async (): Promise<void> => {
    while (missing-- > 0) (await LoadClient.connect(wireUrl, zoneId)).close();
  };
  await Promise.all(Array.from({ length: 16 }, joinMany));
  const [client] = await Promise.all([LoadClient.connect(wireUrl, zoneId)]);
  let [sent, left] = [0, ENTRIES - MEMBERS];
  await new Promise<void>((resolve) => {
    const say = (): void => {
      if (sent++ >= ENTRIES - MEMBERS) return;
      client.send({
        type: "zone.message",
        zone_id: zoneId,
        id: createId("zmsg"),
        content: CONTENT,
      });
    };
    client.count((bytes) => {
      if (bytes < REPLY_BYTES_MIN || bytes >= DELIVERY_BYTES_MIN) return;
      if (--left === 0) resolve();
      else say();
    });
    for (let i = 0; i < 256; i++) say();
  });
  client.close();
}

/** How long joins take, of few clients that join and leave a zone of their own. */
async function watchJoins(wireUrl: string, zoneId: string) {
  const clients = await Promise.all(Array.from({ length: 4 }, () => WireClient.connect(wireUrl)));
  let latencies: number[] = [];
  let isRunning = true;
  const loops = clients.map(async (client) => {
    while (isRunning) {
      const startMs = performance.now();
      await client.ask({ type: "zone.join", zone_id: zoneId });
      latencies.push(performance.now() - startMs);
      await client.ask({ type: "zone.leave", zone_id: zoneId });
      client.received.length = 0;
      await sleep(5);
    }
  });
  return {
    take: () => {
      const taken = latencies;
      latencies = [];
      return taken;
    },
    stop: async () => {
      isRunning = false;
      await Promise.all(loops);
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  };
}

async function benchJoin(): Promise<void> {
  await using primary = await startReplica();
  const { wireUrl } = primary.steward;
  let zone = await createZone(primary.steward, []);
  const other = await createZone(primary.steward, []);
  const filledMs = performance.now();
  await fill(wireUrl, zone.id);
  console.log(
    `zone of ${ENTRIES} entries and ${MEMBERS} members, made in ${secondsSince(filledMs)} s; the replica as if elsewhere`,
  );
  const ratios: number[] = [];
  const grown: number[] = [];
  const joins = await watchJoins(wireUrl, other.id);
  for (let round = 0; round < COPIES; round++) {
    await using replica = await startElsewhere({ [primary.steward.nodeId]: wireUrl });
    const memory = await primary.steward.measure("memory");
    joins.take();
    await sleep(SECONDS * 1000);
    const before = joins.take();
    let peak = memory.rss;
    const startMs = performance.now();
    zone = await updateZone(primary.steward, zone, [{ steward: replica.steward, voter: false }]);
    while (replica.position(zone.id) === undefined) {
      await sleep(20);
      peak = Math.max(peak, readRss(primary.steward.pid));
    }
    const seconds = secondsSince(startMs);
    const during = joins.take();
    const [p99Before, p99] = [quantile(before, 0.99), quantile(during, 0.99)];
    const slowest = `slowest ${Math.max(...before).toFixed(0)} and ${Math.max(...during).toFixed(0)}`;
    console.log(
      `  copied in ${seconds} s; p99 of joins: ${p99Before.toFixed(1)} ms before, ${p99.toFixed(1)} ms meanwhile (${slowest})`,
    );
    ratios.push(p99 / p99Before);
    grown.push((peak - memory.rss) / 2 ** 20);
    zone = await updateZone(primary.steward, zone, []);
  }
  await joins.stop();
  check("  times before, median", median(ratios), (value) => value <= 2);
  check("  MiB more at the primary, at most", Math.max(...grown), (value) => value < 64);
  const proxy = await countBytes(wireUrl);
  await using replica = await startElsewhere({ [primary.steward.nodeId]: proxy.url });
  zone = await updateZone(primary.steward, zone, [{ steward: replica.steward, voter: false }]);
  while (replica.position(zone.id) === undefined) await sleep(20);
  console.log(`  ${(proxy.counted.bytes / 1e6).toFixed(1)} MB over the link`);
  proxy.close();
}

/** Resident bytes of a process, read beside it: asked, it would have to stop for its answer. */
function readRss(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}

const secondsSince = (ms: number) => ((performance.now() - ms) / 1000).toFixed(1);

console.log(`Node ${process.version}; 3 processes: two stewards and the load`);
if (PARTS.includes("throughput")) await benchThroughput();
if (PARTS.includes("join")) await benchJoin();
