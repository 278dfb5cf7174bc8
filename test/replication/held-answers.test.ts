import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { NodeKey } from "../../src/identity/node-key.ts";
import { createId } from "../../src/protocol/ids.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, LEASE_MS, startReplica, toSet, until } from "./support/replicated-zone.ts";

let a: TestSteward;
beforeAll(async () => {
  a = await startReplica();
});
afterAll(async () => {
  await a[Symbol.asyncDispose]();
});

/** Who speaks as a voter, and acknowledges only what it is told to. */
class Voter {
  readonly key: NodeKey = createAgentKey();
  readonly link: WireClient;
  readonly zoneId: string;
  private seen = 0;
  private readonly epoch: number;

  private constructor(link: WireClient, zoneId: string, key: NodeKey, epoch: number) {
    this.link = link;
    this.zoneId = zoneId;
    this.key = key;
    this.epoch = epoch;
  }

  static async follow(steward: TestSteward, zone: Reply, key: NodeKey): Promise<Voter> {
    const link = await WireClient.connect(steward.wireUrl, { key });
    const voter = new Voter(link, zone.id, key, 1);
    link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes: [zone.envelope] });
    await until("it is a link", () => voter.bodies("zone.position").length > 0);
    const { envelope_hash } = voter.bodies("zone.position")[0] as Reply;
    const hash = "0".repeat(64);
    link.sendBody({
      ...{ type: "zone.replicate", zone_id: zone.id, epoch: 1, envelope_hash },
      ...{ window: 8_388_608, position: null, log: [{ seq: 0, hash }] },
    });
    return voter;
  }

  bodies(type: string): Reply[] {
    return this.link.received.flatMap(({ type: frame, fields }) => {
      const { body } = fields as { body?: Reply };
      return frame === "message" && body?.type === type ? [body] : [];
    });
  }

  /** Answers Pings that came. */
  pong(): void {
    const pings = this.link.received.filter(({ type }) => type === "ping");
    for (const { fields } of pings.slice(this.seen)) {
      this.link.send("pong", { ts: 1, echo: (fields as { ts: number }).ts });
    }
    this.seen = pings.length;
  }

  /** The newest position that came, by a snapshot or with commits. */
  get newest(): { n: number; digest: string } | undefined {
    const entries = this.bodies("zone.entries").filter(({ commits }) => commits?.length > 0);
    const last = entries.at(-1);
    if (last !== undefined) return { n: last.commits.at(-1).n, digest: last.head.state };
    const begin = this.bodies("zone.snapshot").find(({ position }) => position);
    return begin && { n: begin.position.n, digest: begin.position.digest };
  }

  ack({ n, digest } = this.newest ?? { n: 0, digest: "" }): void {
    const { zoneId: zone_id, epoch } = this;
    this.link.sendBody({ type: "zone.replica_ack", zone_id, epoch, n, digest });
  }
}

async function open(minAcks = 1) {
  const creator = new Creator();
  const key = createAgentKey();
  const actions = [{ name: "echo", description: "Answers its params.", params: {} }];
  const zone = creator.sign(toSet(a, [{ nodeId: key.nodeId }]), minAcks, { actions });
  await creator.create(a, zone);
  const voter = await Voter.follow(a, zone as unknown as Reply, key);
  onTestFinished(() => voter.link[Symbol.asyncDispose]());
  const pings = setInterval(() => voter.pong(), 50);
  onTestFinished(() => clearInterval(pings));
  await until("the first commit came", () => voter.newest !== undefined);
  const chunks = () => voter.bodies("zone.snapshot").filter(({ index }) => index !== undefined);
  for (const { snapshot, index } of chunks()) {
    const ack = { type: "zone.replica_ack", zone_id: zone.id, epoch: 1, snapshot, index };
    voter.link.sendBody(ack);
  }
  await until("the snapshot ended", () =>
    voter.bodies("zone.snapshot").some(({ chunks }) => chunks),
  );
  voter.ack();
  const client = await WireClient.connect(a.wireUrl);
  onTestFinished(() => client[Symbol.asyncDispose]());
  return { zoneId: zone.id, voter, client, creator, pings };
}

/** Acknowledges everything until a member has joined. */
async function joined(opened: Awaited<ReturnType<typeof open>>): Promise<void> {
  const { client, voter, zoneId } = opened;
  const acks = setInterval(() => voter.ack(), 20);
  let answer: Reply | undefined;
  await until("it is a member", async () => {
    answer = await client.ask({ type: "zone.join", zone_id: zoneId });
    return answer?.type === "zone.joined";
  });
  clearInterval(acks);
}

const toMessage = (zoneId: string) => ({
  type: "zone.message",
  zone_id: zoneId,
  id: createId("zmsg"),
  content: "hello",
});

/** What came in answer to a message so far. */
function answersTo(client: WireClient, id: string): string[] {
  return client.received.flatMap(({ type, fields }) => {
    const { msg_id, reply_to, body } = fields as Reply;
    if (type === "message_ack" && msg_id === id) return ["ack"];
    if (type !== "message" || reply_to !== id) return [];
    return [body.reason === undefined ? body.type : body.reason];
  });
}

test("nothing of a commit leaves before a voter holds it, and then all of it does, in order", async () => {
  const opened = await open();
  await joined(opened);
  const { client, voter, zoneId } = opened;
  const before = voter.newest?.n ?? 0;
  const id = client.sendBody(toMessage(zoneId));
  await until("the commit came", () => (voter.newest?.n ?? 0) > before);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answersTo(client, id)).toEqual([]);
  voter.ack();
  await until("both came", () => answersTo(client, id).length === 2);
  expect(answersTo(client, id)).toEqual(["ack", "zone.sent"]);
});

test("without an acknowledgement for L the MessageAck goes, and the answer is REPLICATION_TIMEOUT; then nobody is in charge", async () => {
  const opened = await open();
  await joined(opened);
  const { client, zoneId } = opened;
  const message = toMessage(zoneId);
  const id = client.sendBody(message);
  const read = client.sendBody({ type: "zone.members", zone_id: zoneId });
  const startMs = performance.now();
  expect(await client.replyTo(id)).toMatchObject({
    type: "zone.error",
    code: "internal",
    reason: "REPLICATION_TIMEOUT",
    recovery: "reconcile",
  });
  expect(performance.now() - startMs).toBeGreaterThan(LEASE_MS - 50);
  expect(answersTo(client, id)).toEqual(["ack"]);
  expect(await client.replyTo(read)).toMatchObject({
    code: "steward_unavailable",
    reason: "NO_LEASE",
  });
  clearInterval(opened.pings);
  await until("the lease is over", async () => {
    const answer = await client.ask(toMessage(zoneId));
    return answer.reason === "NO_LEASE";
  });
  expect(await client.ask(toMessage(zoneId))).toMatchObject({
    code: "steward_unavailable",
    retry_after_ms: expect.any(Number),
    entrypoints: expect.any(Array),
  });
});

test("a page ends at the newest released entry", async () => {
  const opened = await open();
  await joined(opened);
  const { client, voter, zoneId } = opened;
  const before = voter.newest?.n ?? 0;
  client.sendBody(toMessage(zoneId));
  await until("the commit came", () => (voter.newest?.n ?? 0) > before);
  const id = client.sendBody({ type: "zone.history", zone_id: zoneId, after_seq: 0 });
  setTimeout(() => voter.ack(), 100);
  const page = await client.replyTo(id);
  expect(page).toMatchObject({ type: "zone.page", head_seq: 2, epoch_seq: 1 });
  expect(page.entries).toHaveLength(2);
  expect(page.primary_head).toMatchObject({ seq: 2, epoch: 1, steward: a.nodeId });
  const next = client.sendBody({ type: "zone.history", zone_id: zoneId, after_seq: 2 });
  expect((await client.replyTo(next)).entries).toHaveLength(1);
});

test("a free action is run once a voter holds its record", async () => {
  const opened = await open();
  await joined(opened);
  const { client, voter, zoneId } = opened;
  const before = voter.newest?.n ?? 0;
  const body = { request_id: "r", zone_id: zoneId, action: "echo", params: { n: 1 } };
  const id = client.sendBody({ type: "zone.request", ...body });
  await until("the commit came", () => (voter.newest?.n ?? 0) > before);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answersTo(client, id)).toEqual([]);
  expect(a.steward.zones.requests.findNewestRequest(client.nodeId, "r")?.state).toBe("running");
  const acks = setInterval(() => voter.ack(), 20);
  onTestFinished(() => clearInterval(acks));
  expect(await client.replyTo(id)).toMatchObject({ type: "zone.response", result: { n: 1 } });
});

test("with min_acks 0 messages go at once, and money waits for a voter", async () => {
  const opened = await open(0);
  const { client, zoneId } = opened;
  expect(await client.ask({ type: "zone.join", zone_id: zoneId })).toMatchObject({
    type: "zone.joined",
  });
  expect(await client.ask(toMessage(zoneId))).toMatchObject({ type: "zone.sent" });
});
