import { type Address, encodeFunctionData, type Hex, type PrivateKeyAccount } from "viem";
import { testUsdcAbi } from "../../../../src/abi/test-usdc.generated.ts";
import { zoneEscrowAbi } from "../../../../src/abi/zone-escrow.generated.ts";
import { createId } from "../../../../src/protocol/ids.ts";
import {
  authorize,
  NETWORK,
  type PaidSteward,
  startPaidSteward,
} from "../../../support/paid-steward.ts";
import { createAgentKey, type Reply, WireClient } from "../../../support/wire-client.ts";
import { sendAs } from "../../support/engine.ts";

export const PRICE = 5_000_000n;
export const WEEK = 7 * 86_400;

/** A steward with a zone that sells `echo` in escrow mode, and `judged`, with an arbiter. */
export interface EscrowWorld extends AsyncDisposable {
  readonly paid: PaidSteward;
  readonly zoneId: string;
  readonly wallet: Address;
  readonly arbiter: Address;
}

export async function startEscrowWorld(config: Record<string, unknown> = {}): Promise<EscrowWorld> {
  const echo = { type: "echo" };
  const paid = await startPaidSteward({
    handlers: { "*": { echo, judged: echo, short: echo } },
    payments: { head_age_max_secs: 0 },
    ...config,
  });
  const arbiter = paid.chain.accounts[6]?.address as Address;
  const zoneId = await makeZone(paid, arbiter);
  return {
    paid,
    zoneId,
    wallet: paid.steward.steward.walletAddress as Address,
    arbiter,
    [Symbol.asyncDispose]: () => paid[Symbol.asyncDispose](),
  };
}

function makeZone(paid: PaidSteward, arbiter: Address): Promise<string> {
  const price = {
    amount: PRICE.toString(),
    asset: "USDC",
    network: NETWORK,
    settlement_mode: "escrow",
  };
  return paid.steward.createZone({
    creator: { wallet: paid.chain.accounts[5]?.address },
    creator_fee_bps: 100,
    actions: [
      { name: "echo", description: "Held for a week.", price },
      { name: "judged", description: "With an arbiter.", price: { ...price, arbiter } },
      { name: "short", description: "Held for a second.", price: { ...price, escrow_secs: 1 } },
    ],
  });
}

/** Joins the zone with a fresh agent. */
export async function join({ paid, zoneId }: EscrowWorld): Promise<WireClient> {
  const client = await WireClient.connect(paid.steward.wireUrl, { key: createAgentKey() });
  await client.ask({ type: "zone.join", zone_id: zoneId });
  return client;
}

/** Asks for an action and returns its requirement with the request's id. */
export async function quote(
  world: EscrowWorld,
  client: WireClient,
  { action = "echo", requestId = createId("req") } = {},
): Promise<Reply> {
  const answer = await client.ask({
    type: "zone.request",
    request_id: requestId,
    zone_id: world.zoneId,
    action,
  });
  if (answer.type !== "zone.payment_required") throw new Error(JSON.stringify(answer));
  return { requestId, ...answer.payment_requirement };
}

/** Pays a requirement and returns the answer. */
export async function pay(
  client: WireClient,
  requirement: Reply,
  account: PrivateKeyAccount,
): Promise<Reply> {
  const authorization = await authorize(requirement, account);
  return client.ask({ type: "zone.payment", request_id: requirement.requestId, authorization });
}

/** Deposits for a new request and returns the escrow of its answer. */
export async function deposit(
  world: EscrowWorld,
  client: WireClient,
  action = "echo",
): Promise<Reply> {
  const answer = await pay(client, await quote(world, client, { action }), world.paid.payer);
  if (answer.type !== "zone.response") throw new Error(JSON.stringify(answer));
  return answer.escrow;
}

const TYPES = {
  Release: [
    { name: "escrowId", type: "bytes32" },
    { name: "recipient", type: "address" },
    { name: "amount", type: "uint256" },
  ],
  Dispute: [{ name: "escrowId", type: "bytes32" }],
} as const;

/** Signs a release or dispute of an escrow, as the protocol's text says, with what a test changes. */
export function signOp(
  account: PrivateKeyAccount,
  primaryType: "Release" | "Dispute",
  escrow: Reply,
  change: Reply = {},
): Promise<Hex> {
  const fields = { ...escrow, ...change };
  return account.signTypedData({
    domain: {
      name: "ZoneEscrow",
      version: "1",
      chainId: fields.chain_id,
      verifyingContract: fields.contract,
    },
    types: TYPES,
    primaryType,
    message: {
      escrowId: fields.escrow_id,
      ...(primaryType === "Release" && {
        recipient: fields.recipient,
        amount: BigInt(fields.amount),
      }),
    },
  } as never);
}

/** Calls the escrow contract from an account of the chain's own, past the steward. */
export function callEscrow(
  { paid }: EscrowWorld,
  from: Address,
  functionName: "release" | "refund" | "dispute",
  escrowId: Hex,
) {
  const data = encodeFunctionData({ abi: zoneEscrowAbi, functionName, args: [escrowId] });
  return sendAs(paid.chain, from, { to: paid.contracts.escrow, data });
}

export function balanceOf({ paid }: Pick<EscrowWorld, "paid">, owner: Address): Promise<bigint> {
  return paid.chain.client.readContract({
    address: paid.contracts.usdc,
    abi: testUsdcAbi,
    functionName: "balanceOf",
    args: [owner],
  });
}

/** Takes the news that says that an escrow reached a status. */
export async function untilStatus(
  client: WireClient,
  escrowId: string,
  status: string,
): Promise<Reply> {
  const found = await client.take((envelope) => {
    const body = envelope.fields.body as Reply | undefined;
    return body?.event === "escrow" && body.escrow_id === escrowId && body.status === status;
  });
  return found.fields.body as Reply;
}
