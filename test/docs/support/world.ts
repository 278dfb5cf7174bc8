import { createPrivateKey, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hex, parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { deployContracts } from "../../../src/contracts/deploy.ts";
import { fundAccounts } from "../../../src/dev/fund.ts";
import { type NodeKey, toNodeKey } from "../../../src/identity/node-key.ts";
import { loadOrCreateWalletKey } from "../../../src/identity/wallet-key.ts";
import { startTestChain, type TestChain } from "../../support/anvil.ts";
import { startSteward, type TestSteward } from "../../support/steward.ts";
import { example, seeds } from "../../wire/protocol-doc.ts";

/** The time at which the examples of `docs/protocol.md` begin, Unix seconds. */
export const DOC_TIME = 1_790_000_000;
const PKCS8_PREFIX = "302e020100300506032b657004220420";
/** 1,000 USDC. */
const FUNDS = 1_000_000_000n;

/** A steward and a chain as the document's examples suppose them. */
export interface DocWorld extends AsyncDisposable {
  readonly test: TestSteward;
  readonly chain: TestChain;
  /** Where the steward really listens; the examples' port is only its public one. */
  readonly wireUrl: string;
  /** The payer of the examples, and the deployer of the contracts. */
  readonly payerKey: Hex;
  /** The steward's clock, which stands still between the examples. */
  readonly clock: { now(): number; set(secs: number): void };
}

/** Returns the key of somebody in the worked example. */
export function keyOf(who: string): NodeKey {
  return toNodeKey(privateKeyOf(who));
}

function privateKeyOf(who: string): KeyObject {
  const key = Buffer.from(`${PKCS8_PREFIX}${seeds.get(who)}`, "hex");
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

/**
 * Boots anvil and a steward such that the examples' keys, addresses and times are the real ones:
 * the steward has the documented key and clock, the chain begins ten seconds before the examples
 * and anvil's first account deploys the contracts.
 */
export async function startDocWorld(): Promise<DocWorld> {
  const chain = await startTestChain({ args: ["--timestamp", String(DOC_TIME - 10)] });
  const [deployer, recipient, , treasury] = chain.accounts;
  if (!deployer || !recipient || !treasury) throw new Error("anvil has ten accounts");
  const dataDir = mkdtempSync(join(tmpdir(), "steward-docs-"));
  const pem = privateKeyOf("steward").export({ type: "pkcs8", format: "pem" }) as string;
  writeFileSync(join(dataDir, "node-key.pem"), pem, { mode: 0o600 });
  const wallet = privateKeyToAccount(loadOrCreateWalletKey(join(dataDir, "wallet-key"))).address;
  const rpc = { rpcUrl: chain.rpcUrl };
  const contracts = await deployContracts({
    ...rpc,
    privateKey: deployer.key,
    treasury: treasury.address,
    recoverers: [wallet],
  });
  await fundAccounts({
    ...rpc,
    minterKey: deployer.key,
    usdc: contracts.usdc,
    holders: [deployer.address],
    amount: FUNDS,
    gasAccount: wallet,
    gasWei: parseEther("10"),
  });
  let secs = DOC_TIME;
  const test = await startSteward({
    dataDir,
    nowMs: () => secs * 1000,
    config: {
      name: example("HelloAck").name,
      http: { port: 0, public_url: "http://127.0.0.1:8700" },
      zones: { creation: "anyone", retention: { "*": { entries_max: 2 } } },
      chains: [
        { chain_id: chain.chainId, network: "anvil", rpc_urls: [chain.rpcUrl], ...contracts },
      ],
      payments: { recipient: recipient.address },
      handlers: { "*": { echo: { type: "echo" }, translate: { type: "provider" } } },
    },
  });
  return {
    test,
    chain,
    wireUrl: `${test.httpUrl.replace("http", "ws")}/wire`,
    payerKey: deployer.key,
    clock: {
      now: () => secs,
      set: (to) => {
        secs = to;
      },
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await chain[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
