import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import { createApi, type TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { expectSentOn } from "./support/outcome.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

const dir = mkdtempSync(joinPath(tmpdir(), "old-backup-"));
const [dataDir, backup] = [joinPath(dir, "data"), joinPath(dir, "backup")];
const key = createAgentKey();
const creator = new Creator();

let a: TestSteward;
let token: string;
let b: TestSteward;
let toA: LinkProxy;
let toB: LinkProxy;

beforeAll(async () => {
  [a, b] = await Promise.all([startReplica({ dataDir }), startReplica()]);
  token = a.token;
  [toA, toB] = await Promise.all([LinkProxy.open(a.wireUrl), LinkProxy.open(b.wireUrl)]);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
  await Promise.all([toA[Symbol.asyncDispose](), toB[Symbol.asyncDispose]()]);
  rmSync(dir, { recursive: true, force: true });
});

/** Starts the primary again, after something was done with its files. */
async function startAgain(change: () => void): Promise<void> {
  await a[Symbol.asyncDispose]();
  change();
  a = await startReplica({ dataDir });
  toA.lead(a.wireUrl);
}

async function ask(body: Reply): Promise<Reply> {
  await using member = await WireClient.connect(a.wireUrl, { key });
  return await member.ask(body);
}

const say = (zone_id: string, content: string) =>
  ask({ type: "zone.message", zone_id, id: createId("zmsg"), content });

const untilSaid = (zone_id: string, content: string) =>
  until("it is in charge", async () => (await say(zone_id, content)).type === "zone.sent");

async function readTexts(zone_id: string): Promise<unknown[]> {
  const page = await ask({ type: "zone.history", zone_id, after_seq: 0 });
  return page.entries.flatMap(({ entry }: Reply) => entry.data.content ?? []);
}

test("a primary on an older copy that nobody told of meets what others hold: STATE_LOST until the next epoch, and nothing acknowledged is lost", async () => {
  const [refA, refB] = [
    { nodeId: a.nodeId, wireUrl: toA.url },
    { nodeId: b.nodeId, wireUrl: toB.url },
  ];
  const zones = [1, 0].map((minAcks) => creator.sign(toSet(refA, [refB]), minAcks));
  for (const zone of zones) {
    await creator.create(a, zone);
    await until("it is in charge", async () => {
      return (await ask({ type: "zone.join", zone_id: zone.id })).type === "zone.joined";
    });
    await untilSaid(zone.id, "before");
  }
  const [safe, free] = zones.map(({ id }) => id) as [string, string];
  await startAgain(() => cpSync(dataDir, backup, { recursive: true }));
  for (const zoneId of [safe, free]) await untilSaid(zoneId, "after");
  await until("the voter has it", () => textsAt(b, safe) === 2 && textsAt(b, free) === 2);

  toB.cut();
  toA.cut();
  await startAgain(() => {
    rmSync(dataDir, { recursive: true });
    cpSync(backup, dataDir, { recursive: true });
  });
  // Cut off it knows nothing: with min_acks 0 it goes on after L, else it waits for who can tell.
  expectSentOn(await say(safe, "again"), refused("RECOVERING"), a.nodeId);
  await untilSaid(free, "alone");
  toB.heal();
  toA.heal();
  for (const zoneId of [safe, free]) {
    let refusal: Reply = {};
    await until("it learns what it lost", async () => {
      refusal = await say(zoneId, "refused");
      return refusal.reason === "STATE_LOST";
    });
    expectSentOn(refusal, refused("STATE_LOST"), a.nodeId);
    expect(await show(zoneId)).toMatchObject({ state: "halted", halted: "STATE_LOST", lost: true });
  }
  for (const zone of zones) {
    const next = zone.next({ steward_set: toSet(refA, [refB]) });
    expect(await creator.update(a, next)).toMatchObject({ type: "zone.manifest" });
    await until("the voter adopts", () => epochAt(b, zone.id) === 2);
    await untilSaid(zone.id, "once more");
  }
  expect(await readTexts(safe)).toEqual(["before", "after", "once more"]);
  expect(await readTexts(free)).toEqual(["before", "after", "once more"]);
  const { quarantine } = await show(free, "/quarantine");
  expect(quarantine[0].entries[0].entry.data.content).toBe("alone");
});

/** Asks the operator's API; its token was shown at the first start. */
async function show(zoneId: string, more = ""): Promise<Reply> {
  return (await createApi(a.httpUrl, token)("GET", `/v1/replicas/${zoneId}${more}`)).body;
}

const refused = (reason: string) => ({ code: "steward_unavailable", reason });

const textsAt = ({ steward }: TestSteward, zoneId: string): number =>
  [...steward.zones.queries.iterateLog(zoneId, 0, 100)].filter(({ kind }) => kind === "message")
    .length;
