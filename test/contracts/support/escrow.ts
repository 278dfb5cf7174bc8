import type { Address, Hex, PrivateKeyAccount } from "viem";
import { encodeFunctionData, encodePacked, keccak256, zeroAddress } from "viem";
import { testUsdcAbi } from "../../../src/abi/test-usdc.generated.ts";
import { zoneEscrowAbi } from "../../../src/abi/zone-escrow.generated.ts";
import type { Authorization } from "../../support/contracts/authorization.ts";
import { KIND_RECEIVE, signAuthorization } from "../../support/contracts/authorization.ts";
import type { EscrowTerms, RequestParts, Terms } from "../../support/contracts/terms.ts";
import { escrowTermsNonce, random32, requestKeyOf } from "../../support/contracts/terms.ts";
import type { Call, World } from "../../support/contracts/world.ts";
import { people } from "../../support/contracts/world.ts";

export const STATUS = { none: 0, deposited: 1, released: 2, refunded: 3, disputed: 4 };
export const WEEK = 7n * 86_400n;

export interface Deposit {
  terms: EscrowTerms;
  request: RequestParts;
  authorization: Authorization;
  escrowId: Hex;
}

export interface DepositInput {
  base?: Partial<Terms>;
  escrowDeadline?: bigint;
  arbiter?: Address;
  taskId?: Hex;
  kind?: number;
  signer?: PrivateKeyAccount;
  from?: Address;
}

export const escrowIdOf = (depositor: Address, taskId: Hex): Hex =>
  keccak256(encodePacked(["address", "bytes32"], [depositor, taskId]));

export async function authorizeDeposit(
  world: World,
  terms: EscrowTerms,
  { kind = KIND_RECEIVE, signer = people.payer, from = signer.address }: DepositInput = {},
): Promise<Authorization> {
  return signAuthorization(signer, {
    chainId: world.chain.chainId,
    token: terms.base.token,
    from,
    to: terms.base.verifyingContract,
    value: terms.base.amount,
    validBefore: terms.base.deadline,
    nonce: escrowTermsNonce(terms),
    kind,
  });
}

/** Builds a deposit of 5 USDC with a 1 % creator fee, held for a week after an hour to pay. */
export async function buildDeposit(world: World, input: DepositInput = {}): Promise<Deposit> {
  const request = {
    nodeKey: random32(),
    taskId: input.taskId ?? random32(),
    contentKey: random32(),
  };
  const deadline = input.base?.deadline ?? (await world.chain.now()) + 3_600n;
  const terms: EscrowTerms = {
    base: {
      chainId: BigInt(world.chain.chainId),
      verifyingContract: world.escrow,
      token: world.usdc,
      zoneKey: random32(),
      requestKey: requestKeyOf(request),
      recipient: people.recipient.address,
      creator: people.creator.address,
      creatorFeeBps: 100,
      amount: 5_000_000n,
      mode: 1,
      deadline,
      salt: random32(),
      ...input.base,
    },
    escrowDeadline: input.escrowDeadline ?? deadline + WEEK,
    arbiter: input.arbiter ?? zeroAddress,
  };
  const authorization = await authorizeDeposit(world, terms, input);
  return {
    terms,
    request,
    authorization,
    escrowId: escrowIdOf(authorization.from, request.taskId),
  };
}

/** Builds the call of any function of ZoneEscrow. */
export function depositCall(
  world: World,
  { terms, request, authorization }: Deposit,
  from = people.carrier,
): Call {
  const args = [terms, request, authorization] as const;
  return {
    from,
    to: world.escrow,
    data: encodeFunctionData({ abi: zoneEscrowAbi, functionName: "deposit", args }),
  };
}

export function recoverDepositCall(
  world: World,
  { terms, request, authorization }: Deposit,
  from = people.recoverer,
): Call {
  const args = [terms, request, authorization] as const;
  return {
    from,
    to: world.escrow,
    data: encodeFunctionData({ abi: zoneEscrowAbi, functionName: "recover", args }),
  };
}

export function ruleCall(
  world: World,
  functionName: "release" | "refund" | "dispute",
  escrowId: Hex,
  from: PrivateKeyAccount,
): Call {
  return {
    from,
    to: world.escrow,
    data: encodeFunctionData({ abi: zoneEscrowAbi, functionName, args: [escrowId] }),
  };
}

export function signedReleaseCall(
  world: World,
  escrowId: Hex,
  signature: Hex,
  from = people.carrier,
): Call {
  const args = [escrowId, signature] as const;
  return {
    from,
    to: world.escrow,
    data: encodeFunctionData({ abi: zoneEscrowAbi, functionName: "releaseWithSignature", args }),
  };
}

export function signedDisputeCall(
  world: World,
  escrowId: Hex,
  party: Address,
  signature: Hex,
  from = people.carrier,
): Call {
  const args = [escrowId, party, signature] as const;
  return {
    from,
    to: world.escrow,
    data: encodeFunctionData({ abi: zoneEscrowAbi, functionName: "disputeWithSignature", args }),
  };
}

interface DomainChange {
  name?: string;
  version?: string;
  chainId?: number;
  verifyingContract?: Address;
}

export function signRelease(
  world: World,
  signer: PrivateKeyAccount,
  message: { escrowId: Hex; recipient: Address; amount: bigint },
  domain: DomainChange = {},
): Promise<Hex> {
  return signer.signTypedData({
    domain: {
      name: "ZoneEscrow",
      version: "1",
      chainId: world.chain.chainId,
      verifyingContract: world.escrow,
      ...domain,
    },
    types: {
      Release: [
        { name: "escrowId", type: "bytes32" },
        { name: "recipient", type: "address" },
        { name: "amount", type: "uint256" },
      ],
    },
    primaryType: "Release",
    message,
  });
}

export function signDispute(
  world: World,
  signer: PrivateKeyAccount,
  escrowId: Hex,
  domain: DomainChange = {},
): Promise<Hex> {
  return signer.signTypedData({
    domain: {
      name: "ZoneEscrow",
      version: "1",
      chainId: world.chain.chainId,
      verifyingContract: world.escrow,
      ...domain,
    },
    types: { Dispute: [{ name: "escrowId", type: "bytes32" }] },
    primaryType: "Dispute",
    message: { escrowId },
  });
}

/** Encodes the authorization sent straight to the token by a stranger. */
export function frontRunDepositCall(world: World, { terms, authorization }: Deposit): Call {
  const { from, validAfter, v, r, s } = authorization;
  const { base } = terms;
  const nonce = escrowTermsNonce(terms);
  const common = [from, base.verifyingContract, base.amount, validAfter, base.deadline] as const;
  const args = [...common, nonce, v, r, s] as const;
  const data = encodeFunctionData({
    abi: testUsdcAbi,
    functionName: "transferWithAuthorization",
    args,
  });
  return { from: people.stranger, to: world.usdc, data };
}

export const escrowOf = (world: World, escrowId: Hex) =>
  world.chain.client.readContract({
    address: world.escrow,
    abi: zoneEscrowAbi,
    functionName: "escrowOf",
    args: [escrowId],
  });

export const reservedOf = (world: World): Promise<bigint> =>
  world.chain.client.readContract({
    address: world.escrow,
    abi: zoneEscrowAbi,
    functionName: "reserved",
  });

/** Makes a deposit that is known to be good and returns it. */
export async function deposited(world: World, input: DepositInput = {}): Promise<Deposit> {
  const deposit = await buildDeposit(world, input);
  const receipt = await world.send(depositCall(world, deposit));
  if (receipt.status !== "success") throw new Error("deposit reverted");
  return deposit;
}
