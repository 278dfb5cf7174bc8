import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

describe("a direct payment", () => {
  test("is quoted, authorized, settled and split to the last unit", async () => {
    await using engine = await startEngine(world);
    const payer = await fundPayer(world);
    const before = await Promise.all(
      [payer.address, world.recipient, world.creator, world.treasury].map(world.balanceOf),
    );
    const { key, quote } = await askQuote(engine, world, { amount: "1999999" });
    expect(await engine.payments.accept(key, await pay(payer, quote.payment_requirement))).toBe(
      "accepted",
    );
    await engine.hooks.until("settled", key.requestId);
    const receipt = engine.payments.findReceipt(key);
    expect(receipt).toMatchObject({
      amount: "1999999",
      protocol_fee: "1999",
      creator_fee: "19999",
      recipient_amount: "1978001",
      recipient: world.recipient,
    });
    const after = await Promise.all(
      [payer.address, world.recipient, world.creator, world.treasury].map(world.balanceOf),
    );
    expect(after.map((value, i) => value - (before[i] ?? 0n))).toEqual([
      -1999999n,
      1978001n,
      19999n,
      1999n,
    ]);
    const chainReceipt = await world.chain.client.getTransactionReceipt({
      hash: receipt?.tx_hash as `0x${string}`,
    });
    expect(Number(chainReceipt.blockNumber)).toBe(receipt?.block_number);
    engine.store.write(() => engine.payments.markDelivered(key));
    expect(engine.hooks.of(key.requestId)).toEqual(["authorized", "settled"]);
    const { items } = engine.payments.list({ limit: 10 });
    expect(items[0]).toMatchObject({ state: "delivered", request_id: key.requestId });
  });
});
