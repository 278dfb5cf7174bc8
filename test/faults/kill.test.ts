import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import { createId } from "../../src/protocol/ids.ts";
import { readCount } from "../support/counts.ts";
import { TEST_ZONE } from "../support/steward.ts";
import { NO_LIMITS, StewardProcess } from "../support/steward-process.ts";
import { Book } from "./book.ts";
import { Talker } from "./talker.ts";
import { readZoneFile, verifyChain } from "./zone-file.ts";

const KILLS = readCount("KILL_RUNS");
const TALKERS = 34;
const COMERS_AND_GOERS = 6;
const SDK_AGENTS = 10;
/** A kill comes after at most this many acknowledgements of one life. */
const LIFE_ACKS_MAX = 700;

/** An agent of the SDK that talks for as long as it lives and notes what it is handed. */
class SdkTalker {
  readonly agent: Agent;
  private readonly book: Book;
  private readonly known = new Set<number>();
  private readonly talk: Promise<void>;
  private talking = true;
  private changed = () => {};

  constructor(agent: Agent, zoneId: string, book: Book) {
    this.agent = agent;
    this.book = book;
    for (const name of ["message", "event"] as const) {
      agent.on(name, (body: object) => this.take(body as Record<string, unknown>));
    }
    this.talk = this.run(zoneId);
    this.talk.catch((error) => book.problems.push(`${agent.nodeId}: ${error}`));
  }

  static async connect(wireUrl: string, index: number, zoneId: string, book: Book) {
    const agent = await Agent.connect(wireUrl, {
      key: new Uint8Array(32).fill(index + 1),
      name: `sdk ${index}`,
      pacing: false,
      reconnect: { initialDelayMs: 20, maxDelayMs: 200 },
      timeoutMs: 60_000,
    });
    onTestFinished(() => agent.close());
    return new SdkTalker(agent, zoneId, book);
  }

  /** Stops talking; resolves once what was said last has its place. */
  async settle(): Promise<void> {
    this.talking = false;
    await this.talk;
  }

  /** Resolves when every position from the join to the head was handed on or is its own. */
  async reaches(head: number): Promise<void> {
    const first = Math.min(...this.known);
    while (this.known.size < head - first + 1) {
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
    expect(Math.max(...this.known)).toBe(head);
  }

  private async run(zoneId: string): Promise<void> {
    const { seq } = await this.agent.join(zoneId);
    this.known.add(seq);
    this.book.membership.set(this.agent.nodeId, "joined");
    this.book.note();
    for (let said = 0; this.talking; said++) {
      const id = createId("zmsg");
      const { nodeId } = this.agent;
      this.book.attempts.set(id, { nodeId, content: { said }, messageIds: [] });
      const sent = await this.agent.send(zoneId, { said }, { id });
      this.book.noteSent(id, sent.seq);
      this.known.add(sent.seq);
      this.changed();
    }
  }

  private take(body: Record<string, unknown>): void {
    const seq = body.seq as number;
    if (this.known.has(seq)) this.book.problems.push(`${seq} was handed on twice`);
    this.known.add(seq);
    this.book.noteDelivery(body);
    this.changed();
  }
}

test(`after ${KILLS} kills at random moments everything acknowledged is there, whole, and agents resume`, {
  timeout: 60_000 + KILLS * 10_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "steward-kill-"));
  const book = new Book();
  const start = (port: number) =>
    StewardProcess.start({ dataDir, config: { ...NO_LIMITS, http: { port } } });
  let steward = await start(0);
  const port = Number(new URL(steward.httpUrl).port);
  onTestFinished(async () => {
    await steward.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const zoneId: string = (await steward.api("POST", "/v1/zones", TEST_ZONE)).body.id;
  const agents = await Promise.all(
    Array.from({ length: SDK_AGENTS }, (_, index) =>
      SdkTalker.connect(steward.wireUrl, index, zoneId, book),
    ),
  );
  const talkers = Array.from({ length: TALKERS + COMERS_AND_GOERS }, (_, index) => {
    return new Talker(zoneId, index < TALKERS ? "talks" : "comes and goes", book);
  });
  const startAll = () => Promise.allSettled(talkers.map((each) => each.start(steward.wireUrl)));
  let starting = startAll();
  for (let kill = 0; kill < KILLS; kill++) {
    // The first kill falls into the joining.
    await book.after(1 + Math.floor(Math.random() * (kill === 0 ? 120 : LIFE_ACKS_MAX)));
    await steward.kill();
    await starting;
    await Promise.all(talkers.map((talker) => talker.lost()));
    book.check(zoneId, readZoneFile(dataDir, zoneId));
    steward = await start(port);
    starting = startAll();
  }
  for (const started of await starting) expect(started.status).toBe("fulfilled");
  await Promise.all(agents.map((agent) => agent.settle()));
  await Promise.all(talkers.map((talker) => talker.settle()));
  const reader = talkers[0] as Talker;
  const log = await reader.readLog();
  verifyChain(zoneId, log);
  for (const talker of talkers) expect(talker.lastSeq).toBe(log.length);
  await Promise.all(agents.map((agent) => agent.reaches(log.length)));
  await steward.kill();
  const file = readZoneFile(dataDir, zoneId);
  book.check(zoneId, file);
  expect(log).toEqual(file.entries);
  expect(file.members.length).toBe(talkers.length + agents.length);
  expect(book.sent.size).toBeGreaterThan(KILLS * 20);
});
