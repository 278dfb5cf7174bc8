import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseRows } from "../support/counts.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import {
  askQuote,
  fundPayer,
  HookRecorder,
  type PayWorld,
  pay,
  startEngine,
  startPayWorld,
} from "./support/engine.ts";
import { startEngineChild } from "./support/engine-child.ts";

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
type Point = readonly [method: string, when: "before" | "after"];
const ALL: Point[] = METHODS.flatMap((method): Point[] => [
  [method, "before"],
  [method, "after"],
]);
const FEW: Point[] = [
  ["eth_call", "before"],
  ["eth_sendRawTransaction", "before"],
  ["eth_sendRawTransaction", "after"],
  ["eth_getTransactionReceipt", "after"],
];

test.each(chooseRows(ALL, FEW))(
  "killed at %s, %s the node did it: one charge, and the payment is confirmed after a restart",
  async (method, when) => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const options = { rpcUrls: [proxy.url], payments: { rpc_timeout_ms: 500 } };
    const first = await startEngine(world, options);
    const payer = await fundPayer(world);
    const { key, quote } = await askQuote(first, world);
    const authorization = await pay(payer, quote.payment_requirement);
    await first.stop();
    const child = await startEngineChild(world, { ...options, dir: first.dir });
    proxy.on(method, when, () => child.kill());
    child.send({ key, authorization });
    expect(await child.exited).toBe("SIGKILL");
    const hooks = new HookRecorder();
    await using second = await startEngine(world, { ...options, dir: first.dir, hooks });
    const answer = await second.payments.accept(key, authorization);
    if (answer !== "settled") await hooks.until("settled", key.requestId);
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect(second.payments.records.findReceipt(key)).toMatchObject({ amount: "2000000" });
    const { items } = second.payments.list({ limit: 5 });
    expect(items.map((item) => item.state)).toEqual(["confirmed"]);
  },
);
