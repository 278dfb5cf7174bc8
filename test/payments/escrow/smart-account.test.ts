import { getAddress } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MOOD } from "../../contracts/support/helpers.ts";
import { startRpcProxy } from "../../support/rpc-proxy.ts";
import { type Engine, fundPayer, type PayWorld, pay, startPayWorld } from "../support/engine.ts";
import { fundAccount, setMood } from "../support/smart-account.ts";
import {
  AMOUNT,
  askEscrow,
  depositEscrow,
  type EscrowHooks,
  startEscrowEngine,
  toOrder,
} from "./support/escrow-engine.ts";
import { assertAgrees } from "./support/outsider.ts";

const FUNDS = 100_000_000n;
const OPS = [
  { op: "release", status: "released", paid: 4_945_000n },
  { op: "dispute", status: "disputed", paid: 0n },
] as const;

let world: PayWorld;
let engine: Engine & { hooks: EscrowHooks };
beforeAll(async () => {
  world = await startPayWorld();
  engine = await startEscrowEngine(world);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

test.each(["receive", "transfer"] as const)("deposits with a signature for %s", async (kind) => {
  const account = await fundAccount(world);
  const { key, quote } = await askEscrow(engine, world);
  const signed = await pay(account, quote.payment_requirement, { kind });
  const { v: _v, r: _r, s: _s, ...authorization } = signed;
  expect(authorization.signature).toMatch(/^0x[0-9a-f]{130}$/);
  await engine.payments.accept(key, authorization);
  await engine.hooks.until("settled", key.requestId);
  const escrow = engine.payments.records.findEscrow(key);
  expect(escrow).toMatchObject({ status: "deposited", depositor: getAddress(account.contract) });
  expect(await world.balanceOf(account.contract)).toBe(FUNDS - AMOUNT);
  expect(await engine.payments.accept(key, authorization)).toBe("settled");
  await assertAgrees(world, engine, escrow?.escrow_id ?? "");
});

describe.each(OPS)("a $op signed by a smart account", ({ op, status, paid }) => {
  test("is carried", async () => {
    const account = await fundAccount(world);
    const { key, escrow } = await depositEscrow(engine, world, account);
    const before = await world.balanceOf(escrow.recipient);
    const order = await toOrder(op, escrow, account);
    const state = await engine.payments.changeEscrow(key.nodeId, order, 20_000);
    expect(state).toMatchObject({ status });
    expect((await world.balanceOf(escrow.recipient)) - before).toBe(paid);
    await assertAgrees(world, engine, escrow.escrow_id);
  });

  test.each([
    ["another key's signature", MOOD.honest, true],
    ["code that refuses", MOOD.refuse, false],
    ["code that reverts", MOOD.revert, false],
    ["code that burns all gas", MOOD.burnGas, false],
    ["code that answers nonsense", MOOD.garbage, false],
  ])("with %s is payment_invalid", async (_, mood, wrongKey) => {
    const account = await fundAccount(world);
    const stranger = await fundPayer(world, 0n);
    const { key, escrow } = await depositEscrow(engine, world, account);
    await setMood(world, account, mood);
    const order = await toOrder(op, escrow, wrongKey ? stranger : account);
    await expect(engine.payments.changeEscrow(key.nodeId, order, 20_000)).rejects.toMatchObject({
      code: "payment_invalid",
      reason: "SIGNATURE_INVALID",
    });
    expect(engine.payments.getEscrow(escrow.escrow_id)).toMatchObject({ status: "deposited" });
  });

  test("whose code turns bad before it is mined fails on chain, and is carried when it is good", async () => {
    const account = await fundAccount(world);
    await using proxy = await startRpcProxy(world.chain.rpcUrl);
    // Two engines with one wallet would hold each other up.
    const apart = { ...world, walletKey: generatePrivateKey() };
    const { address } = privateKeyToAccount(apart.walletKey);
    await world.chain.rpc("anvil_setBalance", [address, "0x8ac7230489e80000"]);
    await using own = await startEscrowEngine(apart, { rpcUrls: [proxy.url] });
    const { key, escrow } = await depositEscrow(own, world, account);
    const order = await toOrder(op, escrow, account);
    // Nothing is sent until the account has changed its mind.
    proxy.fail("eth_sendRawTransaction", "lose-request");
    const sending = proxy.asked("eth_sendRawTransaction");
    const answer = own.payments.changeEscrow(key.nodeId, order, 20_000);
    const refused = expect(answer).rejects.toMatchObject({
      code: "payment_failed",
      reason: "SETTLEMENT_REVERTED",
    });
    await sending;
    await setMood(world, account, MOOD.burnGas);
    proxy.heal();
    await refused;
    await setMood(world, account, MOOD.honest);
    const again = await own.payments.changeEscrow(key.nodeId, order, 20_000);
    expect(again).toMatchObject({ status });
    await assertAgrees(world, own, escrow.escrow_id);
  });
});
