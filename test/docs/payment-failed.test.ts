import { afterAll, beforeAll, expect, test } from "vitest";
import { fundAccounts } from "../../src/dev/fund.ts";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

/** What `docs/protocol.md` §8 says about a payment that failed, and the way out of it. */
const price = { amount: "2000000", asset: "USDC", network: NETWORK };
let paid: PaidSteward;
let steward: TestSteward;
let zoneId: string;
let offsetMs = 0;

beforeAll(async () => {
  paid = await startPaidSteward({});
  const config = { payments: { quote_ttl_secs: 60, head_age_max_secs: 0 } };
  steward = await paid.start(config, () => Date.now() + offsetMs);
  const actions = [{ name: "echo", description: "Costs 2 USDC.", price }];
  zoneId = await steward.createZone({ actions });
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
  await paid[Symbol.asyncDispose]();
});

/** One request of one member, quoted. */
async function start() {
  const client = await WireClient.connect(steward.wireUrl);
  await client.ask({ type: "zone.join", zone_id: zoneId });
  const request_id = createId("req");
  const ask = () =>
    client.ask({ type: "zone.request", request_id, zone_id: zoneId, action: "echo" });
  const pay = (authorization: Reply) =>
    client.ask({ type: "zone.payment", request_id, authorization });
  await expect.poll(async () => (await ask()).type).toBe("zone.payment_required");
  const quote = await ask();
  return { client, request_id, ask, pay, quote, requirement: quote.payment_requirement as Reply };
}

/** Has the pauper's authorization refused. */
async function fail() {
  const request = await start();
  const poor = await authorize(request.requirement, paid.pauper);
  const failed = await request.pay(poor);
  expect(failed).toMatchObject({ code: "payment_failed", reason: "INSUFFICIENT_BALANCE" });
  return { ...request, poor };
}

test("v 0 and 1 mean 27 and 28", async () => {
  const { client, pay, requirement } = await start();
  await using _ = client;
  const authorization = await authorize(requirement, paid.payer);
  expect((await pay({ ...authorization, v: authorization.v - 27 })).type).toBe("zone.response");
});

test("a refused authorization owns the requirement until its payer is funded, and then pays it", async () => {
  const { client, request_id, ask, pay, quote, requirement, poor } = await fail();
  await using _ = client;
  const receipt = await client.ask({ type: "zone.receipt", request_id });
  expect(receipt).toMatchObject({ code: "payment_failed", reason: "INSUFFICIENT_BALANCE" });
  const rival = await pay(await authorize(requirement, paid.payer));
  expect(rival).toMatchObject({ code: "payment_invalid", reason: "PAYMENT_IN_PROGRESS" });
  expect(await ask()).toEqual(quote);
  const [deployer] = paid.chain.accounts;
  if (deployer === undefined) throw new Error("anvil has accounts");
  await fundAccounts({
    rpcUrl: paid.chain.rpcUrl,
    minterKey: deployer.key,
    usdc: paid.contracts.usdc,
    holders: [paid.pauper.address],
    amount: BigInt(price.amount),
    gasAccount: deployer.address,
    gasWei: 10n ** 20n,
  });
  expect(await pay(poor)).toMatchObject({ type: "zone.response", settlement: {} });
});

test("near the deadline nothing helps; when the chain is past it, anybody may pay a fresh one", async () => {
  const { client, ask, pay, requirement, poor } = await fail();
  await using _ = client;
  offsetMs += 56_000;
  expect(await pay(poor)).toMatchObject({ code: "payment_invalid", reason: "DEADLINE_PASSED" });
  const outstanding = { code: "payment_failed", reason: "AUTHORIZATION_OUTSTANDING" };
  expect(await ask()).toMatchObject({ ...outstanding, retry_after_ms: expect.any(Number) });
  offsetMs += 10_000;
  expect(await ask()).toMatchObject(outstanding);
  await paid.chain.setNextBlockTime(BigInt(requirement.deadline) - 1n);
  await paid.chain.mine();
  expect(await ask()).toMatchObject(outstanding);
  await paid.chain.setNextBlockTime(BigInt(requirement.deadline));
  await paid.chain.mine();
  const fresh = async () => (await ask()).payment_requirement?.nonce;
  await expect.poll(fresh, { timeout: 10_000 }).toMatch(/^0x/);
  const { payment_requirement } = await ask();
  expect(payment_requirement.nonce).not.toBe(requirement.nonce);
  expect(payment_requirement.deadline).toBeGreaterThan(requirement.deadline);
  const answer = await pay(await authorize(payment_requirement, paid.payer));
  expect(answer).toMatchObject({ type: "zone.response", settlement: { amount: price.amount } });
});
