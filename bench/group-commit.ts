// Durable writes per second: one transaction for all writes of a turn of the event loop against one
// transaction for each write. Same machine, same file system, same statements, runs in turns:
// `node bench/group-commit.ts [seconds of one run]`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createId } from "../src/protocol/ids.ts";
import { Store } from "../src/store/database.ts";
import { preparePeerQueries } from "../src/store/zones/peers.ts";

const SECONDS = Number(process.argv[2] ?? 0.5);
const ROUNDS = 9;
const NODE_ID = `atlas_${"5".repeat(64)}`;

interface Result {
  readonly perSecond: number;
  readonly microsOfCpu: number;
}

type Method = (store: Store, until: number) => Promise<number>;

/** Each writer waits until its write is durable before it makes the next one, as an agent would. */
function grouped(writers: number): Method {
  return async (store, until) => {
    const { insertSeen } = preparePeerQueries(store);
    let count = 0;
    const loop = async (): Promise<void> => {
      while (performance.now() < until) {
        store.write((write) => insertSeen(write, NODE_ID, createId("msg"), 0));
        await store.committed();
        count++;
      }
    };
    await Promise.all(Array.from({ length: writers }, loop));
    return count;
  };
}

/** BEGIN, write, COMMIT for each; a COMMIT blocks, so that more writers would change nothing. */
async function single(store: Store, until: number): Promise<number> {
  const insert = store.raw.prepare(
    `INSERT INTO seen_messages (node_id, message_id, seen_at) VALUES (?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const transaction = store.raw.transaction(() => insert.run(NODE_ID, createId("msg"), 0));
  let count = 0;
  while (performance.now() < until) {
    transaction.immediate();
    count++;
  }
  return count;
}

async function run(method: Method): Promise<Result> {
  const dir = mkdtempSync(join(tmpdir(), "group-commit-"));
  const fail = (error: unknown) => {
    throw error;
  };
  const store = Store.open(join(dir, "store.sqlite"), { onFatal: fail, onEffectError: fail });
  await method(store, performance.now() + 50);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const count = await method(store, started + SECONDS * 1000);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await store[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
  return { perSecond: count / seconds, microsOfCpu: (user + system) / count };
}

function toMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

const methods: [string, Method][] = [
  ["one transaction for each write", single],
  ["grouped, 1 writer", grouped(1)],
  ["grouped, 16 writers", grouped(16)],
  ["grouped, 64 writers", grouped(64)],
  ["grouped, 256 writers", grouped(256)],
];
const results = new Map<string, Result[]>(methods.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, method] of methods) results.get(name)?.push(await run(method));
}
console.log(
  `Node ${process.version}, WAL, synchronous=FULL, one row with two indexes a write; ` +
    `median of ${ROUNDS} runs of ${SECONDS} s, methods in turns`,
);
const base = toMedian(
  (results.get("one transaction for each write") ?? []).map((r) => r.perSecond),
);
for (const [name, runs] of results) {
  const perSecond = toMedian(runs.map((result) => result.perSecond));
  const micros = toMedian(runs.map((result) => result.microsOfCpu));
  const rate = Math.round(perSecond).toLocaleString("en").padStart(8);
  console.log(
    `${name.padEnd(32)}${rate}/s  ${micros.toFixed(1).padStart(6)} µs of CPU each  ` +
      `${(perSecond / base).toFixed(1)} x`,
  );
}
