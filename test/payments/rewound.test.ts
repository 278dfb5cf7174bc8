import { afterAll, beforeAll, test } from "vitest";
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

test("payments are settled again after the chain was set back to a snapshot from before a final one", async () => {
  await using engine = await startEngine(world);
  const payer = await fundPayer(world);
  const snapshot = await world.chain.snapshot();
  const one = await askQuote(engine, world);
  await engine.payments.accept(one.key, await pay(payer, one.quote.payment_requirement));
  await engine.hooks.until("settled", one.key.requestId);
  await world.chain.mine(70);
  const state = () => engine.store.raw.prepare("select state from settlement_txs").pluck().get();
  while (state() !== "final") await new Promise((done) => setImmediate(done));
  await world.chain.revert(snapshot);
  const two = await askQuote(engine, world);
  await engine.payments.accept(two.key, await pay(payer, two.quote.payment_requirement));
  await engine.hooks.until("settled", two.key.requestId);
}, 15_000);
