import { fileURLToPath } from "node:url";
import type { Abi, Address, Hex } from "viem";
import { encodeFunctionData } from "viem";
import { compileSolidity } from "../../../scripts/solidity.ts";
import { deployContracts } from "../../../src/contracts/deploy.ts";
import { ANVIL_KEYS } from "../../../src/dev/anvil.ts";
import type { Call, World } from "../../support/contracts/world.ts";
import { people } from "../../support/contracts/world.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const compiled = new Map<HelperName, { abi: Abi; bytecode: Hex }>();

export type HelperName = "BlockingToken" | "ChattyToken" | "HostileToken" | "SmartWallet";

/** Are the moods of contracts/test/SmartWallet.sol. */
export const MOOD = { honest: 0, refuse: 1, revert: 2, burnGas: 3, garbage: 4 };

/** Are the tricks of contracts/test/HostileToken.sol. */
export const TRICK = {
  none: 0,
  reenter: 1,
  keepAuthorized: 2,
  returnFalse: 3,
  returnNothing: 4,
  returnTwo: 5,
  returnLong: 6,
  revertLong: 7,
  burnGas: 8,
};

/** Compiles contracts/test/<name>.sol when a test first asks for it. */
export function helper(name: HelperName): { abi: Abi; bytecode: Hex } {
  const known = compiled.get(name);
  if (known) return known;
  const contract = compileSolidity(ROOT, [`contracts/test/${name}.sol`], { viaIR: false }).get(
    name,
  );
  if (!contract) throw new Error(`no ${name} in contracts/test`);
  const result = { abi: contract.abi as Abi, bytecode: contract.bytecode };
  compiled.set(name, result);
  return result;
}

export function deployHelper(
  world: World,
  name: HelperName,
  args: readonly unknown[] = [],
): Promise<Address> {
  const { abi, bytecode } = helper(name);
  return world.deploy(abi, bytecode, args);
}

/** Builds a call by the deployer to one of the helper contracts. */
export function helperCall(
  name: HelperName,
  to: Address,
  functionName: string,
  args: unknown[],
): Call {
  return {
    from: people.deployer,
    to,
    data: encodeFunctionData({ abi: helper(name).abi, functionName, args }),
  };
}

/** Gives the same chain with settlement and escrow bound to another token. */
export async function withToken(
  world: World,
  name: "BlockingToken" | "HostileToken",
): Promise<World> {
  const usdc = await deployHelper(world, name);
  const deployment = await deployContracts({
    rpcUrl: world.chain.rpcUrl,
    privateKey: ANVIL_KEYS[0],
    treasury: people.treasury.address,
    recoverers: [people.recoverer.address],
    usdc,
  });
  return {
    ...world,
    ...deployment,
    balanceOf: (owner, token = usdc) => world.balanceOf(owner, token),
    mint: (to, amount, token = usdc) => world.mint(to, amount, token),
  };
}
