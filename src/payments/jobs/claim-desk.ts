import { getAddress, type Hex } from "viem";
import { StewardError } from "../../errors.ts";
import type { JsonObject } from "../../protocol/json.ts";
import type { Write } from "../../store/database.ts";
import type { ClaimRow, HeldOwner, OwnerKey } from "../../store/payments/claims.ts";
import type { Chain } from "../chain/chain.ts";
import { ContractMismatch } from "../chain/contract-views.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { readClaimable } from "../chain/tills.ts";
import { askingChain } from "../chain/unavailable.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import { type ClaimRefusal, findClaimRefusal } from "./claims.ts";

/** What claiming for the operator needs. */
export interface ClaimDeskDeps extends PaymentContext {
  readonly wallet: Hex;
  readonly chains: ReadonlyMap<number, Chain>;
}

/** A page of what is kept; `after` is the cursor that the page before gave. */
export interface ClaimPage {
  readonly after?: string;
  readonly limit: number;
}

/**
 * Lists what contracts keep for whom, as the chains say now: owners of shares that the token refused
 * within this steward's payments. What the tables say only tells where to look.
 * @throws StewardError `invalid_request` for a cursor that no page gave
 */
export async function listClaims(
  deps: ClaimDeskDeps,
  { after, limit }: ClaimPage,
): Promise<{ items: JsonObject[]; next?: string }> {
  const from = after === undefined ? undefined : parseCursor(after);
  const owners = deps.claims.listOwners(from, limit + 1);
  const page = owners.slice(0, limit);
  const last = owners.length > limit ? page.at(-1) : undefined;
  const items: JsonObject[] = [];
  // One after the other: a page is hundreds of questions to a node.
  for (const owner of page) items.push(await toItem(deps, owner));
  return { items, ...(last && { next: toCursor(last) }) };
}

function toCursor({ chainId, contract, owner }: OwnerKey): string {
  return `${chainId}:${contract}:${owner}`;
}

function parseCursor(text: string): OwnerKey {
  const [, chainId, contract, owner] =
    /^([0-9]{1,15}):(0x[0-9a-fA-F]{40}):(0x[0-9a-fA-F]{40})$/.exec(text) ?? [];
  if (chainId === undefined || contract === undefined || owner === undefined) {
    throw new StewardError("invalid_request", { message: "after: expected the next of a page" });
  }
  return { chainId: Number(chainId), contract, owner };
}

async function toItem(deps: ClaimDeskDeps, owner: HeldOwner): Promise<JsonObject> {
  const { chainId, contract, token } = owner;
  const claim = deps.claims.findLastClaim(owner);
  const known = { chain_id: chainId, contract, token, payee: owner.owner };
  return {
    ...known,
    ...(await ask(deps, owner)),
    claim: claim ? toClaimView(claim) : null,
  };
}

/** What the chain says: amount, and whether the wallet's claim would be paid, or why not. */
async function ask(
  deps: ClaimDeskDeps,
  { chainId, contract, owner }: HeldOwner,
): Promise<JsonObject> {
  const chain = deps.chains.get(chainId);
  const unknown = { amount: null, claimable: false, reason: "CHAIN_UNAVAILABLE" };
  if (!chain) return { ...unknown, message: "The chain is not configured any more." };
  try {
    const amount = (await readClaimable(chain.rpc, { contract, owner })).toString();
    const refusal = await findClaimRefusal(chain, deps.wallet, { contract, owner });
    return { amount, claimable: refusal === undefined, ...refusal };
  } catch (error) {
    if (!(error instanceof RpcError || error instanceof ContractMismatch)) throw error;
    return { ...unknown, message: "The chain does not say at present." };
  }
}

/** What is to be paid to whom: everything that the chain's contracts keep of the token. */
export interface ClaimRequest {
  readonly chainId: number;
  readonly token: string;
  /** Default: the steward's wallet. */
  readonly payee?: string;
  readonly requestedBy: string;
}

/**
 * Records that an owner is to be paid what contracts keep for him, one claim a contract: each was
 * executed without effect first. One that is open already is returned as it is.
 * @param record is called inside the write, with what will be answered
 * @throws StewardError `not_found` for a chain or token that is not served; `conflict`
 *   NOTHING_TO_CLAIM, PAYEE_BLOCKED, CLAIM_OWNER_ONLY where nothing would be paid; `internal`
 *   CHAIN_UNAVAILABLE
 */
export async function requestClaims(
  deps: ClaimDeskDeps,
  request: ClaimRequest,
  record: (write: Write, claims: JsonObject[]) => void,
): Promise<JsonObject[]> {
  const owners = toOwners(deps, request);
  const chain = deps.chains.get(request.chainId);
  if (!chain || owners.length === 0) {
    throw new StewardError("not_found", { message: "No contract of that chain takes the token." });
  }
  const refusals: ClaimRefusal[] = [];
  const payable: HeldOwner[] = [];
  for (const owner of owners) {
    const refusal = deps.claims.findOpenClaim(owner)
      ? undefined
      : await findRefusal(deps, chain, owner);
    if (refusal) refusals.push(refusal);
    else payable.push(owner);
  }
  if (payable.length === 0) throw toConflict(refusals);
  return deps.store.write((write) => {
    const claims = payable.map((owner) => toClaimView(openClaim(write, deps, owner, request)));
    record(write, claims);
    return claims;
  });
}

/** The token's contracts: the configured ones, and earlier ones that kept something. */
function toOwners(deps: ClaimDeskDeps, { chainId, token, payee }: ClaimRequest): HeldOwner[] {
  const config = deps.chains.get(chainId)?.config;
  if (!config) return [];
  const own = [config.settlement, config.escrow ?? config.settlement];
  const wanted = getAddress(token);
  const contracts = new Map(own.map((contract) => [contract as string, config.usdc as string]));
  for (const held of deps.claims.listContracts(chainId)) contracts.set(held.contract, held.token);
  const owner = payee === undefined ? deps.wallet : getAddress(payee);
  return [...contracts]
    .filter(([, takes]) => takes === wanted)
    .map(([contract]) => ({ chainId, contract, owner, token: wanted }));
}

async function findRefusal(
  { wallet }: ClaimDeskDeps,
  chain: Chain,
  owner: HeldOwner,
): Promise<ClaimRefusal | undefined> {
  if ((await askingChain(() => readClaimable(chain.rpc, owner))) === 0n) {
    return {
      reason: "NOTHING_TO_CLAIM",
      message: "The contracts keep nothing for this account.",
    };
  }
  return askingChain(() => findClaimRefusal(chain, wallet, owner));
}

/** What keeps money back says more than what has none. */
function toConflict(refusals: readonly ClaimRefusal[]): StewardError {
  const told = refusals.find(({ reason }) => reason !== "NOTHING_TO_CLAIM") ?? refusals[0];
  return new StewardError("conflict", { ...told });
}

function openClaim(
  write: Write,
  deps: ClaimDeskDeps,
  owner: HeldOwner,
  { requestedBy }: ClaimRequest,
): ClaimRow {
  const open = deps.claims.findOpenClaim(owner);
  if (open) return open;
  const at = deps.now();
  const state = "requested" as const;
  return deps.claims.insertClaim(write, {
    ...owner,
    state,
    requestedBy,
    createdAt: at,
    updatedAt: at,
  });
}

/** A claim as the admin API shows it: `amount` is what the contract paid, once it did. */
export function toClaimView(row: ClaimRow): JsonObject {
  return {
    id: row.claimId,
    state: row.state,
    chain_id: row.chainId,
    contract: row.contract,
    token: row.token,
    payee: row.owner,
    amount: row.amount === null ? null : row.amount.toString(),
    failure: row.failure,
    requested_by: row.requestedBy,
    tx_hash: row.txHash,
    block_number: row.blockNumber,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}
