import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

const names = ["a", "b", "c"] as const;
type Name = (typeof names)[number];
const stewards = new Map<Name, TestSteward>();
const folders = new Map<Name, string>();
const proxies = new Map<Name, LinkProxy>();
const at = (name: Name) => stewards.get(name) as TestSteward;
const proxy = (name: Name) => proxies.get(name) as LinkProxy;
const ref = (name: Name) => ({ nodeId: at(name).nodeId, wireUrl: proxy(name).url });

beforeAll(async () => {
  for (const name of names) {
    const dataDir = mkdtempSync(joinPath(tmpdir(), "steward-test-"));
    folders.set(name, dataDir);
    const steward = await startReplica({ dataDir });
    stewards.set(name, steward);
    proxies.set(name, await LinkProxy.open(steward.wireUrl));
  }
});
afterAll(async () => {
  await Promise.all([...stewards.values()].map((steward) => steward[Symbol.asyncDispose]()));
  await Promise.all([...proxies.values()].map((each) => each[Symbol.asyncDispose]()));
  for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true });
});

const endAt = (name: Name, zoneId: string) => {
  const row = at(name).steward.zones.queries.findZone(zoneId);
  return `${row?.headSeq} ${row?.headHash}`;
};

function say(member: WireClient, zoneId: string, content: string): Promise<Reply> {
  return member.ask({ type: "zone.message", zone_id: zoneId, id: createId("zmsg"), content });
}

/** Joins at a steward, as soon as it is in charge. */
async function join(name: Name, zoneId: string): Promise<WireClient> {
  const member = await WireClient.connect(at(name).wireUrl);
  await until(`${name} is in charge`, async () => {
    const { type } = await member.ask({ type: "zone.join", zone_id: zoneId });
    return type === "zone.joined";
  });
  return member;
}

test("another steward takes over with everything acknowledged; the former one follows when it is back", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(ref("a"), [ref("b"), ref("c")]));
  await creator.create(at("a"), zone);
  await using early = await join("a", zone.id);
  for (let i = 0; i < 5; i++) expect((await say(early, zone.id, `a${i}`)).type).toBe("zone.sent");
  // C alone acknowledges what comes now; then nobody reaches A any more.
  await at("b").steward[Symbol.asyncDispose]();
  for (let i = 5; i < 9; i++) expect((await say(early, zone.id, `a${i}`)).type).toBe("zone.sent");
  proxy("a").cut();
  const acknowledged = at("a").steward.zones.queries.findZone(zone.id)?.headSeq ?? 0;
  stewards.set("b", await startReplica({ dataDir: folders.get("b") ?? "" }));
  proxy("b").lead(at("b").wireUrl);
  const next = zone.next({ steward_set: toSet(ref("b"), [ref("a"), ref("c")]) });
  expect(await creator.update(at("b"), next)).toMatchObject({ type: "zone.manifest" });
  await using late = await join("b", zone.id);
  const page = await late.ask({ type: "zone.history", zone_id: zone.id, after_seq: 0 });
  const said = page.entries
    .filter(({ entry }: Reply) => entry.kind === "message")
    .map(({ entry }: Reply) => entry.data.content);
  expect(said).toEqual(["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8"]);
  expect(page.entries[acknowledged].entry).toMatchObject({
    kind: "event",
    data: { event: "updated", epoch: 2 },
  });
  // A cannot acknowledge any more, hears of it at the first contact, and follows.
  proxy("a").heal();
  await until("A adopts", () => epochAt(at("a"), zone.id) === 2);
  expect((await say(late, zone.id, "b0")).type).toBe("zone.sent");
  await until("A follows", () => endAt("a", zone.id) === endAt("b", zone.id));
  await until("C follows", () => endAt("c", zone.id) === endAt("b", zone.id));
});
