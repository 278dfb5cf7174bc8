import { encodeDeployData, encodeFunctionData, type Hex } from "viem";
import { helper } from "../../contracts/support/helpers.ts";
import { fundPayer, type Payer, type PayWorld, sendAs } from "./engine.ts";

/** A payer who pays with a contract that his key signs for. */
export type SmartAccount = Payer & { contract: Hex };

const deployer = (world: PayWorld) => world.chain.accounts[0]?.address as Hex;

/** Deploys a smart account of a new key and gives it 100 USDC. */
export async function fundAccount(world: PayWorld): Promise<SmartAccount> {
  const owner = await fundPayer(world, 0n);
  const { abi, bytecode } = helper("SmartWallet");
  const data = encodeDeployData({ abi, bytecode, args: [owner.address] });
  const { contractAddress } = await sendAs(world.chain, deployer(world), { data });
  if (!contractAddress) throw new Error("no account");
  await world.mint(contractAddress, 100_000_000n);
  return { ...owner, contract: contractAddress };
}

/** Has its code answer in another way from now on: see `MOOD`. */
export async function setMood(
  world: PayWorld,
  { contract }: SmartAccount,
  mood: number,
): Promise<void> {
  const { abi } = helper("SmartWallet");
  const data = encodeFunctionData({ abi, functionName: "setMood", args: [mood] });
  await sendAs(world.chain, deployer(world), { to: contract, data });
}
