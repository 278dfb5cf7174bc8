import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { toGenesisHash } from "../../src/zones/log/log.ts";
import type { SignedZone } from "../support/creator.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { beginForeignZone, standAt, toEntries } from "./support/foreign-primary.ts";
import { type Asked, ForeignSteward, heard } from "./support/foreign-steward.ts";
import { answersTo } from "./support/outcome.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";
import { tellSnapshot } from "./support/told-snapshot.ts";
import { OTHER, ToldZone } from "./support/told-zone.ts";
import { joinHeld, openHeldZone } from "./support/voter.ts";

let a: TestSteward;
let b: TestSteward;
beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
});
afterAll(async () => {
  await Promise.all([a[Symbol.asyncDispose](), b[Symbol.asyncDispose]()]);
});

const show = async (zoneId: string): Promise<Reply> =>
  (await a.api("GET", `/v1/replicas/${zoneId}`)).body;

const toMessage = (zone_id: string) => ({
  ...{ type: "zone.message", zone_id, id: createId("zmsg"), content: "hello" },
});

test("an acknowledgement of another digest, or of what was never sent, counts for nothing", async () => {
  const held = await openHeldZone(a, { leaseMs: 60_000 });
  await joinHeld(held);
  const { client, voter, zone, zoneId } = held;
  const { n } = voter.newest ?? { n: 0 };
  const id = client.sendBody(toMessage(zoneId));
  await until("the commit came", () => (voter.newest?.n ?? 0) > n);
  const newest = voter.newest ?? { n: 0, digest: "" };
  voter.ack({ n: newest.n + 1, digest: newest.digest });
  voter.ack({ n: newest.n, digest: "0".repeat(64) });
  const { link } = voter;
  const asked = { type: "zone.epoch", zone_id: zoneId, envelopes: [zone.envelope] };
  const { envelope_hash, position } = await link.replyTo(link.sendBody(asked));
  expect(answersTo(client, id)).toEqual([]);
  // Who asks from there holds it.
  const log = [{ seq: 0, hash: toGenesisHash(zoneId) }];
  const follow = { zone_id: zoneId, epoch: 1, envelope_hash, window: 65_536, log, position };
  link.sendBody({ type: "zone.replicate", ...follow });
  expect(await client.replyTo(id)).toMatchObject({ type: "zone.sent" });
});

/** What a voter says of where it stands, instead of the truth that is the primary's own word. */
const CLAIMS: Record<string, (truth: Reply, liar: ForeignSteward) => Reply> = {
  "a position beyond it, without a head": ({ position }) => ({
    ...{ position: { ...position, n: position.n + 50 }, head: null },
  }),
  "a position beyond it, with a head of his own": ({ position, head }, liar) => {
    const told = new ToldZone({ zoneId: head.zone_id, signer: liar.signer });
    told.commit({ epoch: 1, messages: ["invented"] });
    const own = told.headAt(1);
    return { position: { ...position, n: position.n + 50, digest: own.state }, head: own };
  },
  "another digest than the head's": ({ position, head }) => ({
    ...{ position: { ...position, n: position.n + 50, digest: "0".repeat(64) }, head },
  }),
  "a number beyond that of the digest": ({ position, head }) => ({
    ...{ position: { ...position, n: position.n + 50 }, head },
  }),
};

test("a voter that claims what it has not, however, is not counted, and does not stop the primary", async () => {
  const liar = await ForeignSteward.start();
  const zones: SignedZone[] = [];
  const lied = new Map<string, Asked>();
  for (const claim of Object.values(CLAIMS)) {
    const creator = new Creator();
    const zone = creator.sign(toSet(a, [b, liar]));
    await creator.create(a, zone);
    const { link, position: truth } = await liar.dial(a, zone);
    onTestFinished(() => link[Symbol.asyncDispose]());
    expect(truth.head).toMatchObject({ steward: a.nodeId, state: truth.position.digest });
    const { type, zone_id, epoch, envelope_hash } = truth;
    const lie = { type, zone_id, epoch, envelope_hash, state: "ready", ...claim(truth, liar) };
    liar.answer(zone.id, {
      "zone.epoch": (asked) => {
        liar.reply(asked, lie);
        lied.set(zone.id, asked);
      },
    });
    zones.push(zone);
  }
  // Whom it broke with it asks all again.
  lied.clear();
  liar.drop();
  for (const { id } of zones) {
    await until("it is asked", () => lied.has(id));
    await liar.taken(lied.get(id) as Asked);
    await using member = await WireClient.connect(a.wireUrl);
    await until("it is in charge", async () => {
      return (await member.ask({ type: "zone.join", zone_id: id })).type === "zone.joined";
    });
    expect(await member.ask(toMessage(id))).toMatchObject({ type: "zone.sent" });
    expect(await show(id)).toMatchObject({ state: "primary", halted: null, evidence: 0 });
  }
});

test("who takes over waits for more than a claim, takes nothing altered, and goes on once it is told what holds", async () => {
  const former = await ForeignSteward.start();
  const liar = await ForeignSteward.start();
  const key = createAgentKey();
  const begun = await beginForeignZone(former, [a], [key.nodeId], [liar]);
  const { zone, told, creator } = begun;
  const asked = await heard(former, zone.id, "zone.replicate");
  const { begin, chunk, end } = tellSnapshot(told, { n: 3, epoch: 1, signer: former.signer });
  for (const body of [begin, chunk, end]) former.say(asked, body);
  await until("it has a copy", async () => (await show(zone.id)).position?.n === 3);

  // Two more that only the other voter acknowledged; the former primary says nothing any more.
  const truth = standAt(former, begun);
  told.commit({ epoch: 1, messages: ["fourth"] });
  told.commit({ epoch: 1, messages: ["fifth"] });
  former.answer(zone.id, { "zone.epoch": () => {} });
  const next = zone.next({ steward_set: toSet(a, [], [liar, former]) });
  const say = (claim: Reply) => ({ ...truth, ...claim, epoch: 2, envelope_hash: next.hash });
  let claim = say({ ...standAt(former, begun), head: told.headAt(5, OTHER) });
  liar.answer(zone.id, { "zone.epoch": (question) => liar.reply(question, claim) });
  expect(await creator.update(a, next)).toMatchObject({ type: "zone.manifest" });
  await until("it asks", () =>
    liar.listAsked(zone.id, "zone.epoch").some(({ body }) => body.envelopes.at(-1).epoch === 2),
  );
  await until("it knows whom it waits for", async () => {
    const { state, waiting_for } = await show(zone.id);
    return state === "recovering" && waiting_for.includes(liar.nodeId);
  });
  expect(liar.listAsked(zone.id, "zone.replicate")).toEqual([]);

  claim = say(standAt(former, begun));
  const altered = toEntries(begun, 4);
  const [first] = altered.commits;
  const [entry] = first.entries;
  const else_ = { ...first, entries: [{ ...entry, data: { ...entry.data, content: "else" } }] };
  liar.answer(zone.id, {
    "zone.replicate": (question) =>
      liar.say(question, { ...altered, epoch: 2, commits: [else_, altered.commits[1]] }),
  });
  liar.drop();
  const recover = await heard(liar, zone.id, "zone.replicate");
  expect(recover.body).toMatchObject({ recover: true, position: { n: 3 } });
  await until("it is caught", async () => (await show(zone.id)).evidence === 1);
  const { body } = await a.api("GET", `/v1/replicas/${zone.id}/evidence`);
  expect(body.evidence).toMatchObject([
    { kind: "CHAIN", signer: liar.nodeId, documents: [{ fault: "LOG_HASH" }, {}] },
  ]);
  expect(await show(zone.id)).toMatchObject({
    ...{ state: "recovering", halted: null, position: { n: 3 } },
  });

  // What it can check against its own counts again, although the liar keeps the rest back.
  claim = say(truth);
  liar.drop();
  await until("it is in charge", async () => (await show(zone.id)).in_charge.other);
  await using member = await WireClient.connect(a.wireUrl, { key });
  const page = await member.ask({ type: "zone.history", zone_id: zone.id, after_seq: 0 });
  const said = page.entries.map(({ entry: { data } }: Reply) => data.content ?? data.event);
  expect(said).toEqual(["created", "first", "second", "updated"]);
  expect(epochAt(a, zone.id)).toBe(2);
});
