import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { bundleSteward } from "../payments/matrix/steward-bundle.ts";
import type { SignedZone } from "../support/creator.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import { createApi, type TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { ClusterNode } from "./support/cluster.ts";
import type { KillPoint } from "./support/killed-steward.ts";
import { expectSentOn } from "./support/outcome.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

const source = fileURLToPath(new URL("./support/killed-steward.ts", import.meta.url));
const folder = mkdtempSync(joinPath(tmpdir(), "dead-stewards-"));
let program: string;
const creator = new Creator();
const key = createAgentKey();

/** The primary of every zone at first, in a process of its own; two voters. */
const a = new ClusterNode();
let r: TestSteward;
let s: TestSteward;
let toS: LinkProxy;
const tokens = new Map<string, string>();

const startS = () => startReplica({ dataDir: joinPath(folder, "s") });
const refS = () => ({ nodeId: s.nodeId, wireUrl: toS.url });
const startA = (at?: KillPoint) =>
  a.start({ program, ...(at && { env: { KILL_AT: JSON.stringify(at) } }) });

beforeAll(async () => {
  program = await bundleSteward(folder, source);
  [, r, s] = await Promise.all([
    startA({ content: "dies before", when: "before" }),
    startReplica(),
    startS(),
  ]);
  toS = await LinkProxy.open(s.wireUrl);
  for (const { nodeId, token } of [r, s]) tokens.set(nodeId, token);
}, 60_000);
afterAll(async () => {
  await Promise.all([a, r, s].map((steward) => steward?.[Symbol.asyncDispose]()));
  await toS?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

type At = { readonly wireUrl: string };

async function ask({ wireUrl }: At, zone: SignedZone, body: Reply): Promise<Reply> {
  await using member = await WireClient.connect(wireUrl, { key });
  return await member.ask({ zone_id: zone.id, ...body });
}

const say = (at: At, zone: SignedZone, content: string, id = createId("zmsg")) =>
  ask(at, zone, { type: "zone.message", id, content });

/** Says something again and again, under one id, until it is acknowledged. */
async function insist(at: At, zone: SignedZone, content: string, id = createId("zmsg")) {
  await until(`${content} is acknowledged`, async () => {
    return (await say(at, zone, content, id)).type === "zone.sent";
  });
}

async function listSaid(at: At, zone: SignedZone): Promise<string[]> {
  const page = await ask(at, zone, { type: "zone.history", after_seq: 0 });
  return (page.entries ?? []).flatMap(({ entry }: Reply) => entry.data.content ?? []);
}

/** Says what nobody is told of any more: the primary dies of it. */
async function sayLast(zone: SignedZone, content: string, id = createId("zmsg")): Promise<void> {
  await using member = await WireClient.connect(a.wireUrl, { key });
  member.sendBody({ type: "zone.message", zone_id: zone.id, id, content });
  await a.ended();
  expect(member.received.filter(({ type }) => type === "message_ack")).toEqual([]);
}

/** A zone of the primary and both voters, or one, that somebody has joined. */
async function open(voters: Parameters<typeof toSet>[1] = [r, refS()]): Promise<SignedZone> {
  const zone = creator.sign(toSet(a, voters));
  await creator.create(a, zone);
  await until("it is in charge", async () => {
    return (await ask(a, zone, { type: "zone.join" })).type === "zone.joined";
  });
  await insist(a, zone, "first");
  return zone;
}

async function promote(zone: SignedZone, to: TestSteward, set: Reply[]): Promise<SignedZone> {
  const next = zone.next({ steward_set: set });
  expect(await creator.update(to, next)).toMatchObject({ type: "zone.manifest" });
  return next;
}

/** Asks the operator's API; the token of a steward was shown at its first start. */
async function show({ nodeId, httpUrl }: TestSteward, zone: SignedZone): Promise<Reply> {
  const api = createApi(httpUrl, tokens.get(nodeId) ?? "");
  return (await api("GET", `/v1/replicas/${zone.id}`)).body;
}

test("a primary that dies before its COMMIT did nothing; after it, its last commits are streamed on when it is back", async () => {
  const [before, after] = [await open(), await open()];
  const id = createId("zmsg");
  await sayLast(before, "dies before", id);
  await startA({ content: "dies after", when: "after" });
  await insist(a, before, "dies before", id);
  expect(await listSaid(a, before)).toEqual(["first", "dies before"]);

  await until("a voter is told what is acknowledged", async () => {
    return (await listSaid(r, after)).length === 1;
  });
  await sayLast(after, "dies after");
  expect(a.log(after.id).at(-1)?.message_id).toMatch(/^zmsg_/);
  // Meanwhile, with its creator away, too, a voter shows what was acknowledged, and takes nothing.
  await until("the link is gone", async () => {
    return (await say(r, after, "refused")).reason === "NO_PRIMARY";
  });
  const away = { code: "steward_unavailable", reason: "NO_PRIMARY" };
  expectSentOn(await say(r, after, "refused"), away, a.nodeId);
  expect(await listSaid(r, after)).toEqual(["first"]);
  await startA({ content: "dies again", when: "after" });
  await insist(a, after, "back");
  await until("the voters have it", async () => {
    const said = await Promise.all([listSaid(r, after), listSaid(s, after)]);
    return said.every((texts) => texts.join() === "first,dies after,back");
  });
}, 60_000);

test("what any voter acknowledged is kept by whoever takes over; what none did is set aside when the dead one is back", async () => {
  const [kept, alone, tail] = [await open(), await open([r]), await open()];
  await s[Symbol.asyncDispose]();
  for (const zone of [kept, alone]) await insist(a, zone, "by one voter");
  await insist(a, tail, "second");
  await sayLast(tail, "dies again");
  s = await startS();
  toS.lead(s.wireUrl);

  const refA = { nodeId: a.nodeId, wireUrl: a.wireUrl };
  await promote(kept, s, toSet(refS(), [r, refA]));
  await promote(alone, r, toSet(r, [], [refA]));
  await promote(tail, r, toSet(r, [refS()], [refA]));
  await insist(s, kept, "by another primary");
  await insist(r, alone, "by one disk");
  await insist(r, tail, "by another primary");
  expect(await listSaid(s, kept)).toEqual(["first", "by one voter", "by another primary"]);
  expect(await listSaid(r, alone)).toEqual(["first", "by one voter", "by one disk"]);

  await startA();
  for (const [zone, at] of [
    [kept, s],
    [alone, r],
    [tail, r],
  ] as const) {
    await until("the dead one follows", async () => {
      const { position } = await show(at, zone);
      return a.standing(zone.id)?.digest === position.digest;
    });
  }
  expect(await listSaid(r, tail)).toEqual(["first", "second", "by another primary"]);
  const aside = a.quarantined(tail.id);
  expect(aside.map(({ document }) => JSON.parse(document).entry.data.content)).toEqual([
    "dies again",
  ]);
}, 60_000);

test("with all who may hold something gone a voter waits for one of them, or for the creator's word that it may be lost", async () => {
  const zone = await open();
  await until("both hold it", async () => (await show(s, zone)).state === "ready");
  await a.kill();
  await r[Symbol.asyncDispose]();
  const refA = { nodeId: a.nodeId };
  const next = await promote(zone, s, toSet(refS(), [], [refA, { nodeId: r.nodeId }]));
  await until("it waits for one of them", async () => {
    const { state, waiting_for } = await show(s, zone);
    return state === "recovering" && [...waiting_for].sort().join() === gone().join();
  });
  expectSentOn(
    await say(s, zone, "refused"),
    { code: "steward_unavailable", reason: "RECOVERING" },
    s.nodeId,
  );
  const [primary, ...others] = toSet(refS(), [], [refA]);
  await promote(next, s, [{ ...primary, accept_loss: true }, ...others]);
  await insist(s, zone, "goes on");
  expect(await listSaid(s, zone)).toEqual(["first", "goes on"]);
  expect(epochAt(s, zone.id)).toBe(3);
}, 60_000);

const gone = () => [a.nodeId, r.nodeId].sort();
