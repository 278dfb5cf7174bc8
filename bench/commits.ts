// What a commit of a replicated zone costs the operation that it is of, and what other zones pay for it:
// the same writes without anything of replication, beside a replicated zone, and in one. Same machine,
// same statements, runs in turns, one durable turn for 64 operations: `node bench/commits.ts [seconds of one run]`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createId } from "../src/protocol/ids.ts";
import { CommitLog } from "../src/replication/records/commit-log.ts";
import { Store, type Write } from "../src/store/database.ts";
import { prepareZoneQueries, type ZoneQueries } from "../src/store/zones/zones.ts";
import { toEntryHash, toGenesisHash } from "../src/zones/log/log.ts";

const SECONDS = Number(process.argv[2] ?? 0.5);
const ROUNDS = 9;
const OPERATIONS_PER_TURN = 64;
const NODE_ID = `atlas_${"5".repeat(64)}`;
const [ZONE, OTHER] = [createId("zone"), createId("zone")];
const CONTENT = "x".repeat(256);

type Arm = "nothing replicated" | "another zone replicated" | "replicated";
type Operation = (write: Write, queries: ZoneQueries, count: number) => void;

function insertZone(write: Write, queries: ZoneQueries, zoneId: string): void {
  queries.insertZone(write, {
    ...{ zoneId, epoch: 1, envelopeHash: "0".repeat(64), state: "active", suspendedAt: null },
    ...{ creator: NODE_ID, name: "bench", type: "open", topic: null, description: "A zone." },
    ...{ headSeq: 0, headHash: toGenesisHash(zoneId), logBytes: 0, memberCount: 0, createdAt: 1 },
  });
}

/** What a zone.message writes in its zone. */
function appendMessage(write: Write, queries: ZoneQueries): void {
  const zone = queries.findZone(ZONE);
  if (zone === undefined) throw new Error("no zone");
  const messageId = createId("zmsg");
  const data = `{"content":"${CONTENT}","id":"${messageId}"}`;
  const seq = zone.headSeq + 1;
  const content = {
    zoneId: ZONE,
    seq,
    timestamp: 1,
    kind: "message",
    nodeId: NODE_ID,
    data,
  } as const;
  const hash = toEntryHash(zone.headHash, content);
  queries.insertLogEntry(write, { ...content, hash, messageId });
}

/** What a member's coming and going writes, without its events. */
function changeMember(write: Write, queries: ZoneQueries, count: number): void {
  if (count % 2 === 1) {
    queries.deleteMember(write, ZONE, NODE_ID);
    return;
  }
  const member = { name: "agent", role: "member", skills: "[]", joinedAt: 1 } as const;
  queries.insertMember(write, { zoneId: ZONE, nodeId: NODE_ID, ...member });
}

/** CPU of one operation, in microseconds. */
async function run(arm: Arm, operation: Operation): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), "commits-"));
  const fail = (error: unknown) => {
    throw error;
  };
  const store = Store.open(join(dir, "store.sqlite"), { onFatal: fail, onEffectError: fail });
  const queries = prepareZoneQueries(store);
  store.write((write) => {
    for (const zoneId of [ZONE, OTHER]) insertZone(write, queries, zoneId);
  });
  if (arm !== "nothing replicated") {
    const kept = { secs: 3600, bytes: 1 << 26 };
    const log = new CommitLog({ store, queries, ownNodeId: NODE_ID, now: () => 1, kept });
    const zoneId = arm === "replicated" ? ZONE : OTHER;
    const start = { envelopeHash: "0".repeat(64), complete: true, epoch: 0, seq: 0 };
    store.write((write) => log.register(write, { ...start, zoneId, hash: toGenesisHash(zoneId) }));
  }
  let count = 0;
  const work = async (untilMs: number) => {
    while (performance.now() < untilMs) {
      for (let i = 0; i < OPERATIONS_PER_TURN; i++) {
        store.write((write) => operation(write, queries, count));
        count++;
      }
      await store.committed();
    }
  };
  await work(performance.now() + 100);
  const before = count;
  const cpu = process.cpuUsage();
  await work(performance.now() + SECONDS * 1000);
  const { user, system } = process.cpuUsage(cpu);
  await store[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
  return (user + system) / (count - before);
}

const OPERATIONS: [string, Operation][] = [
  ["a message of 256 bytes", appendMessage],
  ["a member comes or goes", changeMember],
];
const ARMS: Arm[] = ["nothing replicated", "another zone replicated", "replicated"];
console.log(
  `Node ${process.version}, WAL, synchronous=FULL, ${OPERATIONS_PER_TURN} operations a turn; ` +
    `median of ${ROUNDS} runs of ${SECONDS} s, in turns`,
);
for (const [name, operation] of OPERATIONS) {
  const results = new Map<Arm, number[]>(ARMS.map((arm) => [arm, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const arm of ARMS) results.get(arm)?.push(await run(arm, operation));
  }
  const toMedian = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  const base = toMedian(results.get("nothing replicated") ?? []);
  for (const [arm, values] of results) {
    const micros = toMedian(values);
    const more = (micros - base).toFixed(1);
    console.log(
      `${name.padEnd(26)}${arm.padEnd(26)}${micros.toFixed(1).padStart(6)} µs (+${more})`,
    );
  }
}
