import type { Member, MemberEvents, RoomServer } from "./room-server.ts";
import { readCpuMicros, readRssBytes } from "./room-server.ts";

/** What one work came to; what it does not measure is not there. */
export interface Measured {
  /** Units a second. */
  readonly perSecond?: number;
  /** The server's CPU time a unit, in microseconds. */
  readonly micros?: number;
  /** Milliseconds. */
  readonly p50?: number;
  readonly p99?: number;
  /** KiB of the server's memory a unit. */
  readonly kib?: number;
  /** The cost of the last units as a multiple of that of the first. */
  readonly growth?: number;
}

/** One kind of work, which any server can be given. */
export interface Work {
  readonly name: string;
  readonly unit: string;
  /** Others have nothing of the kind. */
  readonly ofStewards?: true;
  run(server: RoomServer, seconds: number): Promise<Measured>;
}

const CONTENT = "x".repeat(256);
const MEMBERS = 100;
const SENDERS = 10;
const CLIENTS = 50;
/** Requests, and messages, of one client that are not yet answered. */
const ASKED = 16;
const RUN = 4;
const SAID = 64;
const PACE_PER_SECOND = 1_000;
const PACE_MS = 5;
const CONNECTING = 32;
const ONLINE = 1_000;
const WARM_MS = 1_000;
/** Messages that were said before many read them back, a page each. */
const SAID_BEFORE = 600;
const CROWD_AT_ONCE = 50;
const CROWD_COUNTED = 100;

const nothing = (): void => {};
const SILENT: MemberEvents = {
  ...{ reply: nothing, sent: nothing, delivery: nothing, joined: nothing, left: nothing },
};

export const WORKS: readonly Work[] = [
  {
    name: "rtt",
    unit: "a request, 1 client, 1 outstanding",
    run: (server, seconds) => measureRtt(server, seconds, (member) => member.ask("hello")),
  },
  {
    name: "rtt-read",
    unit: "inspect, 1 client, 1 outstanding",
    ofStewards: true,
    run: (server, seconds) => measureRtt(server, seconds, (member) => member.look?.()),
  },
  {
    name: "requests",
    unit: `requests, ${CLIENTS} clients, ${ASKED} outstanding`,
    run: (server, seconds) => measureAnswers(server, seconds, (member) => member.ask("hello")),
  },
  {
    name: "reads",
    unit: `questions (inspect), ${CLIENTS} clients, ${ASKED} outstanding`,
    ofStewards: true,
    run: (server, seconds) => measureAnswers(server, seconds, (member) => member.look?.()),
  },
  ...(["module", "http"] as const).map((how) => ({
    name: how,
    unit: `requests that a ${how === "http" ? "local server" : "module"} answers, ${CLIENTS} clients, ${RUN} outstanding`,
    ofStewards: true as const,
    run: (server: RoomServer, seconds: number) =>
      measureAnswers(server, seconds, (member) => member.run?.(how, "hello"), RUN),
  })),
  {
    name: "fan-out",
    unit: `deliveries, room of ${MEMBERS}, 256 B, ${SENDERS} senders`,
    run: measureFanOut,
  },
  {
    name: "paced",
    unit: `deliveries at ${PACE_PER_SECOND} messages/s, room of ${MEMBERS}`,
    run: measurePaced,
  },
  { name: "join", unit: `join + leave, ${CLIENTS} clients on open sockets`, run: measureJoin },
  { name: "connect", unit: "connect + join + close", run: measureConnect },
  {
    name: "resume",
    unit: `a page of 500 entries, ${ONLINE} members at once`,
    ofStewards: true,
    run: measureResume,
  },
  {
    name: "crowd",
    unit: `joins of one room, of the last ${CROWD_COUNTED} of ${ONLINE}, ${CROWD_AT_ONCE} at once`,
    ofStewards: true,
    run: measureCrowd,
  },
  { name: "memory", unit: "an idle member", run: measureMemory },
];

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Lets members answer what they get from now on: while they come, they are told of each other. */
async function begin(counter: { isOn: boolean }): Promise<void> {
  await sleep(200);
  counter.isOn = true;
}

/** Lets a load that counts run, and returns what it did a second and the server's CPU time for each. */
async function count(
  server: RoomServer,
  seconds: number,
  counter: { units: number },
): Promise<Measured> {
  await sleep(WARM_MS);
  const [unitsBefore, cpuBefore, started] = [
    counter.units,
    readCpuMicros(server.pid),
    performance.now(),
  ];
  await sleep(seconds * 1000);
  const elapsed = (performance.now() - started) / 1000;
  const units = counter.units - unitsBefore;
  return { perSecond: units / elapsed, micros: (readCpuMicros(server.pid) - cpuBefore) / units };
}

function toPercentiles(times: readonly number[]): Measured {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

async function connectMany(server: RoomServer, number: number, room: string): Promise<Member[]> {
  const members: Member[] = [];
  for (let i = 0; i < number; i++) members.push(await server.connect(SILENT, room));
  return members;
}

async function measureRtt(
  server: RoomServer,
  seconds: number,
  ask: (member: Member) => void,
): Promise<Measured> {
  const times: number[] = [];
  const run = { isOn: true, isWarm: false, askedAt: 0 };
  const askTimed = (): void => {
    run.askedAt = performance.now();
    ask(member);
  };
  const reply = (): void => {
    if (run.isWarm) times.push(performance.now() - run.askedAt);
    // In a turn of its own, as an agent that thinks about an answer would.
    if (run.isOn) setImmediate(askTimed);
  };
  const member = await server.connect({ ...SILENT, reply }, await server.createRoom());
  askTimed();
  await sleep(WARM_MS);
  run.isWarm = true;
  await sleep(seconds * 1000);
  run.isOn = false;
  await sleep(100);
  member.close();
  return toPercentiles(times);
}

async function measureAnswers(
  server: RoomServer,
  seconds: number,
  ask: (member: Member) => void,
  outstanding = ASKED,
): Promise<Measured> {
  const room = await server.createRoom();
  const counter = { units: 0, isOn: false };
  const members = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const reply = (): void => {
        counter.units++;
        if (counter.isOn) ask(member);
      };
      const member = await server.connect({ ...SILENT, reply }, room);
      return member;
    }),
  );
  await begin(counter);
  for (const member of members) for (let i = 0; i < outstanding; i++) ask(member);
  const measured = await count(server, seconds, counter);
  counter.isOn = false;
  await sleep(300);
  for (const member of members) member.close();
  return measured;
}

async function measureFanOut(server: RoomServer, seconds: number): Promise<Measured> {
  const room = await server.createRoom();
  const counter = { units: 0, isOn: false };
  const delivery = (): void => {
    counter.units++;
  };
  const members: Member[] = [];
  for (let i = 0; i < MEMBERS; i++) {
    const sent = (): void => {
      if (counter.isOn) members[i]?.say(CONTENT);
    };
    members.push(await server.connect({ ...SILENT, delivery, sent }, room));
  }
  await begin(counter);
  for (const member of members.slice(0, SENDERS)) {
    for (let i = 0; i < SAID; i++) member.say(CONTENT);
  }
  const measured = await count(server, seconds, counter);
  counter.isOn = false;
  await sleep(1_000);
  for (const member of members) member.close();
  return measured;
}

/** One sender, so that the n-th delivery to a member is that of the n-th message. */
async function measurePaced(server: RoomServer, seconds: number): Promise<Measured> {
  const room = await server.createRoom();
  const sentAt: number[] = [];
  const times: number[] = [];
  const counter = { units: 0 };
  const members = await Promise.all(
    Array.from({ length: MEMBERS - 1 }, () => {
      let heard = 0;
      const delivery = (): void => {
        counter.units++;
        times.push(performance.now() - (sentAt[heard++] ?? 0));
      };
      return server.connect({ ...SILENT, delivery }, room);
    }),
  );
  const sender = await server.connect(SILENT, room);
  const started = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - started) * PACE_PER_SECOND) / 1000;
    while (sentAt.length < due) {
      sentAt.push(performance.now());
      sender.say(CONTENT);
    }
  }, PACE_MS);
  const measured = await count(server, seconds, counter);
  clearInterval(timer);
  await sleep(500);
  for (const member of [...members, sender]) member.close();
  return { ...measured, ...toPercentiles(times) };
}

/** A room for each, so that what is measured is no fan-out of events. */
async function measureJoin(server: RoomServer, seconds: number): Promise<Measured> {
  const counter = { units: 0, isOn: true };
  const members = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const room = await server.createRoom();
      const joined = () => member.leave();
      const left = (): void => {
        counter.units++;
        if (counter.isOn) member.join(room);
      };
      const member = await server.connect({ ...SILENT, joined, left });
      member.join(room);
      return member;
    }),
  );
  const measured = await count(server, seconds, counter);
  counter.isOn = false;
  await sleep(300);
  for (const member of members) member.close();
  return measured;
}

async function measureConnect(server: RoomServer, seconds: number): Promise<Measured> {
  const room = await server.createRoom();
  const counter = { units: 0, isOn: true };
  const loops = Array.from({ length: CONNECTING }, async () => {
    while (counter.isOn) {
      const member = await server.connect(SILENT, room);
      counter.units++;
      member.close();
    }
  });
  const measured = await count(server, seconds, counter);
  counter.isOn = false;
  await Promise.all(loops);
  return measured;
}

/** All of them read the same page back at once; p99 is when the last of them had it. */
async function measureResume(server: RoomServer): Promise<Measured> {
  const room = await server.createRoom();
  const speaker = await server.connect(SILENT, room);
  for (let i = 0; i < SAID_BEFORE; i++) speaker.say(CONTENT);
  await sleep(WARM_MS);
  let pages = 0;
  const all = Promise.withResolvers<void>();
  const reply = (): void => {
    if (++pages === ONLINE) all.resolve();
  };
  const members: Member[] = [];
  for (let i = 0; i < ONLINE; i++) members.push(await server.connect({ ...SILENT, reply }, room));
  await sleep(WARM_MS);
  const [cpuBefore, started] = [readCpuMicros(server.pid), performance.now()];
  for (const member of members) member.readBack?.(0);
  await all.promise;
  const p99 = performance.now() - started;
  const micros = (readCpuMicros(server.pid) - cpuBefore) / ONLINE;
  for (const member of [...members, speaker]) member.close();
  return { perSecond: (ONLINE * 1000) / p99, micros, p99 };
}

/** Many join one room, each told of those that come after it. */
async function measureCrowd(server: RoomServer): Promise<Measured> {
  const room = await server.createRoom();
  const waiting = new Map<number, () => void>();
  const members: Member[] = [];
  for (let i = 0; i < ONLINE; i++) {
    members.push(await server.connect({ ...SILENT, joined: () => waiting.get(i)?.() }));
  }
  const costs: number[] = [];
  for (let begun = 0; begun < ONLINE; begun += CROWD_COUNTED) {
    await sleep(100);
    const cpuBefore = readCpuMicros(server.pid);
    for (let at = begun; at < begun + CROWD_COUNTED; at += CROWD_AT_ONCE) {
      const batch = members.slice(at, at + CROWD_AT_ONCE).map((member, k) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.set(at + k, resolve);
        member.join(room);
        return promise;
      });
      await Promise.all(batch);
    }
    await sleep(100);
    costs.push((readCpuMicros(server.pid) - cpuBefore) / CROWD_COUNTED);
  }
  for (const member of members) member.close();
  const [first = Number.NaN] = costs;
  const last = costs.at(-1) ?? Number.NaN;
  return { micros: last, growth: last / first };
}

async function measureMemory(server: RoomServer): Promise<Measured> {
  const room = await server.createRoom();
  for (const member of await connectMany(server, 50, room)) member.close();
  await sleep(500);
  const before = readRssBytes(server.pid);
  const members = await connectMany(server, ONLINE, room);
  await sleep(500);
  const kib = (readRssBytes(server.pid) - before) / ONLINE / 1024;
  for (const member of members) member.close();
  return { kib };
}
