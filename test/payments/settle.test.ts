import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  askQuote,
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
    const receipt = engine.payments.records.findReceipt(key);
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
    engine.store.write((write) => engine.payments.records.markDelivered(write, key));
    expect(engine.hooks.of(key.requestId)).toEqual(["authorized", "settled"]);
    const { items } = engine.payments.list({ limit: 10 });
    expect(items[0]).toMatchObject({ state: "delivered", request_id: key.requestId });
  });

  test("that ten copies pay at once is one item of one transaction, with one outcome", async () => {
    await using engine = await startEngine(world);
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => engine.payments.accept(key, authorization)),
    );
    expect(answers.filter((answer) => answer === "accepted")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "joined")).toHaveLength(9);
    await engine.hooks.until("settled", key.requestId);
    expect(engine.hooks.of(key.requestId)).toEqual(["authorized", "settled"]);
    expect(await engine.payments.accept(key, authorization)).toBe("settled");
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect(countItems(engine)).toBe(1);
  });

  test("of fifty payers at once settles for each of them, in few transactions", async () => {
    await using engine = await startEngine(world);
    const before = await world.balanceOf(world.recipient);
    const payers = await Promise.all(Array.from({ length: 50 }, () => fundPayer(world)));
    const sent = await Promise.all(
      payers.map(async (payer) => {
        const { key, quote } = await askQuote(engine, world);
        return { key, authorization: await pay(payer, quote.payment_requirement) };
      }),
    );
    await Promise.all(
      sent.map(({ key, authorization }) => engine.payments.accept(key, authorization)),
    );
    await Promise.all(sent.map(({ key }) => engine.hooks.until("settled", key.requestId)));
    expect((await world.balanceOf(world.recipient)) - before).toBe(50n * 1_978_000n);
    for (const payer of payers) expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect(countItems(engine)).toBe(50);
    expect(countTxs(engine)).toBeLessThanOrEqual(6);
  });

  test("without the money for it fails alone, and its authorization can be sent again", async () => {
    await using engine = await startEngine(world);
    const poor = await fundPayer(world, 1_999_999n);
    const rich = await fundPayer(world);
    const [bad, good] = [await askQuote(engine, world), await askQuote(engine, world)];
    const authorization = await pay(poor, bad.quote.payment_requirement);
    await Promise.all([
      engine.payments.accept(bad.key, authorization),
      engine.payments.accept(good.key, await pay(rich, good.quote.payment_requirement)),
    ]);
    const { error } = await engine.hooks.until("failed", bad.key.requestId);
    expect(error).toMatchObject({ code: "payment_failed", reason: "INSUFFICIENT_BALANCE" });
    await engine.hooks.until("settled", good.key.requestId);
    expect((await askQuote(engine, world, bad.key)).quote).toEqual(bad.quote);
    await world.mint(poor.address, 1n);
    expect(await engine.payments.accept(bad.key, authorization)).toBe("accepted");
    await engine.hooks.until("settled", bad.key.requestId);
    expect(await world.balanceOf(poor.address)).toBe(0n);
    expect(countItems(engine)).toBe(2);
  });

  test("of one payer, twice with money for one, settles once", async () => {
    await using engine = await startEngine(world);
    const payer = await fundPayer(world, 3_000_000n);
    const both = [await askQuote(engine, world), await askQuote(engine, world)];
    for (const { key, quote } of both) {
      await engine.payments.accept(key, await pay(payer, quote.payment_requirement));
    }
    const outcomes = await Promise.all(
      both.map(({ key }) =>
        Promise.race(
          ["settled", "failed"].map((hook) =>
            engine.hooks.until(hook, key.requestId).then(() => hook),
          ),
        ),
      ),
    );
    expect(outcomes.sort()).toEqual(["failed", "settled"]);
    expect(await world.balanceOf(payer.address)).toBe(1_000_000n);
  });

  test("by a transfer authorization settles as one by a receive authorization", async () => {
    await using engine = await startEngine(world);
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(engine, world);
    const authorization = await pay(payer, quote.payment_requirement, { kind: "transfer" });
    const { type: _, ...untyped } = authorization;
    await engine.payments.accept(key, untyped);
    await engine.hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });
});

function count(engine: Engine, table: string): number {
  return Number(engine.store.raw.prepare(`select count(*) from ${table}`).pluck().get());
}

function countItems(engine: Engine): number {
  return count(engine, "settlement_items");
}

function countTxs(engine: Engine): number {
  return count(engine, "settlement_txs");
}
