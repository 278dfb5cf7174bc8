import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, startReplica, toSet, until } from "./support/replicated-zone.ts";

let a: TestSteward;
let b: TestSteward;
let toA: LinkProxy;
let toB: LinkProxy;
const creator = new Creator();
let zoneId: string;

beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
  [toA, toB] = await Promise.all([LinkProxy.open(a.wireUrl), LinkProxy.open(b.wireUrl)]);
  const at = (steward: TestSteward, { url }: LinkProxy) => ({ ...steward, wireUrl: url });
  const zone = creator.sign(toSet(at(a, toA), [at(b, toB)]));
  zoneId = zone.id;
  await creator.create(a, zone);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
  await Promise.all([toA[Symbol.asyncDispose](), toB[Symbol.asyncDispose]()]);
});

/** The end of a steward's log. */
const endAt = ({ steward }: TestSteward) => {
  const row = steward.zones.queries.findZone(zoneId);
  return `${row?.headSeq} ${row?.headHash}`;
};

async function say(member: WireClient, content: string): Promise<Reply> {
  return await member.ask({ type: "zone.message", zone_id: zoneId, id: createId("zmsg"), content });
}

async function join(): Promise<WireClient> {
  const member = await WireClient.connect(a.wireUrl);
  await until("the primary is in charge", async () => {
    const { type } = await member.ask({ type: "zone.join", zone_id: zoneId });
    return type === "zone.joined";
  });
  return member;
}

describe("a zone of a primary and one voter, over links that fail", () => {
  test("what is acknowledged is at both", async () => {
    await using member = await join();
    for (let i = 0; i < 20; i++) expect(await say(member, `m${i}`)).toMatchObject({ seq: 3 + i });
    expect(endAt(b)).toBe(endAt(a));
  });

  test("without the voter nothing is acknowledged, and nothing is taken", async () => {
    await using member = await join();
    toA.cut();
    toB.cut();
    const late = await say(member, "late");
    expect(late).toMatchObject({ code: "internal", reason: "REPLICATION_TIMEOUT" });
    expect(await say(member, "refused")).toMatchObject({
      code: "steward_unavailable",
      reason: "NO_LEASE",
    });
    toA.heal();
    toB.heal();
    await until("the voter has it", () => endAt(a) === endAt(b));
    await until("it goes on", async () => (await say(member, "again")).type === "zone.sent");
  });
});
