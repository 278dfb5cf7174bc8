import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LinkProxy } from "../support/link-proxy.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import {
  Creator,
  epochAt,
  readReplication,
  startReplica,
  toSet,
  until,
} from "./support/replicated-zone.ts";

let a: TestSteward;
let b: TestSteward;
let toB: LinkProxy;
beforeAll(async () => {
  const replication = { allow: ["*"], links_per_node: 4 };
  [a, b] = await Promise.all([startReplica({ config: { replication } }), startReplica()]);
  toB = await LinkProxy.open(b.wireUrl);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
  await toB[Symbol.asyncDispose]();
});

const linksAt = async (steward: TestSteward) => (await readReplication(steward))?.links;

describe("a link that breaks is dialed again", () => {
  const creator = new Creator();
  // B cannot dial A: what A says reaches it through the proxy alone.
  const makeZone = () => creator.sign(toSet({ nodeId: a.nodeId }, [{ ...b, wireUrl: toB.url }]));
  let zone: ReturnType<typeof makeZone>;

  test("what was adopted meanwhile is told then", async () => {
    zone = makeZone();
    await creator.create(a, zone);
    await until("the link", () => epochAt(b, zone.id) === 1);
    toB.cut();
    await until("A notices", async () => (await linksAt(a)) === 0);
    zone = zone.next({ name: "meanwhile" });
    await creator.update(a, zone);
    toB.heal();
    await until("B hears of it", () => epochAt(b, zone.id) === 2);
  });

  test("a link that brings nothing for L is closed at both ends, be it open or not", async () => {
    expect(await linksAt(b)).toBe(1);
    toB.swallow("back");
    await until("A, which hears nothing, closes", async () => (await linksAt(a)) === 0);
    toB.heal();
    await until("a new one", async () => (await linksAt(a)) === 1 && (await linksAt(b)) === 1);
    toB.swallow("there");
    await until("B, which hears nothing, closes", async () => (await linksAt(b)) === 0);
    toB.heal();
    await until("another one", async () => (await linksAt(a)) === 1 && (await linksAt(b)) === 1);
  });

  test("a link that is slow stays", async () => {
    toB.delay(200);
    const before = toB.count;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect([toB.count, await linksAt(a)]).toEqual([before, 1]);
    toB.heal();
  });
});

describe("a link and the sessions of its node id", () => {
  const key = createAgentKey();
  const creator = new Creator();

  /** Opens a session that speaks for a voter of a zone, and shows that it does. */
  async function openLink(zone = creator.sign(toSet(a, [{ nodeId: key.nodeId }]))) {
    if (epochAt(a, zone.id) === 0) await creator.create(a, zone);
    const link = await WireClient.connect(a.wireUrl, { key });
    const ask = async () => {
      const envelopes = [zone.envelope];
      const id = link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes });
      return await link.replyTo(id);
    };
    expect(await ask()).toMatchObject({ type: "zone.position" });
    return { link, zone, ask };
  }

  test("neither count among the others' four nor end for their sake", async () => {
    const { link, ask } = await openLink();
    await using _link = link;
    const agents: WireClient[] = [];
    for (let i = 0; i < 5; i++) {
      const agent = await WireClient.connect(a.wireUrl, { key });
      agents.push(agent);
      // A steward's session beyond four shows what it is by its first message.
      agent.sendBody({ type: "zone.discover" });
      await agent.nextBody("zone.directory");
    }
    const { fields } = await (agents[0] as WireClient).next("disconnect");
    expect(fields.reason).toBe("replaced");
    expect(await ask()).toMatchObject({ type: "zone.position" });
    const { link: second } = await openLink();
    expect(agents.slice(1).every(({ closed }) => !closed)).toBe(true);
    for (const each of [...agents, second]) await each[Symbol.asyncDispose]();
  });

  test("a fifth link ends the first one", async () => {
    const opened = [];
    for (let i = 0; i < 5; i++) opened.push((await openLink()).link);
    await opened[0]?.waitClosed();
    expect(opened.slice(1).every(({ closed }) => !closed)).toBe(true);
    for (const each of opened) await each[Symbol.asyncDispose]();
  });

  test("other bodies are not taken on a link", async () => {
    const { link, zone } = await openLink();
    await using _link = link;
    const id = link.sendBody({ type: "zone.inspect", zone_id: zone.id });
    expect((await link.next("error")).fields).toMatchObject({ code: 2003, ref_msg_id: id });
  });
});

test("neither a wire ban nor the rate of messages keeps a voter out", async () => {
  const limits = {
    unknown: { messages_per_second: 1, messages_per_minute: 3 },
    violations: 1,
    banned_refusals: 2,
  };
  await using steward = await startReplica({ config: { limits } });
  const creator = new Creator();
  const key = createAgentKey();
  const zone = creator.sign(toSet(steward, [{ nodeId: key.nodeId }]));
  await creator.create(steward, zone);
  await using agent = await WireClient.connect(steward.wireUrl, { key });
  for (let i = 0; i < 6; i++) agent.sendBody({ type: "zone.discover" });
  await agent.waitClosed();
  await using link = await WireClient.connect(steward.wireUrl, { key });
  for (let i = 0; i < 100; i++) {
    const envelopes = [zone.envelope];
    const id = link.sendBody({ type: "zone.epoch", zone_id: zone.id, envelopes });
    expect(await link.replyTo(id)).toMatchObject({ type: "zone.position" });
  }
});
