import { type Hex, pad, toHex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sendAsAnybody } from "./escrow/support/outsider.ts";
import {
  askQuote,
  fundPayer,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import { toTokenCall } from "./support/stranger.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

test("reorgs not deeper than confirmations, with front-runners, charge everybody once", async () => {
  await using engine = await startEngine(world, {
    confirmations: 6,
    payments: { stuck_after_secs: 1, quote_ttl_secs: 30 },
  });
  const payers = await Promise.all(Array.from({ length: 24 }, () => fundPayer(world)));
  await world.chain.mine(10);
  let running = true;
  const reorgs = (async () => {
    for (let depth = 1; running; depth = (depth % 4) + 1) {
      await pause(350);
      await world.chain.rpc("anvil_reorg", [depth, []]).catch(() => {});
    }
  })();
  const keys = [];
  for (const [i, payer] of payers.entries()) {
    const { key, quote } = await askQuote(engine, world);
    const frontRun = i % 3 === 0;
    const kind = frontRun ? "transfer" : "receive";
    const authorization = await pay(payer, quote.payment_requirement, { kind });
    if (frontRun) {
      const stranger = pad(toHex(0xabc000 + i), { size: 20 }) as Hex;
      await sendAsAnybody(world, stranger, toTokenCall(world, authorization)).catch(() => {});
    }
    await engine.payments.accept(key, authorization);
    keys.push(key);
    await pause(120);
  }
  await pause(3_000);
  running = false;
  await reorgs;
  const ended = keys.map(({ requestId }) =>
    Promise.race([
      engine.hooks.until("settled", requestId),
      engine.hooks.until("failed", requestId),
    ]),
  );
  await Promise.all(ended);
  await world.chain.mine(8);
  await pause(1_000);
  for (const [i, { address }] of payers.entries()) {
    const hooks = engine.hooks.of(keys[i]?.requestId ?? "");
    const left = hooks.includes("settled") ? 98_000_000n : 100_000_000n;
    expect(await world.balanceOf(address)).toBe(left);
    expect(hooks.filter((hook) => hook === "settled").length).toBeLessThan(2);
  }
  expect(await world.balanceOf(world.settlement)).toBe(0n);
  expect(await engine.payments.audit()).toMatchObject([{ differences: [] }]);
}, 60_000);
