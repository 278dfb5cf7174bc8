import {
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  parseAbi,
  stringToBytes,
} from "viem";
import { testUsdcAbi } from "../../abi/test-usdc.generated.ts";
import { ZERO_ADDRESS } from "../../protocol/addresses.ts";
import { ContractMismatch, readContractCode, readView } from "./contract-views.ts";
import { type Finding, runChecks } from "./findings.ts";
import { callContract, type RpcCaller, readCode, readStorage } from "./reads.ts";
import { RpcError } from "./rpc-endpoint.ts";

const USDC_DECIMALS = 6;
const DOMAIN_TYPEHASH = keccak256(
  stringToBytes(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
  ),
);
const PLAIN =
  "address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce";
const EIP3009 = parseAbi([
  `function receiveWithAuthorization(${PLAIN}, uint8 v, bytes32 r, bytes32 s)`,
  `function transferWithAuthorization(${PLAIN}, uint8 v, bytes32 r, bytes32 s)`,
]);
const EIP3009_BYTES = parseAbi([
  `function receiveWithAuthorization(${PLAIN}, bytes signature)`,
  `function transferWithAuthorization(${PLAIN}, bytes signature)`,
]);
/** Where proxies keep their implementation: EIP-1967, and the older place that USDC's proxy uses. */
const IMPLEMENTATION_SLOTS = [
  "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc",
  keccak256(stringToBytes("org.zeppelinos.proxy.implementation")),
] as const;
/** Anybody but the zero address, which tokens refuse before they look at anything else. */
const NOBODY: Hex = "0x00000000000000000000000000000000000000aa";
const ZERO_WORD: Hex = `0x${"00".repeat(32)}`;
const HINT = "name a token with EIP-3009, as USDC is; its address is Circle's, per chain";

/** The token of a chain and what was found about it. */
export interface TokenReport {
  readonly findings: readonly Finding[];
  /** The EIP-712 domain separator, where it is this token's on this chain. */
  readonly domainSeparator: Hex | undefined;
}

/**
 * Looks at whether a token is one that payments can be taken in: code, decimals, domain, the
 * functions of EIP-3009 that settlement uses; `docs/protocol.md` §8.
 * @throws RpcError where the chain does not answer
 */
export async function inspectToken(
  rpc: RpcCaller,
  token: Hex,
  chainId: number,
): Promise<TokenReport> {
  let domainSeparator: Hex | undefined;
  const [code] = await runChecks([
    {
      item: "usdc code",
      run: async () => `${(await readContractCode(rpc, token)).length / 2 - 1} bytes at ${token}`,
      hint: `is the address of this chain (${chainId})? ${HINT}`,
    },
  ]);
  if (!code?.ok) return { findings: code ? [code] : [], domainSeparator };
  const rest = await runChecks([
    { item: "usdc decimals", run: () => checkDecimals(rpc, token), hint: HINT },
    {
      item: "usdc domain",
      run: async () => {
        const domain = await checkDomain(rpc, token, chainId);
        domainSeparator = domain.separator;
        return domain.detail;
      },
      hint: HINT,
    },
    { item: "usdc EIP-3009", run: () => checkFunctions(rpc, token), hint: HINT },
    { item: "usdc smart accounts", run: () => checkBytesForms(rpc, token), hint: HINT },
  ]);
  return { findings: [code, ...rest], domainSeparator };
}

async function checkDecimals(rpc: RpcCaller, address: Hex): Promise<string> {
  const decimals = await readView(rpc, { address, abi: testUsdcAbi, functionName: "decimals" });
  if (decimals !== USDC_DECIMALS) {
    throw new ContractMismatch(`${decimals} decimals; amounts are in units of ${USDC_DECIMALS}`);
  }
  return `${decimals}`;
}

async function checkDomain(rpc: RpcCaller, address: Hex, chainId: number) {
  const abi = testUsdcAbi;
  const [separator, name, version] = await Promise.all([
    readView(rpc, { address, abi, functionName: "DOMAIN_SEPARATOR" }),
    readView(rpc, { address, abi, functionName: "name" }),
    readView(rpc, { address, abi, functionName: "version" }),
  ]);
  const domain = `${JSON.stringify(name)} version ${JSON.stringify(version)} on chain ${chainId}`;
  if (separator !== toDomainSeparator(name, version, address, chainId)) {
    throw new ContractMismatch(`DOMAIN_SEPARATOR() is not that of ${domain}`);
  }
  return { separator, detail: domain };
}

function toDomainSeparator(name: string, version: string, address: Hex, chainId: number): Hex {
  const types = ["bytes32", "bytes32", "bytes32", "uint256", "address"].map((type) => ({ type }));
  const hashes = [name, version].map((text) => keccak256(stringToBytes(text)));
  return keccak256(
    encodeAbiParameters(types, [DOMAIN_TYPEHASH, ...hashes, BigInt(chainId), address]),
  );
}

async function checkFunctions(rpc: RpcCaller, address: Hex): Promise<string> {
  await readView(rpc, {
    address,
    abi: testUsdcAbi,
    functionName: "authorizationState",
    args: [NOBODY, ZERO_WORD],
  });
  for (const functionName of ["receiveWithAuthorization", "transferWithAuthorization"] as const) {
    const args = [NOBODY, NOBODY, 1n, 0n, 1n, ZERO_WORD, 27, ZERO_WORD, ZERO_WORD] as const;
    const data = encodeFunctionData({ abi: EIP3009, functionName, args });
    if (await lacks(rpc, address, data)) throw new ContractMismatch(`${functionName}() is missing`);
  }
  return "authorizationState, receiveWithAuthorization, transferWithAuthorization";
}

/** Without the forms that take bytes only key accounts can pay, which is no reason to refuse the token. */
async function checkBytesForms(rpc: RpcCaller, address: Hex): Promise<Omit<Finding, "item">> {
  for (const functionName of ["receiveWithAuthorization", "transferWithAuthorization"] as const) {
    const args = [NOBODY, NOBODY, 1n, 0n, 1n, ZERO_WORD, `0x${"00".repeat(65)}`] as const;
    const data = encodeFunctionData({ abi: EIP3009_BYTES, functionName, args });
    if (!(await lacks(rpc, address, data))) continue;
    return {
      ok: true,
      detail: `no ${functionName} that takes a signature as bytes`,
      hint: "smart accounts (ERC-1271) cannot pay in this token; key accounts can",
    };
  }
  return { ok: true, detail: "signatures as bytes are taken" };
}

/**
 * Tells whether a token lacks a function, by a call that must revert: it gives a reason where there
 * is one. Where it gives none the selector is looked for in the code; a node that spells reverts
 * in its own way proves nothing.
 */
async function lacks(rpc: RpcCaller, token: Hex, data: Hex): Promise<boolean> {
  try {
    await callContract(rpc, { to: token, data, from: NOBODY });
    // Taken without a signature: a fallback that answers anything.
    return true;
  } catch (error) {
    if (!(error instanceof RpcError) || error.fault === "unavailable") throw error;
    if (error.fault === "refused" || error.data !== "0x") return false;
  }
  try {
    const codes = await Promise.all([readCode(rpc, token), ...readImplementations(rpc, token)]);
    return !codes.some((code) => code.includes(data.slice(2, 10)));
  } catch (error) {
    if (error instanceof RpcError && error.fault === "refused") return false;
    throw error;
  }
}

function readImplementations(rpc: RpcCaller, token: Hex): Promise<Hex>[] {
  return IMPLEMENTATION_SLOTS.map(async (slot) => {
    const word = await readStorage(rpc, token, slot);
    const address: Hex = `0x${word.slice(2).padStart(64, "0").slice(24)}`;
    return address === ZERO_ADDRESS ? "0x" : readCode(rpc, address);
  });
}
