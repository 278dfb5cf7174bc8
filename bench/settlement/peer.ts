import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Address, Hex } from "viem";

const FOLDER = fileURLToPath(new URL("./peer/", import.meta.url));

/** What a facilitator pays out for; x402 version 2. */
export interface X402Requirements {
  readonly scheme: "exact";
  readonly network: string;
  readonly asset: Address;
  readonly amount: string;
  readonly payTo: Address;
  readonly maxTimeoutSeconds: number;
  readonly extra: { readonly name: string; readonly version: string };
}

/** A signed payment; x402 version 2. */
export interface X402Payload {
  readonly x402Version: 2;
  readonly resource: { readonly url: string };
  readonly accepted: X402Requirements;
  readonly payload: { readonly signature: Hex; readonly authorization: object };
}

interface X402Facilitator {
  verify(
    payload: X402Payload,
    requirements: X402Requirements,
  ): Promise<{ isValid: boolean; invalidReason?: string }>;
  settle(
    payload: X402Payload,
    requirements: X402Requirements,
  ): Promise<{ success: boolean; errorReason?: string; errorMessage?: string }>;
}

/** The part of the peer's packages that is used; they are no dependency, so their types are not there. */
export interface X402 {
  readonly x402Facilitator: new () => X402Facilitator;
  readonly toFacilitatorEvmSigner: (client: object) => object;
  readonly registerExactEvmScheme: (
    facilitator: X402Facilitator,
    config: { readonly signer: object; readonly networks: string },
  ) => unknown;
}

/** Installs the peer's packages from the lock file where they are not installed. @throws Error */
export function installPeer(): void {
  if (isInstalled()) return;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const run = spawnSync("npm", args, { cwd: FOLDER, stdio: ["ignore", "ignore", "inherit"] });
  if (run.status !== 0) throw new Error(`npm ci failed in ${FOLDER}`);
}

/** The version of the peer that the lock file names. */
export function readPeerVersion(): string {
  const lock = JSON.parse(readFileSync(join(FOLDER, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string }>;
  };
  return lock.packages["node_modules/@x402/evm"]?.version ?? "";
}

function isInstalled(): boolean {
  const path = join(FOLDER, "node_modules/@x402/evm/package.json");
  if (!existsSync(path)) return false;
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  return version === readPeerVersion();
}

/** Loads the installed packages. */
export async function loadPeer(): Promise<X402> {
  return (await import(pathToFileURL(join(FOLDER, "x402.mjs")).href)) as X402;
}
