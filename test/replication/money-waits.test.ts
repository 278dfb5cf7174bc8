import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { Browser, findForm } from "../admin/dashboard/browser.ts";
import { LinkProxy } from "../support/link-proxy.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { answersTo, expectSentOn } from "./support/outcome.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";
import { joinHeld, openHeldZone } from "./support/voter.ts";

const price = { amount: "2000000", asset: "USDC", network: NETWORK };
const actions = ["work", "echo"].map((name) => ({ name, description: "Works.", price }));
/** Longer than the engine takes to send what it may. */
const QUIET_MS = 300;

let paid: PaidSteward;
let a: TestSteward;
let b: TestSteward;
beforeAll(async () => {
  const handlers = { "*": { work: { type: "provider" }, echo: { type: "echo" } } };
  const replication = { allow: ["*"] };
  paid = await startPaidSteward({ zones: { creation: "anyone" }, replication, handlers });
  a = paid.steward;
  b = await startReplica();
}, 60_000);
afterAll(async () => {
  await b?.[Symbol.asyncDispose]();
  await paid?.[Symbol.asyncDispose]();
});

const quiet = () => new Promise((resolve) => setTimeout(resolve, QUIET_MS));

/** Transactions of the steward's wallet, those that wait to be mined among them. */
async function countSent(): Promise<number> {
  const address = a.steward.walletAddress;
  return Number(await paid.chain.rpc("eth_getTransactionCount", [address, "pending"]));
}

async function connect({ wireUrl }: TestSteward): Promise<WireClient> {
  const client = await WireClient.connect(wireUrl);
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client;
}

test("nothing of money is told, broadcast or run before a voter holds the commit that says so", async () => {
  const fields = { type: "service", chain_id: paid.chain.chainId, actions };
  const held = await openHeldZone(a, { leaseMs: 60_000, fields });
  const { client, voter, zoneId, creator } = held;
  const provider = await connect(a);
  for (const member of [client, provider]) await joinHeld(held, member);
  const end = voter.ackAll();
  const of = { zone_id: zoneId, actions: ["work"] };
  await creator.ask(a, { type: "zone.approve", node_id: provider.nodeId, ...of });
  expect(await provider.ask({ type: "zone.provide", ...of })).toMatchObject({
    type: "zone.providing",
  });
  end();
  /** The newest record of the request that came to the voter. */
  const record = (): Reply | undefined =>
    voter
      .bodies("zone.entries")
      .flatMap(({ commits }) => commits ?? [])
      .flatMap(({ records }: Reply) => records)
      .filter(({ key }: Reply) => key[1] === "req_1")
      .at(-1)?.value;
  const untilRecord = (what: string, is: (value: Reply) => boolean) =>
    until(what, () => record() !== undefined && is(record() as Reply), 15_000);

  const request = { zone_id: zoneId, request_id: "req_1", action: "work", params: { n: 1 } };
  const asked = client.sendBody({ type: "zone.request", ...request });
  await untilRecord("the quote is committed", ({ state }) => state === "quoted");
  await quiet();
  expect(answersTo(client, asked)).toEqual([]);
  voter.ack();
  const { payment_requirement } = await client.replyTo(asked);

  const before = await countSent();
  const authorization = await authorize(payment_requirement, paid.payer);
  const pay = { type: "zone.payment", zone_id: zoneId, request_id: "req_1", authorization };
  const paying = client.sendBody(pay);
  await untilRecord(
    "the payment is committed",
    ({ payments }) => payments[0].state === "authorized",
  );
  await quiet();
  expect([answersTo(client, paying), await countSent()]).toEqual([[], before]);
  voter.ack();
  await untilRecord("it is settled, and runs", ({ state }) => state === "running");
  expect(await countSent()).toBe(before + 1);
  await quiet();
  const invokes = () =>
    provider.received.filter(({ fields }) => (fields.body as Reply)?.type === "zone.invoke");
  expect(invokes()).toEqual([]);
  voter.ack();
  await untilRecord("whom it is sent to is committed", ({ runs }) => runs.length === 1);
  await quiet();
  expect(invokes()).toEqual([]);
  voter.ack();
  const { invoke_id } = await provider.nextBody("zone.invoke");
  provider.sendBody({ type: "zone.result", invoke_id, result: { done: 1 } });
  await untilRecord("the result is committed", ({ result }) => result !== undefined);
  await quiet();
  expect(answersTo(client, paying)).toEqual(["ack"]);
  voter.ack();
  const response = { type: "zone.response", result: { done: 1 } };
  expect(await client.replyTo(paying)).toMatchObject(response);
});

test("a primary cut off with min_acks 0 takes messages and no money; another takes over, and what nobody acknowledged is set aside", async () => {
  const [toA, toB] = await Promise.all([LinkProxy.open(a.wireUrl), LinkProxy.open(b.wireUrl)]);
  onTestFinished(async () => {
    await Promise.all([toA[Symbol.asyncDispose](), toB[Symbol.asyncDispose]()]);
  });
  const [refA, refB] = [
    { nodeId: a.nodeId, wireUrl: toA.url },
    { nodeId: b.nodeId, wireUrl: toB.url },
  ];
  const creator = new Creator();
  const fields = { type: "service", chain_id: paid.chain.chainId, actions };
  const [free, safe] = [0, 1].map((minAcks) => creator.sign(toSet(refA, [refB]), minAcks, fields));
  if (free === undefined || safe === undefined) throw new Error("Two zones are signed.");
  const member = await connect(a);
  for (const zone of [free, safe]) {
    await creator.create(a, zone);
    await until("it is in charge", async () => {
      const answer = await member.ask({ type: "zone.join", zone_id: zone.id });
      return answer.type === "zone.joined" && (await show(a, zone.id)).in_charge.money;
    });
  }
  const say = (zone_id: string, content: string) =>
    member.ask({ type: "zone.message", zone_id, id: createId("zmsg"), content });
  const order = (zone_id: string) =>
    member.ask({
      type: "zone.request",
      zone_id,
      request_id: createId("req"),
      action: "echo",
      params: {},
    });
  expect(await say(safe.id, "both")).toMatchObject({ type: "zone.sent" });
  toA.cut();
  toB.cut();

  const late = { code: "internal", reason: "REPLICATION_TIMEOUT", recovery: "reconcile" };
  const [first, ordered] = await Promise.all([say(safe.id, "late"), order(free.id)]);
  expect([first, ordered]).toMatchObject([late, late]);
  const away = { code: "steward_unavailable", reason: "NO_LEASE" };
  expectSentOn(await say(safe.id, "refused"), away, a.nodeId);
  expectSentOn(await order(free.id), away, a.nodeId);
  expect(await say(free.id, "alone")).toMatchObject({ type: "zone.sent" });

  for (const zone of [free, safe]) {
    const next = zone.next({ steward_set: toSet(refB, [], [refA]) });
    expect(await creator.update(b, next)).toMatchObject({ type: "zone.manifest" });
    await until("the other one is in charge", async () => (await show(b, zone.id)).in_charge.other);
  }
  toA.heal();
  toB.heal();
  for (const zone of [free, safe]) {
    await until("it hears of that", () => epochAt(a, zone.id) === 2);
    await until("it follows", async () => {
      const [mine, theirs] = [await show(a, zone.id), await show(b, zone.id)];
      return mine.state === "ready" && mine.position.digest === theirs.position.digest;
    });
  }
  expect(await listAside(a, free.id)).toEqual(["alone"]);
  expect(await listAside(a, safe.id)).toEqual(["late"]);
  const browser = new Browser(a);
  await browser.login(a.token);
  const at = `/admin/replication/${free.id}`;
  expect((await browser.open(at)).text).toContain("&quot;alone&quot;");
  const asked = await browser.submit(at, "removeQuarantine");
  expect(asked.text).toContain("They do not come back.");
  const form = findForm(asked.text, "removeQuarantine");
  expect((await browser.open("/admin/do/removeQuarantine", { form })).status).toBe(303);
  expect(await listAside(a, free.id)).toEqual([]);
  // What is released is told a moment after it is copied: a page waits for what its reader knows of.
  const known = { after_seq: 0, min_seq: 4 };
  const page = await member.ask({ type: "zone.history", zone_id: safe.id, ...known });
  expect(page.entries.map(({ entry }: Reply) => entry.data.content ?? entry.data.event)).toEqual([
    ...["created", "joined", "both", "updated"],
  ]);
});

async function show(steward: TestSteward, zoneId: string): Promise<Reply> {
  return (await steward.api("GET", `/v1/replicas/${zoneId}`)).body;
}

/** The messages that were set aside. */
async function listAside(steward: TestSteward, zoneId: string): Promise<string[]> {
  const { body } = await steward.api("GET", `/v1/replicas/${zoneId}/quarantine`);
  return body.quarantine
    .flatMap(({ entries }: Reply) => entries)
    .map(({ entry }: Reply) => entry.data.content);
}
