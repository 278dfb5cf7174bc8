import { encodeDeployData, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { helper } from "../contracts/support/helpers.ts";
import { startRpcProxy } from "../support/rpc-proxy.ts";
import {
  depositEscrow,
  type EscrowHooks,
  startEscrowEngine,
  toOrder,
} from "./escrow/support/escrow-engine.ts";
import { askQuote, type Engine, fundPayer, type Payer, pay, sendAs } from "./support/engine.ts";
import { type RealUsdcWorld, startRealUsdcWorld } from "./support/real-usdc.ts";
import { fundAccount } from "./support/smart-account.ts";

let world: RealUsdcWorld;
let engine: Engine & { hooks: EscrowHooks };
beforeAll(async () => {
  world = await startRealUsdcWorld();
  engine = await startEscrowEngine(world);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const wallet = () => privateKeyToAccount(world.walletKey).address;

async function accept(
  payer: Payer,
  kind: "receive" | "transfer" = "receive",
  by: Engine = engine,
): Promise<string> {
  const { key, quote } = await askQuote(by, world);
  await by.payments.accept(key, await pay(payer, quote.payment_requirement, { kind }));
  return key.requestId;
}

/** Gives a payer's own account code (EIP-7702) that its key signs for. */
async function delegate(payer: Payer): Promise<void> {
  const carrier = privateKeyToAccount(world.chain.accounts[6]?.key as Hex);
  const { abi, bytecode } = helper("SmartWallet");
  const data = encodeDeployData({ abi, bytecode, args: [payer.address] });
  const { contractAddress } = await sendAs(world.chain, carrier.address, { data });
  const chainId = world.chain.chainId;
  const signed = await privateKeyToAccount(payer.key).signAuthorization({
    chainId,
    nonce: 0,
    contractAddress: contractAddress as Hex,
  });
  const serializedTransaction = await carrier.signTransaction({
    type: "eip7702",
    chainId,
    nonce: await world.chain.client.getTransactionCount({ address: carrier.address }),
    to: payer.address,
    gas: 200_000n,
    maxFeePerGas: 20_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    authorizationList: [signed],
  });
  const hash = await world.chain.client.sendRawTransaction({ serializedTransaction });
  await world.chain.client.waitForTransactionReceipt({ hash, checkReplacement: false });
  const code = await world.chain.client.getCode({ address: payer.address });
  expect(code).toBe(`0xef0100${(contractAddress as string).slice(2).toLowerCase()}`);
}

describe("Circle's FiatTokenV2_2 behind its proxy", () => {
  test.each(["receive", "transfer"] as const)("takes a %s authorization", async (kind) => {
    const payer = await fundPayer(world);
    const before = await world.balanceOf(wallet());
    await engine.hooks.until("settled", await accept(payer, kind));
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
    expect((await world.balanceOf(wallet())) - before).toBe(1_978_000n);
  });

  test("a smart account pays through ERC-1271, and so does a key's account with code (EIP-7702)", async () => {
    const account = await fundAccount(world);
    await engine.hooks.until("settled", await accept(account));
    expect(await world.balanceOf(account.contract)).toBe(98_000_000n);
    const delegated = await fundPayer(world);
    await delegate(delegated);
    await engine.hooks.until(
      "settled",
      await accept({ ...delegated, contract: delegated.address }),
    );
    expect(await world.balanceOf(delegated.address)).toBe(98_000_000n);
  });

  test("an escrow is deposited, released and refunded", async () => {
    const payer = await fundPayer(world);
    const released = await depositEscrow(engine, world, payer);
    const order = await toOrder("release", released.escrow, payer);
    await engine.payments.changeEscrow(released.key.nodeId, order, 0);
    await engine.hooks.untilStatus(released.key.requestId, "released");
    const refunded = await depositEscrow(engine, world, payer);
    const { escrowId, op } = await toOrder("refund", refunded.escrow, payer);
    await engine.payments.operateEscrow({ escrowId, op }, "test", 0);
    await engine.hooks.untilStatus(refunded.key.requestId, "refunded");
    expect(await world.balanceOf(payer.address)).toBe(95_000_000n);
    expect(await world.balanceOf(world.escrow)).toBe(0n);
  });

  test("a payer whom it blocks is told that the payment failed, and keeps his money", async () => {
    const payer = await fundPayer(world);
    await world.operate("blacklist", [payer.address]);
    const { error } = await engine.hooks.until("failed", await accept(payer));
    expect(error).toMatchObject({ code: "payment_failed" });
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
  });

  test("a creator whom it blocks gets his share later: the payment settles, the share stays claimable", async () => {
    const payer = await fundPayer(world);
    const held = () =>
      world.chain.client.readContract({
        address: world.settlement,
        abi: zoneSettlementAbi,
        functionName: "claimable",
        args: [world.creator],
      });
    await world.operate("blacklist", [world.creator]);
    await engine.hooks.until("settled", await accept(payer));
    expect(await held()).toBe(20_000n);
    await world.operate("unBlacklist", [world.creator]);
    const before = await world.balanceOf(world.creator);
    await engine.hooks.until("settled", await accept(payer));
    expect((await world.balanceOf(world.creator)) - before).toBe(20_000n);
    expect(await held()).toBe(20_000n);
  });

  test("while it is paused payments fail without moving anything, afterwards they settle", async () => {
    const payer = await fundPayer(world);
    await world.operate("pause");
    const id = await accept(payer);
    const { error } = await engine.hooks.until("failed", id);
    expect(error).toMatchObject({ code: "payment_failed" });
    expect(await world.balanceOf(payer.address)).toBe(100_000_000n);
    await world.operate("unpause");
    await engine.hooks.until("settled", await accept(payer));
    expect(await world.balanceOf(payer.address)).toBe(98_000_000n);
  });

  test("settles a batch of 50 in one transaction, within the gas limit that it was sent with", async () => {
    const payers = await Promise.all(Array.from({ length: 50 }, () => fundPayer(world)));
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    await using own = await startEscrowEngine(world, { rpcUrls: [proxy.url] });
    // Nothing is sent until all of them wait.
    proxy.fail("eth_getTransactionCount", "http-500");
    const ids = await Promise.all(payers.map((payer) => accept(payer, "receive", own)));
    proxy.heal();
    await Promise.all(ids.map((id) => own.hooks.until("settled", id)));
    const largest = own.store.raw
      .prepare(
        `select count(*) items, t.gas_used gas, t.gas_limit room from settlement_txs t
         join settlement_items i using (tx_id) where t.succeeded = 1 group by t.tx_id
         order by items desc limit 1`,
      )
      .get() as { items: number; gas: number; room: number };
    expect(largest.items).toBeGreaterThanOrEqual(40);
    expect(largest.gas).toBeLessThan(largest.room);
    expect(largest.gas / largest.items).toBeLessThan(57_000);
    for (const { address } of payers) expect(await world.balanceOf(address)).toBe(98_000_000n);
  }, 60_000);
});
