import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RpcProxy, startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  fundPayer,
  HookRecorder,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import type { EngineOrder } from "./support/engine-process.ts";

const PROCESS = fileURLToPath(new URL("./support/engine-process.ts", import.meta.url));

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const METHODS = [
  "eth_chainId",
  "eth_getTransactionCount",
  "eth_call",
  "eth_sendRawTransaction",
  "eth_getBlockByNumber",
  "eth_getTransactionReceipt",
];
const POINTS = METHODS.flatMap((method) => [
  [method, "before"] as const,
  [method, "after"] as const,
]);
/** Every how many of the points is tried; 1 tries all. */
const STEP = Number(process.env.PAYMENT_KILL_STEP ?? 2);

test.each(POINTS.filter((_, i) => i % STEP === STEP - 1))(
  "killed at %s, %s the node did it: one charge, and the payment is confirmed after a restart",
  async (method, when) => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const options = { rpcUrls: [proxy.url], payments: { rpc_timeout_ms: 500 } };
    const first = await startEngine(world, options);
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(first, world);
    const authorization = await pay(payer, quote.payment_requirement);
    await first.stop();
    const { walletKey, usdc, settlement, escrow, recipient, creator, chain } = world;
    await runAndKill(
      proxy,
      { method, when },
      {
        world: {
          walletKey,
          usdc,
          settlement,
          escrow,
          recipient,
          creator,
          chain: { chainId: chain.chainId },
        },
        options: { ...options, dir: first.dir },
        key,
        authorization,
      },
    );
    const hooks = new HookRecorder();
    await using second = await startEngine(world, { ...options, dir: first.dir, hooks });
    const answer = await second.payments.accept(key, authorization);
    if (answer !== "settled") await hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect(second.payments.findReceipt(key)).toMatchObject({ amount: "2000000" });
    const { items } = second.payments.list({ limit: 5 });
    expect(items.map((item) => item.state)).toEqual(["confirmed"]);
  },
);

/** Runs an engine process and kills it the first time it asks a method when told to pay. */
async function runAndKill(
  proxy: RpcProxy,
  { method, when }: { method: string; when: "before" | "after" },
  order: EngineOrder,
): Promise<void> {
  const child = spawn(process.execPath, [PROCESS], {
    env: { ...process.env, ENGINE_ORDER: JSON.stringify(order) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exited]);
  proxy.on(method, when, () => child.kill("SIGKILL"));
  child.stdin.end();
  expect((await exited)[1]).toBe("SIGKILL");
}
