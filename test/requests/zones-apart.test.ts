import { erc20Abi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent, createMemoryLedger } from "../../src/client/agent.ts";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { PRICE } from "./paid-rig.ts";

let paid: PaidSteward;
let zones: [string, string];
let client: WireClient;

beforeAll(async () => {
  paid = await startPaidSteward({
    handlers: { "*": { free: { type: "echo" }, paid: { type: "echo" } } },
  });
  const actions = [
    { name: "free", description: "Costs nothing." },
    { name: "paid", description: "Costs 2 USDC.", price: PRICE },
  ];
  zones = [await paid.steward.createZone({ actions }), await paid.steward.createZone({ actions })];
  client = await WireClient.connect(paid.steward.wireUrl, { key: createAgentKey() });
  for (const zone_id of zones) await client.ask({ type: "zone.join", zone_id });
});
afterAll(() => paid[Symbol.asyncDispose]());

const ask = (zone_id: string, request_id: string, action: string, text: string): Promise<Reply> =>
  client.ask({ type: "zone.request", zone_id, request_id, action, params: { text } });
const receipt = (request_id: string, zone?: { zone_id: string }): Promise<Reply> =>
  client.ask({ type: "zone.receipt", request_id, ...zone });

test("the same request_id in another zone is another request, and a receipt says of which zone", async () => {
  const requestId = createId("req");
  const [first, second] = zones;
  const results = [
    await ask(first, requestId, "free", "one"),
    await ask(second, requestId, "free", "two"),
  ];
  expect(results.map(({ result }) => result)).toEqual([{ text: "one" }, { text: "two" }]);
  expect(await ask(first, requestId, "free", "one")).toMatchObject({ result: { text: "one" } });
  expect(await ask(second, requestId, "free", "other")).toMatchObject({
    code: "invalid_params",
  });
  expect((await receipt(requestId, { zone_id: first })).result).toEqual({ text: "one" });
  expect((await receipt(requestId, { zone_id: second })).result).toEqual({ text: "two" });
  expect((await receipt(requestId)).result).toEqual({ text: "two" });
  const unknown = "zone_01930000-0000-7000-8000-00000000000f";
  expect(await receipt(requestId, { zone_id: unknown })).toMatchObject({ code: "zone_not_found" });
});

test("a payment pays for the request of the zone or else of the nonce that it names, the other one stays unpaid", async () => {
  const requestId = createId("req");
  const [first, second] = zones;
  const { payment_requirement: requirement } = await ask(first, requestId, "paid", "one");
  const other = await ask(second, requestId, "paid", "two");
  expect(other.payment_requirement.nonce).not.toBe(requirement.nonce);
  const authorization = await authorize(requirement, paid.payer);
  const body = { type: "zone.payment", request_id: requestId, authorization };
  const mismatch = { code: "payment_invalid", reason: "NONCE_MISMATCH" };
  expect(await client.ask({ ...body, zone_id: second })).toMatchObject(mismatch);
  // Of the two the newest is meant where neither a zone nor a nonce says which.
  const unknown = { ...authorization, nonce: `0x${"5a".repeat(32)}` };
  expect(await client.ask({ ...body, authorization: unknown })).toMatchObject(mismatch);
  const served = { type: "zone.response", zone_id: first, result: { text: "one" } };
  const upper = `0x${authorization.nonce.slice(2).toUpperCase()}`;
  expect(
    await client.ask({ ...body, authorization: { ...authorization, nonce: upper } }),
  ).toMatchObject(served);
  expect(await client.ask({ ...body, zone_id: first })).toMatchObject(served);
  expect(await receipt(requestId, { zone_id: second })).toMatchObject({ code: "payment_required" });
  expect(await ask(second, requestId, "paid", "two")).toMatchObject({
    payment_requirement: { nonce: other.payment_requirement.nonce },
  });
});

test("an agent pays the same request_id and content in two zones, each once, however often it asks", async () => {
  const { chain, contracts, payer, steward } = paid;
  const ledger = createMemoryLedger();
  await using agent = await Agent.connect(steward.wireUrl, {
    ...{ key: crypto.getRandomValues(new Uint8Array(32)), name: "payer", pacing: false, ledger },
    wallet: payer,
    chains: { [chain.chainId]: { ...contracts, rpcUrl: chain.rpcUrl } },
  });
  const balance = () =>
    chain.client.readContract({
      ...{ address: contracts.usdc, abi: erc20Abi, functionName: "balanceOf" },
      args: [payer.address],
    });
  const before = await balance();
  const options = { requestId: createId("req"), pay: { maxAmount: PRICE.amount } };
  const buy = (zoneId: string) => agent.request(zoneId, "paid", { text: "same" }, options);
  for (const zoneId of zones) await agent.join(zoneId);
  const outcomes = [await buy(zones[0]), await buy(zones[1])];
  expect([await buy(zones[0]), await buy(zones[1])]).toEqual(outcomes);
  expect(await balance()).toBe(before - 2n * BigInt(PRICE.amount));
  const entries = (await ledger.list?.()) ?? [];
  expect(entries.map(({ zoneId, state }) => [zoneId, state])).toEqual(
    zones.map((zoneId) => [zoneId, "settled"]),
  );
  expect(new Set(entries.map(({ nonce }) => nonce)).size).toBe(2);
});
