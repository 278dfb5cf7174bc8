import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Deployment, deployContracts } from "../../src/contracts/deploy.ts";
import { startTestChain, type TestChain } from "../support/anvil.ts";
import { type ShapedNode, startShapedNode } from "../support/shaped-node.ts";
import { UserShell } from "../support/user-shell.ts";

const REASON = "does not run contracts of the Cancun upgrade";

let chain: TestChain;
let shell: UserShell;
beforeAll(async () => {
  chain = await startTestChain({ args: ["--hardfork", "shanghai"] });
});
afterAll(() => chain[Symbol.asyncDispose]());
beforeEach(() => {
  shell = new UserShell();
  writeFileSync(join(shell.dir, "key"), `${chain.accounts[0]?.key}\n`, { mode: 0o600 });
});
afterEach(() => shell[Symbol.asyncDispose]());

const deploy = (rpcUrl: string) =>
  shell.run(["chain", "deploy", "--rpc-url", rpcUrl, "--test-usdc", "--key-file", "key"]);

test("a deployment on a chain before Cancun is refused for that, and sends nothing", async () => {
  const { code, stderr } = await deploy(chain.rpcUrl);
  expect([code, stderr]).toEqual([1, expect.stringContaining(REASON)]);
  const account = { address: chain.accounts[0]?.address ?? "0x" };
  expect(await chain.client.getTransactionCount(account)).toBe(0);
});

test("so it is where a node says that an unknown instruction returned nothing", async () => {
  await using node: ShapedNode = await startShapedNode(chain.rpcUrl);
  node.shape = (call, ask) => (call.method === "eth_call" ? { result: "0x" } : ask(call));
  const { code, stderr } = await deploy(node.url);
  expect([code, stderr]).toEqual([1, expect.stringContaining(REASON)]);
});

test("a node that does not say is refused in its own words", async () => {
  await using node: ShapedNode = await startShapedNode(chain.rpcUrl);
  node.shape = (call, ask) =>
    call.method === "eth_call" ? { error: { code: -32_603, message: "no signer" } } : ask(call);
  const { code, stderr } = await deploy(node.url);
  expect([code, stderr]).toEqual([1, expect.stringContaining("no signer")]);
  expect(stderr).not.toContain(REASON);
});

test("a check of contracts that were put there all the same names the reason first", async () => {
  const [deployer, treasury] = chain.accounts;
  if (!deployer || !treasury) throw new Error("no accounts");
  const contracts: Deployment = await deployContracts({
    rpcUrl: chain.rpcUrl,
    privateKey: deployer.key,
    treasury: treasury.address,
    recoverers: [treasury.address],
  });
  mkdirSync(join(shell.dir, "data"));
  const entry = { chain_id: chain.chainId, network: "old", rpc_urls: [chain.rpcUrl], ...contracts };
  writeFileSync(join(shell.dir, "steward.config.json"), JSON.stringify({ chains: [entry] }));
  const { code, stdout } = await shell.run(["chain", "check", "--config", "steward.config.json"]);
  expect([code, stdout]).toEqual([1, expect.stringContaining(REASON)]);
});
