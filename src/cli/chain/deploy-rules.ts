import type { Address } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { KnownChain } from "../../contracts/known-chains.ts";
import { ANVIL_KEYS } from "../../dev/anvil.ts";
import { UsageError } from "../exit-codes.ts";
import type { DeployInput, DeployOptions } from "./deploy-input.ts";

/** What is judged: the options on the chain that the node serves. */
interface Case {
  readonly options: DeployOptions;
  readonly input: DeployInput;
  readonly chainId: number;
  readonly known: KnownChain;
}

/**
 * Refuses what would be regretted: money lost to keys that everybody has, a test token where money
 * is real, the addresses of a deployment in use overwritten.
 * @throws UsageError
 */
export function assertAllowed({ options, input, chainId, known }: Case): void {
  const old = input.file?.find(chainId);
  if (old !== undefined && !options.replace) {
    throw new UsageError(
      `--write: ${input.file?.path} has chain ${chainId} already, with settlement ${String(old.settlement)} and escrow ${String(old.escrow ?? "none")}. With --replace new quotes name the new contracts; what is owed at the old ones is served as before (docs/contracts.md).`,
    );
  }
  if (!known.isReal) return;
  if (options.testUsdc) {
    throw new UsageError(
      `--test-usdc: money on ${known.name} (chain ${chainId}) is real, and anybody may mint a test USDC. Name the token with --usdc.`,
    );
  }
  const publicOnes = new Set(ANVIL_KEYS.map((key) => privateKeyToAccount(key).address));
  const named = [input.deployer, input.treasury, ...input.recoverers];
  const found = named.find((address) => address !== undefined && publicOnes.has(address));
  if (found !== undefined) {
    throw new UsageError(
      `${found} is one of anvil's accounts, whose keys everybody has: not on ${known.name}.`,
    );
  }
}

/**
 * Names the token; undefined where a test USDC is to be made.
 * @throws UsageError where none is named and none is known
 */
export function chooseToken(
  options: DeployOptions,
  input: DeployInput,
  known: KnownChain,
  chainId: number,
): Address | undefined {
  if (options.testUsdc) return undefined;
  const token = input.usdc ?? known.usdc;
  if (token !== undefined) return token;
  throw new UsageError(
    `Name the token: --usdc ADDRESS (Circle lists USDC's per chain), ${known.isReal ? `of chain ${chainId}` : "or --test-usdc for a token that anybody may mint"}.`,
  );
}

/**
 * Names who gets the protocol's fee for ever. Where money is real it must be named; elsewhere the
 * deployer stands in, and the plan says so.
 * @throws UsageError
 */
export function chooseTreasury(
  { treasury, deployer }: DeployInput,
  known: KnownChain,
): { readonly address: Address; readonly from: string } {
  if (treasury !== undefined) return { address: treasury, from: "" };
  if (!known.isReal)
    return { address: deployer, from: " (the deployer: --treasury names another)" };
  throw new UsageError(
    `--treasury: name who gets the protocol's 0.1 % on ${known.name}; it can never be changed.`,
  );
}
