import { encodeDeployData, encodeFunctionData, getAddress, type Hex } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { expect, test } from "vitest";
import { testUsdcAbi } from "../../src/contracts/test-usdc.generated.ts";
import { createId } from "../../src/wire/ids.ts";
import { helper } from "../contracts/support/helpers.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";
import { sendAs } from "./support/engine.ts";
import { deployRealUsdc, toOperate } from "./support/real-usdc.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };

interface Shop {
  ask(): Promise<Reply>;
  /** Has somebody pay for a quote, and tells the answer. */
  pay(quote: Reply, account?: PrivateKeyAccount): Promise<Reply>;
}

async function openShop(paid: PaidSteward, client: WireClient): Promise<Shop> {
  const actions = [{ name: "echo", description: "Echoes.", price: PRICE }];
  const zone_id = await paid.steward.createZone({ actions });
  await client.ask({ type: "zone.join", zone_id });
  return {
    ask: () => {
      const request_id = createId("req");
      const params = { text: "hello" };
      return client.ask({ type: "zone.request", request_id, zone_id, action: "echo", params });
    },
    pay: async ({ request_id, payment_requirement }, account = paid.payer) => {
      const authorization = await authorize(payment_requirement, account);
      return client.ask({ type: "zone.payment", request_id, authorization });
    },
  };
}

/** Quotes first, as none is given once the token was seen to refuse. */
async function payThree(shop: Shop, accounts: readonly PrivateKeyAccount[] = []): Promise<Reply[]> {
  const quotes = [await shop.ask(), await shop.ask(), await shop.ask()];
  return Promise.all(quotes.map((quote, i) => shop.pay(quote, accounts[i])));
}

async function findProblem(paid: PaidSteward): Promise<{ status: number; problem?: string }> {
  const { status, body } = await paid.steward.api("GET", "/readyz?verbose");
  const checks = body.checks ?? body.error.details.checks;
  const chain = checks.find(({ name }: Reply) => name.startsWith("chain:"));
  return { status, problem: chain.problem };
}

type Call = readonly [functionName: string, args?: readonly unknown[]];
/** What makes the token refuse, what ends it, and what is said meanwhile. */
interface Case {
  readonly off: Call;
  readonly on: Call;
  readonly why: string;
}

const until = (read: () => Promise<unknown>) => expect.poll(read, { timeout: 20_000 });
const FAILED = { code: "payment_failed", reason: "SETTLEMENT_REVERTED" };

test("while USDC is paused, or blocks the contract, nothing is quoted, readiness says why, and it comes back by itself", async () => {
  await using paid = await startPaidSteward({}, deployRealUsdc);
  const operate = toOperate(paid.chain, paid.contracts.usdc);
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const shop = await openShop(paid, client);
  const { settlement } = paid.contracts;
  const cases: readonly Case[] = [
    { off: ["pause"], on: ["unpause"], why: "the token is paused" },
    {
      off: ["blacklist", [settlement]],
      on: ["unBlacklist", [settlement]],
      why: `the token blocks the contract ${settlement}`,
    },
  ];
  for (const { off, on, why } of cases) {
    expect(await findProblem(paid)).toEqual({ status: 200 });
    await operate(...off);
    expect(await payThree(shop)).toMatchObject([FAILED, FAILED, FAILED]);
    await until(() => findProblem(paid)).toEqual({ status: 503, problem: why });
    const refused = await shop.ask();
    expect(refused).toMatchObject({ code: "internal", reason: "TOKEN_REFUSES" });
    expect(refused.message).toContain(why);
    expect(refused.hint).toContain("nothing was charged");
    await operate(...on);
    await until(() => findProblem(paid)).toEqual({ status: 200 });
    expect(await shop.pay(await shop.ask())).toMatchObject({ type: "zone.response" });
  }
});

test("payers whom USDC blocks do not stop the others' quotes", async () => {
  await using paid = await startPaidSteward({}, deployRealUsdc);
  const operate = toOperate(paid.chain, paid.contracts.usdc);
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const shop = await openShop(paid, client);
  const blocked = [0, 1, 2, 3].map(() => privateKeyToAccount(generatePrivateKey()));
  for (const { address } of blocked) {
    await mint(paid, address);
    await operate("blacklist", [address]);
  }
  expect(await payThree(shop, blocked)).toMatchObject([FAILED, FAILED, FAILED]);
  const [, , , fourth] = blocked;
  expect(await shop.pay(await shop.ask(), fourth)).toMatchObject(FAILED);
  expect(await findProblem(paid)).toEqual({ status: 200 });
  expect(await shop.pay(await shop.ask())).toMatchObject({ type: "zone.response" });
});

async function mint({ chain, contracts }: PaidSteward, to: Hex): Promise<void> {
  const data = encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "mint",
    args: [to, 10n ** 8n],
  });
  await sendAs(chain, chain.accounts[0]?.address as Hex, { to: contracts.usdc, data });
}

test("a token that refuses several payers with the same words and does not say why is tried again after a pause", async () => {
  const { abi, bytecode } = helper("BlockingToken");
  await using paid = await startPaidSteward(
    { payments: { token_pause_secs: 1 } },
    async (chain) => {
      const from = chain.accounts[8]?.address as Hex;
      const sent = await sendAs(chain, from, { data: encodeDeployData({ abi, bytecode }) });
      return getAddress(sent.contractAddress as Hex);
    },
  );
  const block = async (isBlocked: boolean) => {
    const args = [paid.contracts.settlement, isBlocked];
    const data = encodeFunctionData({ abi, functionName: "setBlocked", args });
    await sendAs(paid.chain, paid.chain.accounts[8]?.address as Hex, {
      to: paid.contracts.usdc,
      data,
    });
  };
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const shop = await openShop(paid, client);
  const payers = [0, 1, 2].map(() => privateKeyToAccount(generatePrivateKey()));
  for (const { address } of payers) await mint(paid, address);
  await block(true);
  expect(await payThree(shop, payers)).toMatchObject([FAILED, FAILED, FAILED]);
  const why = "the token refuses every payment";
  await until(() => findProblem(paid)).toEqual({ status: 503, problem: why });
  // After the pause one may try, and is refused: that is enough.
  await until(() => findProblem(paid)).toEqual({ status: 200 });
  expect(await shop.pay(await shop.ask(), payers[0])).toMatchObject(FAILED);
  await until(() => findProblem(paid)).toEqual({ status: 503, problem: why });
  await block(false);
  await until(() => findProblem(paid)).toEqual({ status: 200 });
  expect(await shop.pay(await shop.ask(), payers[0])).toMatchObject({ type: "zone.response" });
});
