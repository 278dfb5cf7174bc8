import { dirname, join, resolve } from "node:path";
import type { Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { readSecretFile } from "../../identity/secret-file.ts";
import { findWalletAddress } from "../../identity/wallet-key.ts";
import { findAddress, ZERO_ADDRESS } from "../../protocol/addresses.ts";
import { UsageError } from "../exit-codes.ts";
import { type EntryFile, openEntryFile } from "./entry.ts";

/** The options of `steward chain deploy`, as they were typed. */
export interface DeployOptions {
  readonly rpcUrl: string;
  readonly keyFile: string;
  readonly usdc?: string;
  readonly testUsdc?: boolean;
  readonly settlement?: string;
  readonly treasury?: string;
  readonly recoverer?: readonly string[];
  readonly data?: string;
  readonly network?: string;
  readonly write?: string;
  readonly replace?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  /** Seconds a transaction is waited for. */
  readonly timeout: number;
}

/** What the options come to before the chain was asked anything. */
export interface DeployInput {
  readonly key: Hex;
  readonly deployer: Address;
  readonly usdc: Address | undefined;
  readonly settlement: Address | undefined;
  readonly treasury: Address | undefined;
  readonly recoverers: readonly Address[];
  /** Where the recoverers come from, for the plan. */
  readonly recoverersFrom: string;
  readonly file: EntryFile | undefined;
}

/**
 * Reads everything that a deployment needs of this machine: nothing is sent yet.
 * @throws UsageError, SecretFileError
 */
export function readDeployInput(options: DeployOptions): DeployInput {
  const key = readDeployerKey(options.keyFile);
  const file = options.write === undefined ? undefined : openEntryFile(options.write);
  if (options.usdc !== undefined && options.testUsdc) {
    throw new UsageError("--usdc and --test-usdc: name one of the two.");
  }
  if (options.settlement !== undefined && options.testUsdc) {
    throw new UsageError("--settlement has its token already: name that one with --usdc.");
  }
  const usdc = parseAddress("--usdc", options.usdc);
  const treasury = parseAddress("--treasury", options.treasury);
  if (treasury !== undefined && treasury === usdc) {
    throw new UsageError("--treasury is the token: nobody could take the fees out of it.");
  }
  return {
    key,
    deployer: privateKeyToAccount(key).address,
    usdc,
    settlement: parseAddress("--settlement", options.settlement),
    treasury,
    ...readRecoverers(options, file),
    file,
  };
}

function readDeployerKey(path: string): Hex {
  const text = readSecretFile(path);
  if (text === undefined) {
    throw new UsageError(
      `--key-file: ${path} is not there: expected the deployer's private key, mode 0600.`,
    );
  }
  if (/^(0x)?[0-9a-f]{64}$/i.test(text)) return `0x${text.replace(/^0x/i, "")}`;
  throw new UsageError(`--key-file: ${path} holds no private key: expected 64 hex digits.`);
}

function readRecoverers(
  options: DeployOptions,
  file: EntryFile | undefined,
): Pick<DeployInput, "recoverers" | "recoverersFrom"> {
  const named = (options.recoverer ?? []).map((text) => parseAddress("--recoverer", text));
  if (named.length > 0) {
    const recoverers = [...new Set(named.filter((one) => one !== undefined))];
    return { recoverers, recoverersFrom: "" };
  }
  const dataDir = options.data ?? findDataDir(file);
  if (dataDir === undefined) return { recoverers: [], recoverersFrom: "" };
  const path = join(dataDir, "wallet-key");
  const address = findWalletAddress(path);
  if (address === undefined) {
    throw new UsageError(
      `${path} is not there: make the steward's wallet with "steward init --data ${dataDir}", or name who may recover with --recoverer.`,
    );
  }
  return { recoverers: [address], recoverersFrom: `the wallet of ${dataDir}` };
}

/** The data directory that a configuration names; relative ones start at its folder. */
function findDataDir(file: EntryFile | undefined): string | undefined {
  if (file?.dataDir === undefined) return undefined;
  return resolve(dirname(file.path), file.dataDir);
}

function parseAddress(option: string, text: string | undefined): Address | undefined {
  if (text === undefined) return undefined;
  const address = findAddress(text);
  if (address === undefined) {
    throw new UsageError(
      `${option}: ${JSON.stringify(text)} is no address: expected 0x and 40 hex digits, in one case or with a valid checksum.`,
    );
  }
  if (address === ZERO_ADDRESS) throw new UsageError(`${option}: the zero address is nobody's.`);
  return address;
}
