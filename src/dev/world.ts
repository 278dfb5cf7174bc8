import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createPublicClient, type Hex, http, parseEther } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { DisposalStack } from "../base/disposal-stack.ts";
import { parseConfig } from "../config/config.ts";
import { type Deployment, deployContracts } from "../contracts/deploy.ts";
import { openDataDir } from "../data-dir.ts";
import { loadOrCreateWalletKey } from "../identity/wallet-key.ts";
import { createSteward, type Steward } from "../steward.ts";
import { ANVIL_CHAIN_ID, ANVIL_KEYS, startAnvil } from "./anvil.ts";
import { fundAccounts } from "./fund.ts";

/** 10,000 test USDC. */
const FUNDS = 10_000_000_000n;
const NETWORK = "anvil";
const [DEPLOYER_KEY, TREASURY_KEY, CREATOR_KEY, ...FUNDED_KEYS] = ANVIL_KEYS;

export interface DevWorldOptions {
  /** A temporary directory, removed at the end, where it is left out. */
  readonly dataDir?: string | undefined;
  /** 0 takes a free one. */
  readonly port?: number | undefined;
  /** Ports tried where that one is taken. */
  readonly nextPorts?: readonly number[] | undefined;
  readonly anvilPort?: number | undefined;
  readonly blockTimeSecs: number;
  readonly logLevel: "info" | "warn";
}

/** A complete local world in one process tree. */
export interface DevWorld extends AsyncDisposable {
  readonly steward: Steward;
  readonly dataDir: string;
  readonly adminToken: string;
  readonly rpcUrl: string;
  readonly contracts: Deployment;
  readonly accounts: { readonly treasury: Hex; readonly creator: Hex; readonly recipient: Hex };
  readonly zone: { readonly id: string; readonly name: string; readonly actions: string[] };
  readonly fundedKeys: readonly Hex[];
}

/**
 * Starts anvil, deploys the contracts, starts a steward and makes the dev zone.
 * @throws Error when anvil is missing or a port is taken
 */
export async function startDevWorld(options: DevWorldOptions): Promise<DevWorld> {
  await using stack = new DisposalStack();
  const dataDir = options.dataDir
    ? resolve(options.dataDir)
    : await mkdtemp(join(tmpdir(), "steward-dev-"));
  if (!options.dataDir) stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const wallet = privateKeyToAccount(await makeWallet(dataDir));
  const anvil = stack.use(
    await startAnvil({
      blockTimeSecs: options.blockTimeSecs,
      port: options.anvilPort ?? 0,
      ...(options.dataDir && {
        args: ["--state", join(dataDir, "anvil-state.json"), "--state-interval", "1"],
      }),
    }),
  );
  const accounts = {
    treasury: privateKeyToAccount(TREASURY_KEY).address,
    creator: privateKeyToAccount(CREATOR_KEY).address,
    recipient: wallet.address,
  };
  const contracts = await ensureContracts(anvil.rpcUrl, dataDir, accounts);
  const steward = stack.use(
    await createSteward(toDevConfig(dataDir, anvil.rpcUrl, contracts, options), {
      nextPorts: options.nextPorts,
    }),
  );
  const adminToken = keepToken(dataDir, steward.firstToken);
  const zone = await ensureZone(steward, adminToken, accounts.creator);
  const owned = stack.move();
  return {
    steward,
    dataDir,
    adminToken,
    rpcUrl: anvil.rpcUrl,
    contracts,
    accounts,
    zone,
    fundedKeys: FUNDED_KEYS,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

async function makeWallet(dataDir: string): Promise<Hex> {
  await using files = openDataDir(dataDir);
  return loadOrCreateWalletKey(files.walletKey);
}

/** Deploys once per chain: a kept world finds its contracts again. */
async function ensureContracts(
  rpcUrl: string,
  dataDir: string,
  accounts: DevWorld["accounts"],
): Promise<Deployment> {
  const file = join(dataDir, "dev-contracts.json");
  const client = createPublicClient({ transport: http(rpcUrl) });
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, "utf8")) as Deployment;
    if ((await client.getCode({ address: known.settlement })) !== undefined) return known;
  }
  const contracts = await deployContracts({
    rpcUrl,
    privateKey: DEPLOYER_KEY,
    treasury: accounts.treasury,
    recoverers: [accounts.recipient],
  });
  await fundAccounts({
    rpcUrl,
    minterKey: DEPLOYER_KEY,
    usdc: contracts.usdc,
    holders: FUNDED_KEYS.map((key) => privateKeyToAccount(key).address),
    amount: FUNDS,
    gasAccount: accounts.recipient,
    gasWei: parseEther("1000"),
  });
  writeFileSync(file, JSON.stringify(contracts));
  return contracts;
}

function toDevConfig(
  dataDir: string,
  rpcUrl: string,
  contracts: Deployment,
  options: DevWorldOptions,
) {
  const toHandler = (name: string) => {
    const url = new URL(`./${name}-module${extname(import.meta.url)}`, import.meta.url);
    return { type: "module", path: fileURLToPath(url) };
  };
  return parseConfig(
    {
      data_dir: dataDir,
      name: "dev-steward",
      http: { port: options.port ?? 0 },
      chains: [{ chain_id: ANVIL_CHAIN_ID, network: NETWORK, rpc_urls: [rpcUrl], ...contracts }],
      handlers: {
        "*": {
          echo: { type: "echo" },
          translate: toHandler("translate"),
          audit: toHandler("audit"),
        },
      },
      log: { level: options.logLevel },
    },
    dataDir,
  );
}

/** Returns an admin token, kept beside the database, since tokens are stored only hashed. */
function keepToken(dataDir: string, firstToken: string | undefined): string {
  const file = join(dataDir, "dev-admin-token");
  if (firstToken !== undefined) {
    writeFileSync(file, firstToken, { mode: 0o600 });
    chmodSync(file, 0o600);
    return firstToken;
  }
  return readFileSync(file, "utf8").trim();
}

async function ensureZone(
  steward: Steward,
  token: string,
  creatorWallet: Hex,
): Promise<DevWorld["zone"]> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const url = `${steward.httpUrl}/v1/zones`;
  const listed = await fetch(url, { headers });
  const { zones } = (await listed.json()) as { zones: ZoneBody[] };
  if (zones[0] !== undefined) return toZone(zones[0]);
  const created = await fetch(url, {
    method: "POST",
    headers,
    body: JSON.stringify(toZoneInput(creatorWallet)),
  });
  if (!created.ok) throw new Error(`The dev zone was refused: ${await created.text()}`);
  return toZone((await created.json()) as ZoneBody);
}

interface ZoneBody {
  readonly id: string;
  readonly envelope: { readonly manifest: { name: string; actions: { name: string }[] } };
}

function toZone({ id, envelope }: ZoneBody): DevWorld["zone"] {
  const { name, actions } = envelope.manifest;
  return { id, name, actions: actions.map((action) => action.name) };
}

function toZoneInput(creatorWallet: Hex) {
  const price = (amount: string) => ({ amount, asset: "USDC", network: NETWORK });
  return {
    name: "dev-zone",
    description: "A zone to try things in: a free action, one for 2 USDC, one for 5 in escrow.",
    type: "service",
    creator: { wallet: creatorWallet },
    creator_fee_bps: 100,
    actions: [
      { name: "echo", description: "Answers its params.", params: { text: "string" } },
      {
        name: "translate",
        description: "Translates word by word with a small phrasebook.",
        params: { text: "string", source_lang: "string", target_lang: "string" },
        price: price("2000000"),
      },
      {
        name: "audit",
        description: "Counts a text and finds words written twice; paid when you release it.",
        params: { text: "string" },
        price: { ...price("5000000"), settlement_mode: "escrow" },
      },
    ],
  };
}
