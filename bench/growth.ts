// What an operation costs as what a steward keeps grows: zones, members that are away, a zone's log, requests that
// were answered. `node bench/growth.ts [seconds] [zones|members|log|requests] [size]`; the steward has a core of its own.
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { untilQuiet } from "./rooms/quiet.ts";
import {
  LOAD_CORE,
  type Member,
  type MemberEvents,
  pin,
  type RoomServer,
  readCpuMicros,
} from "./rooms/room-server.ts";
import { startStewardServer } from "./rooms/steward-server.ts";

const SECONDS = Number(process.argv[2] ?? 2);
const [ONLY, SIZE] = process.argv.slice(3);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const RATIO_MAX = 1.3;
const CLIENTS = 10;
const OUTSTANDING = 8;
/** Each operation is measured so many times, of which the median counts. */
const ROUNDS = 3;
const PAGE_ENTRIES = 500;
/** Of a log that does not grow beyond what the measuring adds. */
const LOG_ENTRIES = 1_000;
const CONTENT = "x".repeat(256);

/** A member of the zone that is measured; what its answers lead to changes with the operation. */
interface Client {
  readonly member: Member;
  /** Hears of what was answered. */
  onAnswer: () => void;
}

interface Operation {
  readonly name: string;
  /** Asks for the first half of it, or for all. */
  begin(client: Client, at: Place): void;
  /** Asks for the second half. */
  goOn?(client: Client, at: Place): void;
  /** Of each of all clients; absent where one client does one at a time. */
  readonly outstanding?: number;
}

interface Place {
  readonly room: string;
  /** Entries in its log. */
  readonly entries: number;
}

const OPERATIONS: readonly Operation[] = [
  { name: "request", outstanding: OUTSTANDING, begin: ({ member }) => member.ask("hello") },
  { name: "message", outstanding: OUTSTANDING, begin: ({ member }) => member.say(CONTENT) },
  { name: "inspect", outstanding: OUTSTANDING, begin: ({ member }) => member.look?.() },
  {
    name: "a page of the log",
    // Another one each time: what many ask for is kept for a while.
    begin: ({ member }, { entries }) =>
      member.readBack?.(Math.floor(Math.random() * (entries - PAGE_ENTRIES))),
  },
  {
    name: "leave and join",
    begin: ({ member }) => member.leave(),
    goOn: ({ member }, { room }) => member.join(room),
  },
];

interface Axis {
  readonly name: string;
  readonly small: number;
  readonly large: number;
  grow(server: RoomServer, room: string, from: number, to: number): Promise<void>;
}

const say = fillWith((member) => member.say(CONTENT));

const AXES: readonly Axis[] = [
  {
    name: "zones",
    small: 1,
    large: 1_000,
    grow: async (server, _room, from, to) => {
      for (let i = from; i < to; i++) await server.createRoom();
    },
  },
  {
    name: "members",
    small: 10,
    large: 1_000,
    grow: async (server, room, from, to) => {
      const events = toEvents(() => {});
      for (let i = from; i < to; i++) (await server.connect(events, room)).close();
    },
  },
  { name: "log", small: LOG_ENTRIES, large: 1_000_000, grow: say },
  {
    name: "requests",
    small: 1_000,
    large: 100_000,
    grow: fillWith((member) => member.ask("hello")),
  },
];

function toEvents(answered: () => void): MemberEvents {
  const sent = () => answered();
  return { sent, reply: answered, joined: answered, left: answered, delivery: () => {} };
}

/** Has one member do something as often as is missing. */
function fillWith(act: (member: Member) => void): Axis["grow"] {
  return async (server, room, from, to) => {
    let [begun, done] = [from, from];
    const { promise, resolve } = Promise.withResolvers<void>();
    const begin = (): void => {
      if (begun >= to) return;
      begun++;
      act(member);
    };
    const answered = (): void => {
      if (++done === to) resolve();
      begin();
    };
    const member = await server.connect(toEvents(answered), room);
    for (let i = 0; i < 256; i++) begin();
    await promise;
    member.close();
  };
}

async function connect(server: RoomServer, room: string): Promise<Client> {
  const events = toEvents(() => client.onAnswer());
  const client: Client = { member: await server.connect(events, room), onAnswer: () => {} };
  return client;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The steward's CPU time for one, in microseconds. */
async function measure(
  server: RoomServer,
  clients: readonly Client[],
  operation: Operation,
  place: Place,
): Promise<number> {
  const run = { isOn: true, count: 0, waiting: 0 };
  for (const client of clients) {
    let isHalf = false;
    const begin = (): void => {
      run.waiting++;
      operation.begin(client, place);
    };
    client.onAnswer = () => {
      isHalf = operation.goOn !== undefined && !isHalf;
      if (isHalf) return operation.goOn?.(client, place);
      run.count++;
      run.waiting--;
      if (run.isOn) begin();
    };
    for (let i = 0; i < (operation.outstanding ?? 1); i++) begin();
  }
  await sleep(200);
  const [before, cpuBefore] = [run.count, readCpuMicros(server.pid)];
  await sleep(SECONDS * 1000);
  const micros = (readCpuMicros(server.pid) - cpuBefore) / (run.count - before);
  run.isOn = false;
  while (run.waiting > 0) await sleep(10);
  for (const client of clients) client.onAnswer = () => {};
  return micros;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function measureAll(server: RoomServer, place: Place): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => connect(server, place.room)),
  );
  await sleep(300);
  for (const operation of OPERATIONS) {
    const of = operation.outstanding === undefined ? clients.slice(0, 1) : clients;
    const values: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      values.push(await measure(server, of, operation, place));
    }
    found.set(operation.name, median(values));
  }
  for (const { member } of clients) member.close();
  return found;
}

async function runAxis({ name, small, large, grow }: Axis): Promise<void> {
  await untilQuiet();
  await using server = await startStewardServer({ name: "steward", root: ROOT });
  const room = await server.createRoom();
  if (grow !== say) await say(server, room, 0, LOG_ENTRIES);
  await grow(server, room, 0, small);
  // Compiled by the time that it counts.
  await measureAll(server, { room, entries: LOG_ENTRIES });
  const before = await measureAll(server, { room, entries: LOG_ENTRIES });
  const beganMs = performance.now();
  await grow(server, room, small, large);
  const seconds = (performance.now() - beganMs) / 1000;
  await sleep(1_000);
  const after = await measureAll(server, { room, entries: grow === say ? large : LOG_ENTRIES });
  console.log(`${name}: ${small} → ${large}, grown in ${seconds.toFixed(0)} s`);
  for (const [operation, micros] of before) {
    const then = after.get(operation) ?? Number.NaN;
    const holds = then / micros <= RATIO_MAX;
    if (!holds) process.exitCode = 1;
    console.log(
      `  ${operation.padEnd(34)} ${micros.toFixed(0).padStart(6)} → ${then.toFixed(0).padStart(6)} µs` +
        `   ${(then / micros).toFixed(2)} ×${holds ? "" : " FAILED"}`,
    );
  }
}

console.log(
  `${cpus()[0]?.model}, Node ${process.version}; the steward's CPU time an operation, median of ${ROUNDS} × ${SECONDS} s`,
);
pin(process.pid, LOAD_CORE);
for (const axis of AXES) {
  if (ONLY !== undefined && axis.name !== ONLY) continue;
  await runAxis(SIZE === undefined ? axis : { ...axis, large: Number(SIZE) });
}
process.exit();
