import { type Hex, parseEther } from "viem";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { fundAccounts } from "../../src/dev/fund.ts";
import { createId } from "../../src/protocol/ids.ts";
import { openShell, type Shell } from "../cli/support.ts";
import { authorize, NETWORK, type PaidSteward, startPaidSteward } from "../support/paid-steward.ts";
import { honest, type Shape, type ShapedNode, startShapedNode } from "../support/shaped-node.ts";
import type { TestSteward } from "../support/steward.ts";
import { WireClient } from "../support/wire-client.ts";

const PRICE = { amount: "2000000", asset: "USDC", network: NETWORK };

let paid: PaidSteward;
let node: ShapedNode;
let steward: TestSteward;
let shell: Shell;
beforeAll(async () => {
  paid = await startPaidSteward({});
});
afterAll(() => paid[Symbol.asyncDispose]());
beforeEach(async () => {
  node = await startShapedNode(paid.chain.rpcUrl);
  const { chainId: chain_id } = paid.chain;
  steward = await paid.start({
    chains: [{ chain_id, network: NETWORK, rpc_urls: [node.url], ...paid.contracts }],
    handlers: { "*": { work: { type: "echo" } } },
    payments: { rpc_timeout_ms: 500 },
  });
  await fundAccounts({
    rpcUrl: paid.chain.rpcUrl,
    minterKey: paid.chain.accounts[0]?.key as Hex,
    usdc: paid.contracts.usdc,
    holders: [wallet()],
    amount: 10_000_000n,
    gasAccount: wallet(),
    gasWei: parseEther("10"),
  });
  shell = openShell({ STEWARD_URL: steward.httpUrl, STEWARD_TOKEN: steward.token });
});
afterEach(async () => {
  shell[Symbol.dispose]();
  await steward[Symbol.asyncDispose]();
  await node[Symbol.asyncDispose]();
});

const wallet = () => steward.steward.walletAddress as Hex;

async function buy(): Promise<string> {
  await using client = await WireClient.connect(steward.wireUrl);
  const action = { name: "work", description: "Answers.", price: PRICE };
  const zone_id = await steward.createZone({ actions: [action] });
  await client.ask({ type: "zone.join", zone_id });
  const request_id = createId("req");
  const body = { type: "zone.request", request_id, zone_id, action: "work", params: {} };
  const { payment_requirement } = await client.ask(body);
  const authorization = await authorize(payment_requirement, paid.payer);
  await client.ask({ type: "zone.payment", request_id, authorization });
  const { payments } = (await steward.api("GET", "/v1/payments")).body;
  return payments[0].id;
}

const balanceOfPayer = async () => {
  const data = `0x70a08231${paid.payer.address.slice(2).padStart(64, "0")}`;
  return BigInt((await paid.chain.rpc("eth_call", [{ to: paid.contracts.usdc, data }])) as Hex);
};
const refundOf = async (id: string) => (await shell.json(["settlement", "show", id])).refund;
const declare = (id: string) =>
  steward.api("POST", `/v1/payments/${id}/refund/lost`, { reason: "the payer has nothing" });

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await node.asked();
}

/** No index of transactions; and no transactions in blocks, where `blocks` says so. */
const unshown =
  (blocks: boolean): Shape =>
  async (call, ask) => {
    const { method, params } = call;
    if (method === "eth_getBlockByNumber" && params[1] === true && blocks) return { result: null };
    const isOfIndex = /^eth_get(Transaction(Receipt|ByHash)|BlockReceipts)$/.test(method);
    return isOfIndex ? { result: null } : ask(call);
  };

test("a refund that was paid cannot be declared lost, however little of it a node shows", async () => {
  const id = await buy();
  const before = await balanceOfPayer();
  node.shape = unshown(true);
  await shell.json(["settlement", "refund", id]);
  await until(async () => (await balanceOfPayer()) === before + 2_000_000n);
  const early = await declare(id);
  expect(early).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
  expect(early.body.error.message).toContain("may still be mined");
  await paid.chain.mine(70);
  const byEvent = await declare(id);
  expect(byEvent).toMatchObject({ status: 409, body: { error: { code: "conflict" } } });
  expect(byEvent.body.error.message).toContain("shows its transaction");
  node.shape = unshown(false);
  expect((await declare(id)).body.error.message).toContain("shows its transaction");
  node.shape = honest;
  await until(async () => (await refundOf(id)).state === "confirmed");
  expect((await declare(id)).status).toBe(409);
  expect(await balanceOfPayer()).toBe(before + 2_000_000n);
});

test("a refund that no node shows is declared lost by the operator, with his reason, and paid when asked for again", async () => {
  const id = await buy();
  const before = await balanceOfPayer();
  // Acknowledged and forgotten; then another transaction of the wallet has its nonce.
  node.shape = (call, ask, request) =>
    call.method === "eth_sendRawTransaction"
      ? { error: { code: -32_000, message: "already known" } }
      : unshown(true)(call, ask, request);
  await shell.json(["settlement", "refund", id]);
  await until(async () => (await refundOf(id)).state === "submitted");
  expect((await declare(id)).body.error.message).toContain("may still be mined");
  await paid.chain.rpc("anvil_impersonateAccount", [wallet()]);
  const other = { from: wallet(), to: wallet(), gasPrice: "0x174876e800" };
  await paid.chain.rpc("eth_sendTransaction", [other]);
  await paid.chain.mine(70);
  const health = async () => JSON.stringify((await steward.api("GET", "/readyz?verbose")).body);
  await until(async () => (await health()).includes("settlement declare-lost"));

  const { shape } = node;
  node.shape = () => ({ status: 500 });
  expect((await declare(id)).body.error).toMatchObject({ code: "internal" });
  node.shape = shape;
  expect((await shell.run(["settlement", "declare-lost", id])).code).toBe(2);
  // A URL that did not answer is left alone for a moment.
  await until(async () => (await refundOf(id)).state === "submitted" && (await isUp()));
  const reason = "the explorer shows another transaction";
  const { refund } = await shell.json(["settlement", "declare-lost", id, "--reason", reason]);
  expect(refund).toMatchObject({ state: "failed", failure: `Declared lost: ${reason}` });
  expect(await balanceOfPayer()).toBe(before);
  const { tokens } = (await steward.api("GET", "/v1/tokens")).body;
  const { history } = await shell.json(["settlement", "show", id]);
  const declared = history.at(-1).detail;
  expect(declared).toMatchObject({ refund: "declared lost", why: reason });
  expect(tokens.map(({ id: token }: { id: string }) => token)).toContain(declared.by);

  node.shape = honest;
  await shell.json(["settlement", "refund", id]);
  await until(async () => (await refundOf(id)).state === "confirmed");
  expect(await balanceOfPayer()).toBe(before + 2_000_000n);
});

const isUp = async () => (await steward.api("GET", "/readyz?verbose")).status === 200;
