import { afterAll, beforeAll, expect, test } from "vitest";
import {
  askQuote,
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

/** isValidSignature: yes where gas costs nothing, as in eth_call; else it burns all it gets. */
const MAGIC = `1626ba7e${"00".repeat(28)}`;
const BURNER = `0x3a602d577f${MAGIC}60005260206000f35bfe`;

test("payers whose account was given code (EIP-7702) make the batch of others revert once at most", async () => {
  await using engine = await startEngine(world);
  const honest = await Promise.all(Array.from({ length: 10 }, () => fundPayer(world)));
  const burners = await Promise.all(Array.from({ length: 5 }, () => fundPayer(world)));
  for (const { address } of burners) await world.chain.rpc("anvil_setCode", [address, BURNER]);
  const asked = [];
  for (const payer of [...burners, ...honest]) {
    const { key, quote } = await askQuote(engine, world);
    asked.push({ key, authorization: await pay(payer, quote.payment_requirement) });
  }
  await Promise.all(
    asked.map(({ key, authorization }) => engine.payments.accept(key, authorization)),
  );
  const good = asked.slice(burners.length);
  await Promise.all(good.map(({ key }) => engine.hooks.until("settled", key.requestId)));
  const txs = engine.store.raw
    .prepare(
      `select t.tx_id, t.succeeded, count(*) items, sum(p.state = 'confirmed') good
       from settlement_txs t join settlement_items i using (tx_id) join payments p using (payment_id)
       group by 1 order by 1`,
    )
    .all() as { succeeded: number; good: number }[];
  expect(txs.filter((tx) => tx.succeeded === 0 && tx.good > 0).length).toBeLessThanOrEqual(1);
  const states = engine.payments.list({ limit: 50 }).items.map((item) => item.state);
  expect(states.filter((state) => state === "confirmed")).toHaveLength(honest.length);
  for (const { address } of honest) expect(await world.balanceOf(address)).toBe(98_000_000n);
  for (const { address } of burners) expect(await world.balanceOf(address)).toBe(100_000_000n);
});
