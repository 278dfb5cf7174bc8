import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, epochAt, startReplica, toSet, until } from "./support/replicated-zone.ts";

let a: TestSteward;
let b: TestSteward;
beforeAll(async () => {
  [a, b] = await Promise.all([startReplica(), startReplica()]);
});
let isGone = false;
afterAll(async () => {
  await a[Symbol.asyncDispose]();
  if (!isGone) await b[Symbol.asyncDispose]();
});

const show = async (steward: TestSteward, zoneId: string): Promise<Reply> =>
  (await steward.api("GET", `/v1/replicas/${zoneId}`)).body;

test("of two envelopes of one epoch a steward goes by the first, and by the other at its operator's word", async () => {
  const creator = new Creator();
  const zone = creator.sign(toSet(a, [b]));
  await creator.create(a, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  const [first, other] = ["first", "other"].map((name) => zone.next({ name }));
  if (first === undefined || other === undefined) throw new Error("Nothing was signed.");
  await creator.update(b, first);
  expect(await creator.update(b, other)).toMatchObject({ reason: "FORK" });
  const name = async () => (await b.api("GET", `/v1/zones/${zone.id}`)).body.envelope.manifest.name;
  const resync = (branch: string) => b.api("POST", `/v1/replicas/${zone.id}/resync`, { branch });
  const hashOf = (signed: typeof zone) => String(signed.next().envelope.prev);
  expect(await resync("0".repeat(64))).toMatchObject({ status: 404 });
  expect(await resync(hashOf(other))).toMatchObject({ status: 202, body: { epoch: 2 } });
  expect(await name()).toBe("other");
  expect((await show(b, zone.id)).envelope_hash).toBe(hashOf(other));
  expect(await creator.update(b, first)).toMatchObject({ reason: "FORK" });
  expect(await creator.update(b, other.next({ name: "third" }))).toMatchObject({
    type: "zone.manifest",
  });
  expect(await name()).toBe("third");
});

test("a steward that is added follows, becomes a voter once it is ready, and takes over when it is promoted", async () => {
  const zoneId = await a.createZone();
  await using member = await WireClient.connect(a.wireUrl);
  await member.ask({ type: "zone.join", zone_id: zoneId });
  const set = { node_id: b.nodeId, entrypoint: b.wireUrl };
  const added = await a.api("POST", `/v1/zones/${zoneId}/stewards`, set);
  expect(added).toMatchObject({ status: 202, body: { epoch: 2 } });
  await until("it is a voter", () => epochAt(b, zoneId) === 3);
  await until("it is ready", async () => (await show(b, zoneId)).state === "ready");
  await until("money is taken", async () => (await show(a, zoneId)).in_charge.money);
  expect(await show(a, zoneId)).toMatchObject({
    role: "primary",
    state: "primary",
    in_charge: { money: true, other: true },
    waiting_for: [],
    peers: [{ node_id: b.nodeId, voter: true, connected: true, state: "ready", lag_n: 0 }],
  });
  const promote = () => a.api("POST", `/v1/replicas/${zoneId}/promote`, { node_id: b.nodeId });
  expect(await promote()).toMatchObject({ status: 202, body: { epoch: 4, primary: b.nodeId } });
  await until("it is in charge", async () => (await show(b, zoneId)).in_charge?.other);
  expect(await promote()).toMatchObject({ status: 200, body: { epoch: 4, primary: b.nodeId } });
  await until("the former primary follows", async () => (await show(a, zoneId)).state === "ready");
  expect(await show(a, zoneId)).toMatchObject({ role: "replica", primary: b.nodeId });
  const [there, here] = [await show(b, zoneId), await show(a, zoneId)];
  expect(here.position).toEqual(there.position);

  await b[Symbol.asyncDispose]();
  isGone = true;
  const back = await a.api("POST", `/v1/replicas/${zoneId}/promote`);
  expect(back).toMatchObject({ status: 202, body: { epoch: 5, primary: a.nodeId } });
  await until("it takes money alone", async () => (await show(a, zoneId)).in_charge.money);
  // Who was away is no voter: what is left does not wait for it.
  expect((await show(a, zoneId)).peers).toMatchObject([
    { node_id: b.nodeId, voter: false, connected: false },
  ]);
  await using later = await WireClient.connect(a.wireUrl);
  expect(await later.ask({ type: "zone.join", zone_id: zoneId })).toMatchObject({ epoch: 5 });
});
