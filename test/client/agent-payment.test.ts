import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, http, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openFileLedger } from "../../src/cli/agent/file-ledger.ts";
import { Agent, type AgentOptions, type PaymentLedger } from "../../src/client/agent.ts";
import { findAuthorizationFate } from "../../src/client/requests/authorization-fate.ts";
import { parseChains } from "../../src/client/requests/chain-settings.ts";
import { type DevWorld, startDevWorld } from "../../src/dev/world.ts";
import { toRequestKey } from "../../src/protocol/terms.ts";

const PARAMS = { text: "hello", source_lang: "en", target_lang: "de" };
const BALANCE_ABI = parseAbi(["function balanceOf(address) view returns (uint256)"]);

let world: DevWorld;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "agent-payment-"));
  world = await startDevWorld({ dataDir: directory, blockTimeSecs: 0.1, logLevel: "warn" });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function connect(options: Partial<AgentOptions> = {}): Promise<Agent> {
  const { usdc, settlement } = world.contracts;
  const wallet = world.fundedKeys[0];
  if (wallet === undefined) throw new Error("no funded key");
  const agent = await Agent.connect(world.steward.wireUrl, {
    key: crypto.getRandomValues(new Uint8Array(32)),
    name: "payer",
    wallet,
    chains: { 31337: { usdc, settlement } },
    ...options,
  });
  onTestFinished(() => agent.close());
  await agent.join(world.zone.id);
  return agent;
}

function payerAddress() {
  const [key] = world.fundedKeys;
  if (key === undefined) throw new Error("no funded key");
  return privateKeyToAccount(key).address;
}

function readBalance(): Promise<bigint> {
  return createPublicClient({ transport: http(world.rpcUrl) }).readContract({
    address: world.contracts.usdc,
    abi: BALANCE_ABI,
    functionName: "balanceOf",
    args: [payerAddress()],
  });
}

const pay = (agent: Agent, requestId: string) =>
  agent.request(world.zone.id, "translate", PARAMS, { pay: { maxAmount: "2000000" }, requestId });

test("a priced action is paid once, however often and from however many processes it is asked for", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const path = join(directory, "once.jsonl");
  const before = await readBalance();
  const outcomes = [];
  for (let process = 0; process < 2; process++) {
    await using ledger = await openFileLedger(path);
    const agent = await connect({ key, ledger });
    outcomes.push(...(await Promise.all([pay(agent, "req_once"), pay(agent, "req_once")])));
    await agent.close();
  }
  expect(outcomes[0]?.result).toMatchObject({ text: "hallo" });
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  expect(before - (await readBalance())).toBe(2_000_000n);
});

test("an authorization recorded before a crash is the one that is sent afterwards", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const path = join(directory, "crash.jsonl");
  const before = await readBalance();
  {
    await using file = await openFileLedger(path);
    const crashing: PaymentLedger = {
      get: (requestKey) => file.get(requestKey),
      put: async (requestKey, entry) => {
        await file.put(requestKey, entry);
        throw new Error("crashed here");
      },
    };
    const agent = await connect({ key, ledger: crashing });
    await expect(pay(agent, "req_crash")).rejects.toMatchObject({ code: "ledger_failed" });
    await agent.close();
  }
  expect(await readBalance()).toBe(before);
  await using ledger = await openFileLedger(path);
  const agent = await connect({ key, ledger });
  const requestKey = toRequestKey(agent.nodeId, "req_crash", {
    action: "translate",
    params: PARAMS,
  });
  const recorded = await ledger.get(requestKey);
  expect((await pay(agent, "req_crash")).settlement?.amount).toBe("2000000");
  expect(await ledger.get(requestKey)).toMatchObject({
    state: "settled",
    nonce: recorded?.nonce,
    authorization: recorded?.authorization,
  });
  expect(before - (await readBalance())).toBe(2_000_000n);
});

test("the chain tells what became of an authorization", async () => {
  await using ledger = await openFileLedger(join(directory, "fate.jsonl"));
  const agent = await connect({ ledger });
  await pay(agent, "req_fate");
  const content = { action: "translate", params: PARAMS };
  const settled = await ledger.get(toRequestKey(agent.nodeId, "req_fate", content));
  if (settled === undefined) throw new Error("nothing recorded");
  const { usdc, settlement } = world.contracts;
  const chain = parseChains({ 31337: { usdc, settlement, rpcUrl: world.rpcUrl } }).get(31337);
  const { timestamp } = await createPublicClient({ transport: http(world.rpcUrl) }).getBlock();
  const blockTime = Number(timestamp);
  // The agent's own clock says that everything is long over; only the chain counts.
  const find = (changes: object) =>
    findAuthorizationFate({ ...settled, state: "authorized", ...changes }, chain, blockTime * 2);
  const unused = `0x${"77".repeat(32)}`;
  expect(await find({})).toBe("used");
  expect(await find({ validBefore: 1 })).toBe("used");
  expect(await find({ nonce: unused, validBefore: blockTime + 600 })).toBe("open");
  expect(await find({ nonce: unused, validBefore: blockTime - 5 })).toBe("open");
  expect(await find({ nonce: unused, validBefore: blockTime - 600 })).toBe("void");
  expect(await find({ nonce: unused, validBefore: 1, chainId: 1 })).toBe("open");
});

test("a chain that cannot be asked keeps the payment back", async () => {
  const content = { action: "translate", params: PARAMS };
  const key = crypto.getRandomValues(new Uint8Array(32));
  await using ledger = await openFileLedger(join(directory, "dead.jsonl"));
  const { usdc, settlement } = world.contracts;
  const chains = { 31337: { usdc, settlement, rpcUrl: "http://127.0.0.1:1" } };
  const agent = await connect({ key, ledger, chains });
  const requestKey = toRequestKey(agent.nodeId, "req_dead", content);
  await ledger.put(requestKey, {
    requestKey,
    requestId: "req_dead",
    zoneId: world.zone.id,
    chainId: 31337,
    token: usdc,
    from: payerAddress(),
    recipient: payerAddress(),
    creatorFeeBps: 0,
    amount: "1",
    nonce: `0x${"66".repeat(32)}`,
    validBefore: 1,
    authorization: {},
    state: "authorized",
  });
  const before = await readBalance();
  await expect(pay(agent, "req_dead")).rejects.toMatchObject({
    code: "payment_unresolved",
    reason: "CHAIN_UNAVAILABLE",
  });
  expect(await readBalance()).toBe(before);
});
