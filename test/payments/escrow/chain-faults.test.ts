import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseRows } from "../../support/counts.ts";
import {
  RPC_FAULTS,
  type RpcFaultKind,
  type RpcProxy,
  startRpcProxy,
} from "../../support/rpc-proxy.ts";
import { fundPayer, type PayWorld, pay, startPayWorld } from "../support/engine.ts";
import {
  AMOUNT,
  askEscrow,
  depositEscrow,
  reserved,
  startEscrowEngine,
  toOrder,
} from "./support/escrow-engine.ts";

let world: PayWorld;
beforeAll(async () => {
  world = await startPayWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What goes wrong once with every call that a transaction takes. */
const METHODS = [
  "eth_getTransactionCount",
  "eth_sendRawTransaction",
  "eth_getTransactionReceipt",
  "eth_getLogs",
];
const KINDS = chooseRows<RpcFaultKind>(RPC_FAULTS, ["lose-reply", "http-500"]);

function failOnce(proxy: RpcProxy, kind: RpcFaultKind): void {
  for (const method of METHODS) proxy.fail(method, kind, 1);
}

describe.each(KINDS)("with the RPC fault %s at every call once", (kind) => {
  test("a deposit happens once, and its release once", async () => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const more = { rpcUrls: [proxy.url], payments: { rpc_timeout_ms: 300, stuck_after_secs: 1 } };
    await using engine = await startEscrowEngine(world, more);
    const payer = await fundPayer(world);
    const held = await reserved(world);
    const { key, quote } = await askEscrow(engine, world);
    const authorization = await pay(payer, quote.payment_requirement);
    failOnce(proxy, kind);
    await engine.payments.accept(key, authorization);
    await engine.hooks.until("settled", key.requestId);
    expect((await reserved(world)) - held).toBe(AMOUNT);
    const escrow = engine.payments.records.findEscrow(key);
    expect(escrow).toMatchObject({ status: "deposited" });

    const order = await toOrder("release", { ...escrow }, payer);
    failOnce(proxy, kind);
    await engine.payments.operateEscrow(order, "test", 20_000);
    expect(engine.payments.records.findEscrow(key)).toMatchObject({ status: "released" });
    expect(await reserved(world)).toBe(held);
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n - AMOUNT);
  });

  test.each(["refund", "dispute"] as const)("a %s happens once", async (op) => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    const more = { rpcUrls: [proxy.url], payments: { rpc_timeout_ms: 300, stuck_after_secs: 1 } };
    await using engine = await startEscrowEngine(world, more);
    const payer = await fundPayer(world);
    const held = await reserved(world);
    const { key, escrow } = await depositEscrow(engine, world, payer);
    const order = await toOrder(op, escrow, payer);
    failOnce(proxy, kind);
    await engine.payments.operateEscrow(order, "test", 20_000);
    const status = op === "refund" ? "refunded" : "disputed";
    expect(engine.payments.records.findEscrow(key)).toMatchObject({ status });
    expect((await reserved(world)) - held).toBe(op === "refund" ? 0n : AMOUNT);
  });
});

test.each(["release", "refund", "dispute"] as const)(
  "a node that says once of a %s that it reverted, for no reason, refuses nothing",
  async (op) => {
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using engine = await startEscrowEngine(world, { rpcUrls: [proxy.url] });
    const payer = await fundPayer(world);
    const { escrow } = await depositEscrow(engine, world, payer);
    const order = await toOrder(op, escrow, payer);
    proxy.fail("eth_call", "error-32015-reverted", 1);
    const { status } = await engine.payments.operateEscrow(order, "test", 20_000);
    expect(status).toBe({ release: "released", refund: "refunded", dispute: "disputed" }[op]);
  },
);
