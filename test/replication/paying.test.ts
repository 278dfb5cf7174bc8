import { afterAll, beforeAll, expect, test } from "vitest";
import { Agent } from "../../src/client/agent.ts";
import { createId } from "../../src/protocol/ids.ts";
import { toNodeId } from "../../src/protocol/node-id.ts";
import { verifyJson } from "../support/foreign-codec.ts";
import { NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { createAgentKey, WireClient } from "../support/wire-client.ts";
import { Creator, epochAt, toSet, until } from "./support/replicated-zone.ts";

const price = { amount: "2000000", asset: "USDC", network: NETWORK };
const config = {
  handlers: { "*": { paid: { type: "echo" } } },
  zones: { creation: "anyone" },
  replication: { allow: ["*"] },
};
const creator = new Creator();

let paid: PaidSteward;
let a: TestSteward;
let b: TestSteward;

beforeAll(async () => {
  paid = await startPaidSteward(config);
  a = paid.steward;
  b = await paid.start(config);
}, 60_000);
afterAll(async () => {
  await b?.[Symbol.asyncDispose]();
  await paid?.[Symbol.asyncDispose]();
});

function connect(steward: TestSteward): Promise<Agent> {
  const { usdc, settlement } = paid.contracts;
  return Agent.connect(steward.wireUrl, {
    key: crypto.getRandomValues(new Uint8Array(32)),
    name: "payer",
    pacing: false,
    wallet: paid.payer,
    chains: { [paid.chain.chainId]: { usdc, settlement, rpcUrl: paid.chain.rpcUrl } },
  });
}

async function createPaidZone() {
  const zone = creator.sign(toSet(a, [b]), 1, {
    type: "service",
    chain_id: paid.chain.chainId,
    actions: [{ name: "paid", description: "Answers.", price }],
  });
  await creator.create(a, zone);
  await until("the voter has it", () => epochAt(b, zone.id) === 1);
  return zone;
}

test("an agent pays at a replica", async () => {
  const zone = await createPaidZone();
  await using agent = await connect(b);
  await until("it joins", async () => (await agent.join(zone.id)).role === "member");
  const outcome = await agent.request(zone.id, "paid", { n: 1 }, { pay: { maxAmount: "2000000" } });
  expect(outcome).toMatchObject({ result: { n: 1 } });
});

test("a requirement that is open at a takeover is answered again, signed by the new primary", async () => {
  const zone = await createPaidZone();
  const key = createAgentKey();
  const body = {
    ...{ type: "zone.request", zone_id: zone.id, request_id: createId("req") },
    ...{ action: "paid", params: { n: 2 } },
  };
  await using early = await WireClient.connect(a.wireUrl, { key });
  await until("it joins", async () => {
    return (await early.ask({ type: "zone.join", zone_id: zone.id })).type === "zone.joined";
  });
  const first = await early.ask(body);
  expect(first).toMatchObject({ type: "zone.payment_required", steward: a.nodeId });
  const next = zone.next({ steward_set: toSet(b, [a]) });
  expect(await creator.update(b, next)).toMatchObject({ type: "zone.manifest" });
  await using late = await WireClient.connect(b.wireUrl, { key });
  await until("the new primary is in charge", async () => {
    return (await late.ask({ type: "zone.join", zone_id: zone.id })).type === "zone.joined";
  });
  const again = await late.ask(body);
  expect(again.payment_requirement).toEqual(first.payment_requirement);
  expect(again.steward).toBe(b.nodeId);
  const publicKey = Buffer.from(again.public_key, "hex");
  expect(toNodeId(publicKey)).toBe(b.nodeId);
  const { payment_requirement, signature } = again;
  expect(verifyJson("atlas-quote-v1", payment_requirement, publicKey, signature)).toBe(true);
});
