import { once } from "node:events";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Address, getAddress } from "viem";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { zoneEscrowAbi } from "../../src/abi/zone-escrow.generated.ts";
import { zoneSettlementAbi } from "../../src/abi/zone-settlement.generated.ts";
import { startTestChain, type TestChain } from "../support/anvil.ts";
import { startWorld, type World } from "../support/contracts/world.ts";
import { UserShell } from "../support/user-shell.ts";

const TREASURY: Address = `0x${"7e".repeat(20)}`;
const CONFIG = "data/steward.config.json";

let shell: UserShell;
let world: World;
let chain: TestChain;
beforeAll(async () => {
  world = await startWorld();
  chain = world.chain;
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  shell = new UserShell();
  return () => shell[Symbol.asyncDispose]();
});

const path = (name: string) => join(shell.dir, name);

/** Writes one of anvil's keys into a file of mode 0600; a key for itself unless told otherwise. */
function writeKey(index: number, of: TestChain = chain): string {
  writeFileSync(path("key"), `${of.accounts[index]?.key}\n`, { mode: 0o600 });
  return path("key");
}

/** `steward chain deploy` on the test chain with a key file that is there. */
function deploy(args: readonly string[], of: TestChain = chain) {
  return shell.run(["chain", "deploy", "--rpc-url", of.rpcUrl, "--key-file", "key", ...args]);
}

async function init(): Promise<string> {
  const { stdout } = await shell.run(["init", "--data", "data"]);
  return /^wallet +(0x[0-9a-fA-F]{40})/m.exec(stdout)?.[1] ?? "";
}

const readConfig = () => JSON.parse(readFileSync(path(CONFIG), "utf8"));

test("a deployment prints exactly the entry, writes it, binds what was named, and a check finds it", async () => {
  const wallet = await init();
  writeFileSync(path(CONFIG), '{\n\t"data_dir": ".",\n\t"name": "mine",\n\t"chains": []\n}\n');
  chmodSync(path(CONFIG), 0o640);
  writeKey(7);
  const args = ["--test-usdc", "--treasury", TREASURY, "--write", CONFIG, "--json"];
  const { code, stdout, stderr } = await deploy(args);
  expect([code, stderr]).toEqual([0, expect.stringContaining("all as it must be")]);
  const entry = JSON.parse(stdout);
  expect(stdout).toBe(`${JSON.stringify(entry)}\n`);
  const address = expect.stringMatching(/^0x[0-9a-fA-F]{40}$/);
  expect(entry).toEqual({
    chain_id: 31337,
    network: "anvil",
    rpc_urls: [chain.rpcUrl],
    ...{ usdc: address, settlement: address, escrow: address },
  });
  for (const made of [entry.usdc, entry.settlement, entry.escrow]) expect(stderr).toContain(made);
  expect(stderr.match(/by transaction 0x[0-9a-f]{64}/g)).toHaveLength(3);
  expect(readConfig()).toEqual({ data_dir: ".", name: "mine", chains: [entry] });
  expect(readFileSync(path(CONFIG), "utf8")).toContain('\n\t"name"');
  expect(statSync(path(CONFIG)).mode & 0o777).toBe(0o640);
  for (const [name, abi] of [
    ["settlement", zoneSettlementAbi],
    ["escrow", zoneEscrowAbi],
  ] as const) {
    const contract = { address: entry[name], abi } as const;
    const read = chain.client.readContract;
    expect(await read({ ...contract, functionName: "treasury" })).toBe(getAddress(TREASURY));
    const args = [wallet as Address] as const;
    expect(await read({ ...contract, functionName: "isRecoverer", args })).toBe(true);
  }
  const unfunded = await shell.run(["chain", "check", "--config", CONFIG]);
  expect(unfunded.code).toBe(1);
  expect(unfunded.stdout).toMatch(
    /WRONG +wallet gas +0x\w+ has 0 of[^\n]*\n +send the wallet more/,
  );
  expect(unfunded.stdout.match(/WRONG/g)).toHaveLength(1);
  await chain.rpc("anvil_setBalance", [wallet, "0x8ac7230489e80000"]);
  const funded = await shell.run(["chain", "check", "--config", CONFIG, "--json"]);
  expect(funded.code).toBe(0);
  expect(JSON.parse(funded.stdout)).toMatchObject({
    ok: true,
    chains: [{ chain_id: 31337, ok: true, reachable: true }],
  });
  const again = await deploy(args);
  expect([again.code, again.stdout]).toEqual([2, ""]);
  expect(again.stderr).toMatch(new RegExp(`settlement ${entry.settlement}.*--replace`));
  expect(readConfig().chains).toEqual([entry]);
});

test("a replaced entry keeps what else the operator wrote into it", async () => {
  await init();
  const old = { chain_id: 31337, network: "mynet", rpc_urls: ["http://a.test"], confirmations: 3 };
  const others = [{ chain_id: 5, network: "x" }];
  writeFileSync(path(CONFIG), JSON.stringify({ data_dir: ".", chains: [...others, old] }));
  writeKey(8);
  const { stdout } = await deploy(["--usdc", world.usdc, "--write", CONFIG, "--replace", "--json"]);
  const entry = JSON.parse(stdout);
  expect(entry).toMatchObject({
    ...{ chain_id: 31337, network: "mynet", confirmations: 3, usdc: world.usdc },
    rpc_urls: [chain.rpcUrl, "http://a.test"],
  });
  expect(readConfig().chains).toEqual([...others, entry]);
});

test("a dry run says what it would do and what it can cost, and sends nothing", async () => {
  writeKey(9);
  const sender = chain.accounts[9]?.address as Address;
  const { code, stdout, stderr } = await deploy(["--test-usdc", "--dry-run"]);
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).toMatch(/treasury +0x\w+ \(the deployer: --treasury names another\)/);
  expect(stderr).toMatch(/to do +usdc, settlement, escrow: 3 transactions\nat most +0\.\d+ ETH/);
  expect(await chain.client.getTransactionCount({ address: sender })).toBe(0);
});

test("a token that payments cannot be taken in is refused before anything is sent", async () => {
  writeKey(9);
  const { code, stdout, stderr } = await deploy(["--usdc", world.settlement]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /Nothing was sent\.\n +usdc decimals: decimals\(\) is missing[^\n]*\n +usdc domain: /,
  );
  const nowhere = await deploy(["--usdc", `0x${"11".repeat(20)}`, "--json"]);
  expect([nowhere.code, nowhere.stderr]).toEqual([
    1,
    expect.stringMatching(/no contract at 0x1111/),
  ]);
});

test("a deployer that cannot pay is told how much it lacks, and nothing is sent", async () => {
  writeFileSync(path("key"), `0x${"5a".repeat(32)}`, { mode: 0o600 });
  const { code, stderr } = await deploy(["--test-usdc"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/has 0 ETH on chain 31337 and may need 0\.\d+ ETH\. Send it/);
});

test("the key's file must be there, private, and hold a key", async () => {
  const missing = await deploy(["--test-usdc"]);
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/key is not there/)]);
  writeKey(7);
  chmodSync(path("key"), 0o644);
  const open = await deploy(["--test-usdc"]);
  expect([open.code, open.stderr]).toEqual([2, expect.stringMatching(/chmod 600 key/)]);
  writeFileSync(path("key"), "0x12");
  chmodSync(path("key"), 0o600);
  const short = await deploy(["--test-usdc"]);
  expect([short.code, short.stderr]).toEqual([2, expect.stringMatching(/64 hex digits/)]);
  expect(short.stderr).not.toContain("0x12");
});

test("nobody on the port is 3; something else there is 3 and is said", async () => {
  writeKey(7);
  await using site = createServer((_request, response) => response.end("<html>hello</html>"));
  await once(site.listen(0, "127.0.0.1"), "listening");
  const { port } = site.address() as AddressInfo;
  const at = (url: string) =>
    shell.run(["chain", "deploy", "--rpc-url", url, "--key-file", "key", "--test-usdc"]);
  const [other, nobody] = await Promise.all([
    at(`http://127.0.0.1:${port}/secret-api-key`),
    at("http://127.0.0.1:9/secret-api-key"),
  ]);
  expect([other.code, other.stderr]).toEqual([3, expect.stringMatching(/not in JSON.*JSON-RPC\?/)]);
  expect([nobody.code, nobody.stderr]).toEqual([3, expect.stringMatching(/not reachable/)]);
  expect(other.stderr + nobody.stderr).not.toContain("secret-api-key");
});

test("where money is real there is no test token, no key that everybody has, no unnamed treasury", async () => {
  await using base = await startTestChain({ args: ["--chain-id", "8453"] });
  writeKey(0, base);
  const test = await deploy(["--test-usdc", "--treasury", TREASURY], base);
  expect([test.code, test.stderr]).toEqual([
    2,
    expect.stringMatching(/--test-usdc: money on Base/),
  ]);
  const known = await deploy(["--treasury", TREASURY], base);
  expect([known.code, known.stderr]).toEqual([
    2,
    expect.stringMatching(/whose keys everybody has/),
  ]);
  writeFileSync(path("key"), `0x${"5a".repeat(32)}`, { mode: 0o600 });
  const unnamed = await deploy([], base);
  expect([unnamed.code, unnamed.stderr]).toEqual([
    2,
    expect.stringMatching(/--treasury: name who/),
  ]);
  const usdc = await deploy(["--treasury", TREASURY], base);
  // Circle's address is known here, and nothing is there on this copy of the chain.
  expect([usdc.code, usdc.stderr]).toEqual([1, expect.stringMatching(/no contract at 0x833589f/)]);
});

test("a deployment that is stopped says what is there, and goes on from it", async () => {
  await using slow = await startTestChain({ blockTimeSecs: 3600 });
  await slow.mine();
  writeKey(0, slow);
  const args = ["chain", "deploy", "--rpc-url", slow.rpcUrl, "--key-file", "key"];
  const first = shell.start([...args, "--test-usdc"]);
  const [, usdc] = await first.says(
    /usdc +(0x\w+), to be made by transaction 0x\w{64}\n/,
    "stderr",
  );
  await waiting(slow);
  await slow.mine();
  const [, settlement] = await first.says(/settlement +(0x\w+), to be made by/, "stderr");
  await waiting(slow);
  first.signal("SIGINT");
  const stopped = await first.ended;
  expect([stopped.code, stopped.stdout]).toEqual([130, ""]);
  expect(stopped.stderr).toContain(`Deployed so far: usdc ${usdc}.`);
  expect(stopped.stderr).toContain(`with: --usdc ${usdc} (without --test-usdc)`);
  const early = await shell.run([...args, "--usdc", usdc ?? ""]);
  expect([early.code, early.stderr]).toEqual([1, expect.stringMatching(/1 transaction\(s\)/)]);
  await slow.mine();
  const second = shell.start([...args, "--usdc", usdc ?? "", "--settlement", settlement ?? ""]);
  await second.says(/to do +escrow: 1 transactions/, "stderr");
  await second.says(/escrow +0x\w+, to be made by/, "stderr");
  await waiting(slow);
  await slow.mine();
  const { code, stdout } = await second.ended;
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ usdc, settlement })]);
});

/** Waits until a transaction of the deployer waits for a block. */
async function waiting({ client, accounts }: TestChain): Promise<void> {
  const address = accounts[0]?.address as Address;
  const count = (blockTag: "pending" | "latest") =>
    client.getTransactionCount({ address, blockTag });
  while ((await count("pending")) === (await count("latest")));
}

test("a check says which chain a URL serves, tries every URL, and is 3 where none answers", async () => {
  await init();
  writeKey(7);
  const { stdout } = await deploy(["--usdc", world.usdc]);
  const entry = JSON.parse(stdout);
  const write = (change: object) =>
    writeFileSync(
      path(CONFIG),
      JSON.stringify({ data_dir: ".", chains: [{ ...entry, ...change }] }),
    );
  const check = () => shell.run(["chain", "check", "--data", "data"]);
  write({ chain_id: 8453 });
  const wrong = await check();
  expect([wrong.code, wrong.stdout]).toEqual([
    3,
    expect.stringMatching(/WRONG +rpc_urls\.0 127\.0\.0\.1:\d+ +serves chain 31337, not 8453/),
  ]);
  write({ rpc_urls: ["http://127.0.0.1:9/key"] });
  const dead = await check();
  expect([dead.code, dead.stdout]).toEqual([
    3,
    expect.stringMatching(/NOT READY\n +WRONG +rpc_urls/),
  ]);
  expect(dead.stdout).not.toContain("/key");
  write({ rpc_urls: ["http://127.0.0.1:9/key", chain.rpcUrl], settlement: entry.escrow });
  const other = await check();
  expect(other.code).toBe(1);
  expect(other.stdout).toMatch(/WRONG +rpc_urls\.0/);
  expect(other.stdout).toMatch(/ok +rpc_urls\.1/);
  expect(other.stdout).toMatch(/WRONG +settlement terms +it commits to other terms/);
});
