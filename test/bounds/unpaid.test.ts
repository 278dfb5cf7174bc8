import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import type { TestSteward } from "../support/steward.ts";
import { readRows, readValue } from "../support/steward-file.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";

const HANDLERS = { "*": { sell: { type: "echo" } } };
const TTL_SECS = 30;
/** Past the deadline and the time for which a requirement is kept after it. */
const FORGOTTEN_MS = (TTL_SECS + 700) * 1000;

let paid: PaidSteward;

beforeAll(async () => {
  paid = await startPaidSteward({});
});
afterAll(async () => {
  await paid[Symbol.asyncDispose]();
});

interface Shop extends AsyncDisposable {
  readonly steward: TestSteward;
  readonly zoneId: string;
  join(): Promise<WireClient>;
  /** Moves the steward's clock. */
  jump(ms: number): void;
  counters(): Promise<Reply>;
}

/** A steward that sells one action, with limits of its own and a clock that can be moved. */
async function openShop(payments: Reply): Promise<Shop> {
  let offsetMs = 0;
  const config = {
    handlers: HANDLERS,
    payments: { quote_ttl_secs: TTL_SECS, head_age_max_secs: 0, ...payments },
    store: { prune_interval_ms: 10 },
    wire: { max_clock_drift_secs: 10_000 },
  };
  const steward = await paid.start(config, () => Date.now() + offsetMs);
  const price = { amount: "2000000", asset: "USDC", network: NETWORK };
  const actions = [{ name: "sell", description: "Costs 2 USDC.", price }];
  const zoneId = await steward.createZone({ actions });
  return {
    steward,
    zoneId,
    join: async () => {
      const client = await WireClient.connect(steward.wireUrl, { key: createAgentKey() });
      await client.ask({ type: "zone.join", zone_id: zoneId });
      return client;
    },
    jump: (ms) => {
      offsetMs += ms;
    },
    counters: async () => (await steward.api("GET", "/readyz?verbose")).body.counters,
    [Symbol.asyncDispose]: () => steward[Symbol.asyncDispose](),
  };
}

function ask(client: WireClient, zoneId: string, requestId = createId("req")): Promise<Reply> {
  const request = { type: "zone.request", request_id: requestId, zone_id: zoneId, action: "sell" };
  return client.ask(request);
}

const FULL = { type: "zone.error", code: "rate_limited", reason: "OVERLOADED" };

test("a node has no more unpaid quotes than it may; its open ones are answered, paid ones make room", async () => {
  await using shop = await openShop({ quotes_per_node: 2 });
  await using client = await shop.join();
  const first = await ask(client, shop.zoneId);
  await ask(client, shop.zoneId);
  const refused = await ask(client, shop.zoneId);
  expect(refused).toMatchObject(FULL);
  expect(refused.retry_after_ms).toBeGreaterThan(0);
  expect(await shop.counters()).toEqual({ "payments.quotes_per_node": 1 });
  const again = await ask(client, shop.zoneId, first.request_id);
  expect(again.payment_requirement).toEqual(first.payment_requirement);
  const authorization = await authorize(first.payment_requirement, paid.payer);
  const payment = { type: "zone.payment", request_id: first.request_id, authorization };
  expect((await client.ask(payment)).type).toBe("zone.response");
  expect((await ask(client, shop.zoneId)).type).toBe("zone.payment_required");
  expect(await ask(client, shop.zoneId)).toMatchObject(FULL);
});

test("those who take all the quotes they can leave some for others; in all there are no more than may be", async () => {
  await using shop = await openShop({ quotes_max: 16, quotes_per_node: 8 });
  const quoted: number[] = [];
  for (let node = 0; node < 6; node++) {
    await using client = await shop.join();
    let count = 0;
    while ((await ask(client, shop.zoneId)).type === "zone.payment_required") count++;
    quoted.push(count);
  }
  expect(quoted[0]).toBeGreaterThan(quoted[1] ?? 0);
  expect(quoted[2]).toBeGreaterThan(0);
  expect(quoted.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(16);
  expect((await shop.counters())["payments.quotes_max"]).toBeGreaterThan(0);
});

test("unpaid quotes are forgotten as fast as they come; what an authorization was sent for stays", async () => {
  await using shop = await openShop({ quotes_per_node: 1000 });
  const { dataDir } = shop.steward;
  const count = (table: string) => readValue(dataDir, `SELECT count(*) FROM ${table}`);
  await using client = await shop.join();
  const failing = await ask(client, shop.zoneId);
  const authorization = await authorize(failing.payment_requirement, paid.pauper);
  const payment = { type: "zone.payment", request_id: failing.request_id, authorization };
  expect(await client.ask(payment)).toMatchObject({ code: "payment_failed" });
  const ids = Array.from({ length: 700 }, () => createId("req"));
  await Promise.all(ids.map((id) => ask(client, shop.zoneId, id)));
  expect(count("payments")).toBe(701);
  shop.jump(FORGOTTEN_MS);
  await expect.poll(() => count("payments"), { interval: 5, timeout: 10_000 }).toBe(1);
  await expect.poll(() => count("requests"), { interval: 5, timeout: 10_000 }).toBe(1);
  expect(readValue(dataDir, "SELECT state FROM payments")).toBe("rejected");
  const usage = "SELECT kind, rows FROM usage WHERE owner = '' AND kind <> 'member' ORDER BY kind";
  expect(readRows(dataDir, usage)).toEqual([
    { kind: "quote", rows: 0 },
    { kind: "request", rows: 1 },
  ]);
});

test("with a clock an hour behind the chain's, what is quoted can be paid, and is paid", async () => {
  await using shop = await openShop({});
  shop.jump(-3_600_000);
  await using client = await shop.join();
  const { request_id, payment_requirement: requirement } = await ask(client, shop.zoneId);
  expect(requirement.deadline).toBeGreaterThan(Date.now() / 1000 + 6);
  const authorization = await authorize(requirement, paid.payer, {
    valid_after: Math.floor(Date.now() / 1000) - 60,
  });
  const payment = { type: "zone.payment", request_id, authorization };
  expect((await client.ask(payment)).type).toBe("zone.response");
});

test("a quote that the chain's clock has run out is quoted anew, whatever the steward's says", async () => {
  await using shop = await openShop({});
  await using client = await shop.join();
  const first = await ask(client, shop.zoneId);
  await paid.chain.rpc("evm_increaseTime", [TTL_SECS]);
  await paid.chain.rpc("evm_mine", []);
  const isRenewed = async () => {
    const again = await ask(client, shop.zoneId, first.request_id);
    return again.payment_requirement.nonce !== first.payment_requirement.nonce;
  };
  await expect.poll(isRenewed, { timeout: 5000 }).toBe(true);
});
