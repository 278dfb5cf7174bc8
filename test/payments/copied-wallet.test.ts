import { join as joinPath } from "node:path";
import type { Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fundAccounts } from "../../src/dev/fund.ts";
import { createId } from "../../src/protocol/ids.ts";
import { openShell } from "../cli/support.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { createApi, startSteward, type TestSteward } from "../support/steward.ts";
import { type Reply, WireClient } from "../support/wire-client.ts";

let paid: PaidSteward;
let zoneId: string;
beforeAll(async () => {
  paid = await startPaidSteward({});
  const wallet = paid.steward.steward.walletAddress as Hex;
  await fundAccounts({
    rpcUrl: paid.chain.rpcUrl,
    minterKey: paid.chain.accounts[0]?.key as Hex,
    usdc: paid.contracts.usdc,
    holders: [wallet],
    amount: 10_000_000n,
    gasAccount: wallet,
    gasWei: 10n ** 19n,
  });
  const price = { amount: "2000000", asset: "USDC", network: NETWORK };
  const params = { text: "string" };
  zoneId = await paid.steward.createZone({
    actions: [{ name: "echo", description: "Answers its params.", params, price }],
  });
});
afterAll(() => paid[Symbol.asyncDispose]());

/** Asks for the priced action and pays where it is quoted; returns the last answer. */
async function buy(client: WireClient): Promise<Reply> {
  const request_id = createId("req");
  const params = { text: "hello" };
  const asked = { type: "zone.request", request_id, zone_id: zoneId, action: "echo", params };
  const quoted = await client.ask(asked);
  if (quoted.type !== "zone.payment_required") return quoted;
  const authorization = await authorize(quoted.payment_requirement, paid.payer);
  return client.ask({ type: "zone.payment", request_id, authorization });
}

async function join(steward: Pick<TestSteward, "wireUrl">, key?: WireClient["key"]) {
  const client = await WireClient.connect(steward.wireUrl, key === undefined ? {} : { key });
  await client.ask({ type: "zone.join", zone_id: zoneId });
  return client;
}

function countOnChain(): Promise<number> {
  const address = paid.steward.steward.walletAddress as Hex;
  return paid.chain.client.getTransactionCount({ address });
}

async function passBlocks(count: bigint): Promise<void> {
  const from = await paid.chain.client.getBlockNumber();
  const now = () => paid.chain.client.getBlockNumber({ cacheTime: 0 });
  await expect.poll(now, { timeout: 10_000 }).toBeGreaterThanOrEqual(from + count);
}

/** Starts a copy of the original's data directory as it is now. */
async function startCopy(shell: ReturnType<typeof openShell>, name: string) {
  const { body: backup } = await paid.steward.api("POST", "/v1/backups");
  const to = joinPath(shell.dir, name);
  await shell.json(["backup", "restore", backup.path, "--data", to]);
  const [{ chain_id }] = (await paid.steward.api("GET", "/v1/wallets")).body.wallets;
  const chains = [{ chain_id, network: NETWORK, rpc_urls: [paid.chain.rpcUrl], ...paid.contracts }];
  const start = async () => {
    const steward = await startSteward({ dataDir: to, config: { chains } });
    const api = createApi(steward.httpUrl, paid.steward.token);
    const standing = async () => (await api("GET", "/v1/wallets")).body.wallets[0].state;
    return { api, standing, [Symbol.asyncDispose]: () => steward.steward[Symbol.asyncDispose]() };
  };
  return { start };
}

test("a copy whose books equal the chain at its start sends nothing once the original has sent, or is sending", async () => {
  using shell = openShell({ STEWARD_TOKEN: paid.steward.token });
  await using client = await join(paid.steward);
  for (let i = 0; i < 2; i++) expect((await buy(client)).type).toBe("zone.response");
  const delivered = await paid.steward.api("GET", "/v1/payments?state=delivered");
  const [{ id }, { id: other }] = delivered.body.payments;
  {
    await using copy = await (await startCopy(shell, "equal")).start();
    await expect.poll(copy.standing, { timeout: 10_000 }).toBe("open");
    expect((await paid.steward.api("POST", `/v1/payments/${id}/refund`, {})).status).toBe(202);
    const isPaid = async () =>
      (await paid.steward.api("GET", `/v1/payments/${id}`)).body.refund.state === "confirmed";
    await expect.poll(isPaid, { timeout: 10_000 }).toBe(true);
    const before = await countOnChain();
    expect((await copy.api("POST", `/v1/payments/${id}/refund`, {})).status).toBe(202);
    await expect.poll(copy.standing, { timeout: 10_000 }).toBe("held");
    await passBlocks(3n);
    expect(await countOnChain()).toBe(before);
    const { body } = await copy.api("GET", `/v1/payments/${id}`);
    expect(body.refund.state).toBe("requested");
  }
  const late = await startCopy(shell, "late");
  await paid.chain.rpc("evm_setIntervalMining", [0]);
  const address = paid.steward.steward.walletAddress as Hex;
  const buying = buy(client);
  const isSent = async () =>
    (await paid.chain.client.getTransactionCount({ address, blockTag: "pending" })) >
    (await countOnChain());
  await expect.poll(isSent, { timeout: 10_000 }).toBe(true);
  await using copy = await late.start();
  await expect.poll(copy.standing, { timeout: 10_000 }).toBe("held");
  await paid.chain.rpc("evm_setIntervalMining", [1]);
  expect((await buying).type).toBe("zone.response");

  // A refund that is given up is owed: it is named and listed, and its zone stays.
  const { api } = copy;
  expect((await api("POST", `/v1/payments/${other}/refund`, {})).status).toBe(202);
  const [{ chain_id }] = (await api("GET", "/v1/wallets")).body.wallets;
  const word = { chain_id, nonce: await countOnChain() };
  const { body: released } = await api("POST", "/v1/wallets/release", word);
  expect(released).toMatchObject({ state: "open", given_up: [other] });
  const { payments } = (await api("GET", "/v1/payments?waiting=operator")).body;
  expect(payments).toMatchObject([
    { id: other, waiting: "operator", hint: expect.stringMatching(/refund failed/) },
  ]);
  expect((await api("POST", `/v1/zones/${zoneId}/stop`)).status).toBe(200);
  const deletion = await api("DELETE", `/v1/zones/${zoneId}`);
  expect([deletion.status, deletion.body.error.details.open]).toEqual([
    409,
    [{ kind: "refund", id: other, state: "failed" }],
  ]);
});

test("a copy that is behind its wallet moves no money, and sends again at the operator's word alone, without what may have been paid", async () => {
  using shell = openShell({ STEWARD_TOKEN: paid.steward.token });
  await using client = await join(paid.steward);
  expect((await buy(client)).type).toBe("zone.response");
  const { body: backup } = await paid.steward.api("POST", "/v1/backups");
  // What the copy does not know of.
  expect((await buy(client)).type).toBe("zone.response");
  const to = joinPath(shell.dir, "copy");
  await shell.json(["backup", "restore", backup.path, "--data", to]);
  const [{ chain_id }] = (await paid.steward.api("GET", "/v1/wallets")).body.wallets;
  const chains = [{ chain_id, network: NETWORK, rpc_urls: [paid.chain.rpcUrl], ...paid.contracts }];
  const before = await countOnChain();
  const copy = await startSteward({ dataDir: to, config: { chains } });
  const api = createApi(copy.httpUrl, paid.steward.token);
  const walletOf = async () => (await api("GET", "/v1/wallets")).body.wallets[0];
  await expect.poll(walletOf, { timeout: 10_000 }).toMatchObject({
    ...{ state: "held", known_nonce: before - 1, chain_nonce: before },
  });

  const other = await join(copy, client.key);
  expect(await buy(other)).toMatchObject({ code: "internal", reason: "WALLET_HELD" });
  const { body: ready } = await api("GET", "/readyz?verbose");
  const alarms = ready.error.details.checks.flatMap((check: Reply) => check.alarms ?? []);
  expect(alarms).toContainEqual(expect.objectContaining({ id: "wallet-ahead" }));
  const [{ id }] = (await api("GET", "/v1/payments?state=delivered")).body.payments;
  expect((await api("POST", `/v1/payments/${id}/refund`, { reason: "no" })).status).toBe(202);
  await passBlocks(5n);
  expect(await countOnChain()).toBe(before);

  // The original still runs: its use is seen, and the word is refused.
  expect((await buy(client)).type).toBe("zone.response");
  const stale = { chain_id, nonce: before };
  const refused = await api("POST", "/v1/wallets/release", stale);
  expect([refused.status, refused.body.error.details.chain_nonce]).toEqual([409, before + 1]);

  const { wallets } = await shell.json(["settlement", "wallet", "--url", copy.httpUrl]);
  expect(wallets).toMatchObject([{ chain_id, state: "held", known_nonce: before - 1 }]);
  const release = ["settlement", "release-wallet", `${chain_id}`, "--nonce", `${before + 1}`];
  const released = await shell.json([...release, "--url", copy.httpUrl]);
  expect(released).toMatchObject({ state: "open", given_up: [id] });
  const { body: payment } = await api("GET", `/v1/payments/${id}`);
  expect(payment.refund).toMatchObject({
    state: "failed",
    failure: expect.stringMatching(/may have been paid already/),
  });
  const twice = await api("POST", "/v1/wallets/release", { chain_id, nonce: before + 1 });
  expect(twice.status).toBe(409);
  await passBlocks(5n);
  expect(await countOnChain()).toBe(before + 1);

  // The word is kept.
  await copy.steward[Symbol.asyncDispose]();
  await using again = await startSteward({ dataDir: to, config: { chains } });
  await using last = await join(again, client.key);
  expect((await buy(last)).type).toBe("zone.response");
  expect(await countOnChain()).toBe(before + 2);
});
