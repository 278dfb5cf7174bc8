import { erc20Abi, type Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createId } from "../../src/protocol/ids.ts";
import { openShell, type Shell } from "../cli/support.ts";
import { deployRealUsdc, type RealUsdcWorld, toOperate } from "../payments/support/real-usdc.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { WireClient } from "../support/wire-client.ts";
import { Browser, findForm } from "./dashboard/browser.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };
/** 100 bps of it. */
const CREATOR_FEE = "20000";

let paid: PaidSteward;
let shell: Shell;
let operate: RealUsdcWorld["operate"];
beforeAll(async () => {
  paid = await startPaidSteward({}, deployRealUsdc);
  operate = toOperate(paid.chain, paid.contracts.usdc);
  const { httpUrl, token } = paid.steward;
  shell = openShell({ STEWARD_URL: httpUrl, STEWARD_TOKEN: token });
});
afterAll(async () => {
  shell[Symbol.dispose]();
  await paid[Symbol.asyncDispose]();
});

const api: PaidSteward["steward"]["api"] = (...call) => paid.steward.api(...call);

function balanceOf(owner: Hex): Promise<bigint> {
  const call = { address: paid.contracts.usdc, abi: erc20Abi } as const;
  return paid.chain.client.readContract({ ...call, functionName: "balanceOf", args: [owner] });
}

/** Pays for an action of a zone of that creator. */
async function buy(client: WireClient, creator: Hex): Promise<string> {
  const actions = [{ name: "echo", description: "Echoes.", price: PRICE }];
  const fields = { actions, creator: { wallet: creator }, creator_fee_bps: 100 };
  const zone_id = await paid.steward.createZone(fields);
  await client.ask({ type: "zone.join", zone_id });
  const request_id = createId("req");
  const params = { text: "hello" };
  const body = { type: "zone.request", request_id, zone_id, action: "echo", params };
  const { payment_requirement } = await client.ask(body);
  const authorization = await authorize(payment_requirement, paid.payer);
  const answer = await client.ask({ type: "zone.payment", request_id, authorization });
  expect(answer).toMatchObject({ type: "zone.response" });
  return zone_id;
}

const account = (index: number) => paid.chain.accounts[index]?.address as Hex;

async function findAlarm(): Promise<{ remedy: string } | undefined> {
  const { body } = await api("GET", "/readyz?verbose");
  const chain = body.checks.find(({ name }: { name: string }) => name.startsWith("chain:"));
  return chain.alarms.find(({ id }: { id: string }) => id === "share-held");
}

const sumHeld = async (zone: string) =>
  (await api("GET", `/v1/accounts?zone_id=${zone}`)).body.accounts[0];

test("a share that the token refused is alarmed, shown in the books, refused while it is blocked, and claimed once afterwards", async () => {
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const creator = account(5);
  await operate("blacklist", [creator]);
  const zone = await buy(client, creator);
  const before = await balanceOf(creator);
  const [payment] = (await api("GET", `/v1/payments?zone_id=${zone}`)).body.payments;
  const held = { share: "creator_fee", owner: creator, amount: CREATOR_FEE, claimed: false };
  expect(payment.held).toMatchObject([held]);
  expect(await sumHeld(zone)).toMatchObject({ creator_fee: CREATOR_FEE, held: CREATOR_FEE });
  expect((await findAlarm())?.remedy).toContain("steward settlement claims");

  const listed = await api("GET", "/v1/claims");
  const target = { chain_id: paid.chain.chainId, token: paid.contracts.usdc };
  const known = { ...target, payee: creator, contract: paid.contracts.settlement };
  expect(listed.body.claims).toMatchObject([
    { ...known, amount: CREATOR_FEE, claimable: false, reason: "PAYEE_BLOCKED", claim: null },
  ]);
  const claim = (key: string, change: object = {}) => {
    const body = { ...target, payee: creator, ...change };
    return api("POST", "/v1/claims", body, { "idempotency-key": key });
  };
  const blocked = await claim("one");
  expect(blocked).toMatchObject({
    status: 409,
    body: { error: { code: "conflict", details: { reason: "PAYEE_BLOCKED" } } },
  });
  expect(blocked.body.error.message).toContain("account is blacklisted");

  await operate("unBlacklist", [creator]);
  const open = (await api("GET", "/v1/claims")).body.claims;
  expect(open).toMatchObject([{ amount: CREATOR_FEE, claimable: true }]);
  const [asked, again] = await Promise.all([claim("two"), claim("three")]);
  expect([asked.status, again.status]).toEqual([202, 202]);
  expect(again.body.claims[0].id).toBe(asked.body.claims[0].id);
  await expect.poll(async () => (await sumHeld(zone)).held, { timeout: 10_000 }).toBe("0");
  expect((await balanceOf(creator)) - before).toBe(BigInt(CREATOR_FEE));
  expect((await claim("two")).body).toEqual(asked.body);
  expect((await claim("two", { payee: account(6) })).status).toBe(409);
  expect(await claim("four")).toMatchObject({
    status: 409,
    body: { error: { details: { reason: "NOTHING_TO_CLAIM" } } },
  });
  const [row] = (await api("GET", `/v1/payments?zone_id=${zone}`)).body.payments;
  expect(row.held).toMatchObject([{ ...held, claimed: true }]);
  expect((await api("GET", "/v1/claims")).body.claims).toEqual([]);
  await expect.poll(findAlarm, { timeout: 10_000 }).toBeUndefined();
  expect((await balanceOf(creator)) - before).toBe(BigInt(CREATOR_FEE));
});

test("the treasury's share and the wallet's are claimed from the shell", async () => {
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const treasury = account(1);
  const wallet = paid.steward.steward.walletAddress as Hex;
  await operate("blacklist", [treasury]);
  await operate("blacklist", [wallet]);
  const before = [await balanceOf(treasury), await balanceOf(wallet)] as const;
  const zone = await buy(client, account(5));
  const [payment] = (await api("GET", `/v1/payments?zone_id=${zone}`)).body.payments;
  expect(payment.held).toMatchObject([
    { share: "protocol_fee", owner: treasury, amount: "2000" },
    { share: "recipient", owner: wallet, amount: "1978000" },
  ]);
  expect(await sumHeld(zone)).toMatchObject({ held: "1980000" });
  const refused = await shell.run(["settlement", "claim"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("blacklisted") });
  await operate("unBlacklist", [treasury]);
  await operate("unBlacklist", [wallet]);
  const { claims } = await shell.json(["settlement", "claims"]);
  const amounts = claims.map((one: { payee: string; amount: string }) => [one.payee, one.amount]);
  expect(new Map(amounts)).toEqual(
    new Map([
      [treasury, "2000"],
      [wallet, "1978000"],
    ]),
  );
  const own = await shell.json(["settlement", "claim"]);
  expect(own.claims).toMatchObject([{ payee: wallet, state: "requested" }]);
  const theirs = await shell.run(["settlement", "claim", "--payee", treasury.toLowerCase()]);
  expect(theirs).toMatchObject({ code: 0, stdout: expect.stringContaining(treasury) });
  await expect.poll(async () => (await sumHeld(zone)).held, { timeout: 10_000 }).toBe("0");
  expect((await balanceOf(treasury)) - before[0]).toBe(2_000n);
  expect((await balanceOf(wallet)) - before[1]).toBe(1_978_000n);
});

test("what is not served, or is no address, is refused", async () => {
  const body = { chain_id: paid.chain.chainId, token: paid.contracts.usdc };
  const post = async (change: object) =>
    (await api("POST", "/v1/claims", { ...body, ...change })).status;
  expect(await post({ chain_id: 1 })).toBe(404);
  expect(await post({ token: account(7) })).toBe(404);
  expect(await post({ payee: "0x12" })).toBe(400);
  expect((await api("GET", "/v1/claims?after=x")).status).toBe(400);
});

test("the dashboard shows a share that the token refused, and has it paid once the token lets it, after a question", async () => {
  await using client = await WireClient.connect(paid.steward.wireUrl);
  const creator = account(7);
  const before = await balanceOf(creator);
  await operate("blacklist", [creator]);
  await buy(client, creator);
  const browser = new Browser(paid.steward);
  await browser.login(paid.steward.token);
  const blocked = await browser.open("/admin/claims");
  expect(blocked.text).toContain(`title="${creator}"`);
  expect(blocked.text).toContain("0.02 USDC");
  expect(blocked.text).not.toContain("/admin/do/claimShares");
  await operate("unBlacklist", [creator]);
  const asked = await browser.submit("/admin/claims", "claimShares");
  expect(asked.text).toContain(`--payee ${creator}</code>`);
  const form = findForm(asked.text, "claimShares");
  expect((await browser.open("/admin/do/claimShares", { form })).status).toBe(303);
  expect((await browser.open("/admin/do/claimShares", { form })).status).toBe(303);
  await expect
    .poll(async () => (await balanceOf(creator)) - before, { timeout: 10_000 })
    .toBe(BigInt(CREATOR_FEE));
  await expect
    .poll(async () => (await browser.open("/admin/claims")).text, { timeout: 10_000 })
    .toContain("No share was refused");
});
