import { fileURLToPath } from "node:url";
import type { Abi, Address, Hex } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileSolidity } from "../../scripts/solidity.ts";
import { RpcEndpoint } from "../../src/payments/chain/rpc-endpoint.ts";
import { inspectToken } from "../../src/payments/chain/token-check.ts";
import { startWorld, type World } from "../support/contracts/world.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const tokens = compileSolidity(ROOT, ["contracts/test/PartTokens.sol"], { viaIR: false });

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

async function deploy(name: string, args: readonly unknown[] = []): Promise<Address> {
  const token = tokens.get(name);
  if (!token) throw new Error(`no ${name}`);
  return world.deploy(token.abi as Abi, token.bytecode, args);
}

async function inspect(token: Hex, chainId: number = world.chain.chainId) {
  const { rpcUrl: url } = world.chain;
  const stop = new AbortController().signal;
  const rpc = new RpcEndpoint({ label: "test", url, timeoutMs: 5_000, stop });
  const { findings, domainSeparator } = await inspectToken(rpc, token, chainId);
  const failed = findings.filter(({ ok }) => !ok).map(({ item, detail }) => `${item}: ${detail}`);
  const noted = findings.filter(({ ok, hint }) => ok && hint).map(({ item }) => item);
  return { failed, noted, domainSeparator };
}

test("a token like USDC has everything that payments use", async () => {
  const { failed, noted, domainSeparator } = await inspect(world.usdc);
  expect({ failed, noted }).toEqual({ failed: [], noted: [] });
  expect(domainSeparator).toMatch(/^0x[0-9a-f]{64}$/);
});

test("a token that only key accounts can pay in is taken, and that is said", async () => {
  const { failed, noted } = await inspect(await deploy("KeysOnlyToken", [6]));
  expect({ failed, noted }).toEqual({ failed: [], noted: ["usdc smart accounts"] });
});

test("amounts in other units than USDC's are refused", async () => {
  const { failed } = await inspect(await deploy("KeysOnlyToken", [18]));
  expect(failed).toEqual(["usdc decimals: 18 decimals; amounts are in units of 6"]);
});

test("a token with permit only is refused for what it lacks", async () => {
  const { failed } = await inspect(await deploy("PermitToken"));
  expect(failed).toEqual([
    "usdc EIP-3009: authorizationState() is missing or answers something else",
  ]);
});

test("a function is missing where its call reverts without a reason and the code does not know it", async () => {
  const { failed } = await inspect(await deploy("NoReceiveToken"));
  expect(failed).toEqual(["usdc EIP-3009: receiveWithAuthorization() is missing"]);
});

test("a fallback that takes any call is no EIP-3009", async () => {
  const { failed } = await inspect(await deploy("AnyCallToken"));
  expect(failed).toEqual(["usdc EIP-3009: receiveWithAuthorization() is missing"]);
});

test("another chain's domain, and an address without a contract, are refused", async () => {
  const { failed, domainSeparator } = await inspect(world.usdc, 8453);
  expect(failed).toEqual([
    'usdc domain: DOMAIN_SEPARATOR() is not that of "USD Coin" version "2" on chain 8453',
  ]);
  expect(domainSeparator).toBeUndefined();
  const nobody = `0x${"11".repeat(20)}` as const;
  expect((await inspect(nobody)).failed).toEqual([`usdc code: no contract at ${nobody}`]);
});
