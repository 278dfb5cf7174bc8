import { afterAll, beforeAll, expect, test } from "vitest";
import {
  buildManifest,
  type Engine,
  fundPayer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const ZONES = ["a", "b", "c"].map((digit) => `zone_01930000-0000-7000-8000-00000000000${digit}`);
const NODE = `atlas_${"cd".repeat(32)}`;

async function ask(engine: Engine, zoneId: string) {
  const key = { zoneId, nodeId: NODE, requestId: `req_${zoneId.at(-1)}` };
  const manifest = buildManifest(world, { id: zoneId });
  const price = { amount: "2000000", asset: "USDC", network: "local", settlement_mode: "direct" };
  const quote = engine.store.write((write) =>
    engine.payments.quote(write, {
      ...{
        ...key,
        action: "translate",
        content: '{"action":"translate","params":{}}',
        manifest,
      },
      price: price as never,
    }),
  );
  await engine.store.committed();
  const payer = await fundPayer(world);
  return { key, authorization: await pay(payer, quote.payment_requirement) };
}

test("the zones whose payments shared a transaction share its gas, to the last wei", async () => {
  await using engine = await startEngine(world);
  const asked = await Promise.all(ZONES.map((zone) => ask(engine, zone)));
  await Promise.all(
    asked.map(({ key, authorization }) => engine.payments.accept(key, authorization)),
  );
  await Promise.all(asked.map(({ key }) => engine.hooks.until("settled", key.requestId)));
  const costs = engine.store.raw.prepare("select gas_cost from settlement_txs").pluck().all();
  expect(costs).toHaveLength(1);
  const span = { from: 0, to: 9_999_999_999 };
  const toGas = (rows: readonly Record<string, unknown>[]) =>
    rows.map((row) => BigInt(row.gas_wei as string));
  const byZone = await Promise.all(
    ZONES.map((zoneId) => engine.payments.accounts({ ...span, zoneId })),
  );
  const apart = byZone.flatMap(toGas);
  expect(apart).toHaveLength(ZONES.length);
  const cost = BigInt(costs[0] as string);
  expect(apart.reduce((a, b) => a + b)).toBe(cost);
  for (const share of apart) expect(share - cost / 3n).toBeLessThan(3n);
  expect(toGas(await engine.payments.accounts(span)).toSorted()).toEqual(apart.toSorted());
});
