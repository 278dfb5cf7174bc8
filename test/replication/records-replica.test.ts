import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { listRecords } from "../../src/replication/records/listing.ts";
import { preparePlainRows, prepareRequestRows } from "../../src/store/replication/record-rows.ts";
import { prepareReplicaRequestQueries } from "../../src/store/replication/replica-requests.ts";
import type { SignedZone } from "../support/creator.ts";
import { balanceOf } from "../support/foreign-payment.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { Creator, toSet, until } from "./support/replicated-zone.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };
const echo = { type: "echo" };
const CONFIG = {
  handlers: { "*": { free: echo, direct: echo, held: echo } },
  zones: { creation: "anyone" },
  replication: { allow: ["*"] },
};

let paid: PaidSteward;
let replica: TestSteward;
let zone: SignedZone;
const creator = new Creator();

beforeAll(async () => {
  paid = await startPaidSteward(CONFIG);
  replica = await paid.start(CONFIG);
  zone = creator.sign(toSet(paid.steward, [replica]), 1, {
    chain_id: paid.chain.chainId,
    actions: [
      { name: "free", description: "For nothing." },
      { name: "direct", description: "Paid at once.", price: PRICE },
      { name: "held", description: "By escrow.", price: { ...PRICE, settlement_mode: "escrow" } },
    ],
  });
  await creator.create(paid.steward, zone);
});
afterAll(async () => {
  await replica[Symbol.asyncDispose]();
  await paid[Symbol.asyncDispose]();
});

/** A steward's records of the zone, and how many requests it has as rows. */
function read({ steward, nodeId }: TestSteward) {
  const { store } = steward.zones;
  const deps = {
    plain: preparePlainRows(store),
    requests: prepareRequestRows(store),
    replicaRequests: prepareReplicaRequestQueries(store),
    ownNodeId: nodeId,
  };
  const rows = store.raw.prepare("SELECT count(*) FROM requests").pluck().get();
  return { records: listRecords(deps, zone.id, undefined, 1000), rows };
}

function digestOf({ steward }: TestSteward): unknown {
  return steward.zones.store.raw
    .prepare("SELECT digest FROM replicated_zones WHERE complete = 1")
    .pluck()
    .get();
}

async function level(): Promise<void> {
  await until("the replica is level", async () => {
    await paid.steward.steward.idle();
    return digestOf(replica) !== undefined && digestOf(replica) === digestOf(paid.steward);
  });
}

async function join(steward: TestSteward): Promise<WireClient> {
  const client = await WireClient.connect(steward.wireUrl);
  await until("the primary is in charge", async () => {
    const answer = await client.ask({ type: "zone.join", zone_id: zone.id });
    return answer.type === "zone.joined";
  });
  return client;
}

async function buy(client: WireClient, action: string): Promise<Reply> {
  const request_id = createId("req");
  const params = { n: 1 };
  const ask = { type: "zone.request", zone_id: zone.id, request_id, action, params };
  const { payment_requirement } = await client.ask(ask);
  const authorization = await authorize(payment_requirement, paid.payer);
  const answer = await client.ask({ type: "zone.payment", request_id, authorization });
  expect(answer.type, JSON.stringify(answer)).toBe("zone.response");
  return answer;
}

test("a voter holds every paid request as its primary does, and has its rows once it takes over", async () => {
  const client = await join(paid.steward);
  const request = { type: "zone.request", zone_id: zone.id, request_id: "req_free" };
  await client.ask({ ...request, action: "free", params: {} });
  const direct = await buy(client, "direct");
  const held = await buy(client, "held");
  await level();
  const before = read(paid.steward);
  expect(read(replica)).toEqual({ ...before, rows: 0 });
  expect(before.records.filter(({ kind }) => kind === "request")).toHaveLength(3);

  const set = toSet(replica, [paid.steward]);
  const next = zone.next({ steward_set: set });
  expect(await creator.update(replica, next)).toMatchObject({ type: "zone.manifest" });
  await until("the former voter is the primary", () => read(replica).rows === 3);
  const other = await join(replica);
  await level();
  const after = read(replica);
  expect(read(paid.steward).records).toEqual(after.records);
  // What the new primary has read of the chain since is its own.
  const requests = ({ records }: typeof after) =>
    records
      .filter(({ kind }) => kind === "request")
      .map(({ key, value }) => ({ key, ...value, escrow: undefined, updated_at: undefined }));
  expect(requests(after)).toEqual(requests(before));
  const again = await WireClient.connect(replica.wireUrl, { key: client.key });
  const receipt = (request_id: unknown) => again.ask({ type: "zone.receipt", request_id });
  expect(await receipt(direct.request_id)).toMatchObject({ settlement: direct.settlement });
  expect(await receipt(held.request_id)).toMatchObject({ escrow: { status: "deposited" } });
  for (const one of [client, other, again]) await one[Symbol.asyncDispose]();
});

test("a payment that is on its way at a take-over is charged once, by whomever, and answered by the new primary", async () => {
  // The replica is the primary since the test before; now the first one takes over again.
  const [from, to] = [replica, paid.steward];
  const client = await join(from);
  const request_id = createId("req");
  const ask = { type: "zone.request", zone_id: zone.id, request_id, action: "direct", params: {} };
  const { payment_requirement } = await client.ask(ask);
  const authorization = await authorize(payment_requirement, paid.payer);
  const chain = { ...paid.chain, ...paid.contracts, token: paid.contracts.usdc };
  const balance = () => balanceOf(chain, paid.payer.address);
  const before = await balance();
  await paid.chain.rpc("evm_setIntervalMining", [0]);
  await client.sendBody({ type: "zone.payment", request_id, authorization });
  await until("its primary sent it", () => stateOf(from, request_id) === "submitted");
  await until("the voter has it", () =>
    JSON.stringify(read(to).records).includes(payment_requirement.nonce),
  );

  const second = zone.next({ steward_set: toSet(replica, [paid.steward]) });
  const third = second.next({ steward_set: toSet(paid.steward, [replica]) });
  expect(await creator.update(to, third)).toMatchObject({ type: "zone.manifest" });
  await until("the new primary sent it, too", () => stateOf(to, request_id) === "submitted");
  expect(stateOf(from, request_id)).toBeUndefined();
  await paid.chain.rpc("evm_setIntervalMining", [1]);
  const again = await WireClient.connect(to.wireUrl, { key: client.key });
  let answer: Reply = {};
  await until("it is answered", async () => {
    answer = await again.ask({ type: "zone.receipt", request_id });
    return answer.type === "zone.response";
  });
  expect(answer.settlement.tx_hash).toMatch(/^0x/);
  expect(before - (await balance())).toBe(BigInt(PRICE.amount));
  for (const one of [client, again]) await one[Symbol.asyncDispose]();
});

function stateOf({ steward }: TestSteward, requestId: string): unknown {
  return steward.zones.store.raw
    .prepare("SELECT state FROM payments WHERE request_id = ?")
    .pluck()
    .get(requestId);
}
