import { type Hex, hashTypedData } from "viem";
import { StewardError } from "../../errors.ts";
import type { Write } from "../../store/database.ts";
import type { EscrowOp } from "../../store/payments/escrow-schema.ts";
import type { EscrowOpRow, EscrowRow } from "../../store/payments/escrows.ts";
import { isSignedByContract } from "../authorization/contract-signature.ts";
import { isSignedByKey } from "../authorization/key-signature.ts";
import type { Chain } from "../chain/chain.ts";
import { callContract } from "../chain/reads.ts";
import { findEscrowError } from "../chain/revert-words.ts";
import { RpcError } from "../chain/rpc-endpoint.ts";
import { callSeen } from "../chain/seen-call.ts";
import { toOpCall } from "../contracts/escrow-call.ts";
import type { PaymentContext } from "../ledger/transitions.ts";

const TYPES = {
  Release: [
    { name: "escrowId", type: "bytes32" },
    { name: "recipient", type: "address" },
    { name: "amount", type: "uint256" },
  ],
  Dispute: [{ name: "escrowId", type: "bytes32" }],
} as const;

/** The EIP-712 digest of a release or dispute; `docs/protocol.md` §8. */
export function toOpDigest(row: EscrowRow, op: "release" | "dispute"): Hex {
  const domain = {
    name: "ZoneEscrow",
    version: "1",
    chainId: row.chainId,
    verifyingContract: row.contract as Hex,
  };
  const escrowId = row.escrowId as Hex;
  return op === "dispute"
    ? hashTypedData({ domain, types: TYPES, primaryType: "Dispute", message: { escrowId } })
    : hashTypedData({
        domain,
        types: TYPES,
        primaryType: "Release",
        message: { escrowId, recipient: row.recipient as Hex, amount: row.amount },
      });
}

/** Brings a 65-byte signature to v 27 or 28; others stay. */
export function toKeyForm(signature: string): Hex {
  if (signature.length !== 132) return signature as Hex;
  const v = signature.slice(130);
  return (
    v === "00" || v === "01" ? `${signature.slice(0, 130)}1${v === "00" ? "b" : "c"}` : signature
  ) as Hex;
}

/**
 * Checks that a party signed an operation.
 * @throws StewardError `payment_invalid` SIGNATURE_INVALID; `internal` CHAIN_UNAVAILABLE
 */
export async function assertOpSignature(
  chain: Chain,
  row: EscrowRow,
  { op, signature, party }: { op: "release" | "dispute"; signature: Hex; party: Hex },
): Promise<void> {
  const digest = toOpDigest(row, op);
  if (signature.length === 132 && isSignedByKey(digest, signature, party)) return;
  if (await isSignedByContract(chain, { account: party, digest, signature })) return;
  throw new StewardError("payment_invalid", {
    reason: "SIGNATURE_INVALID",
    message: `The signature is not the ${op} of this escrow by its party.`,
  });
}

/** Why the contract would refuse an operation; undefined where it would not. @throws RpcError */
export async function findRefusal(
  chain: Chain,
  wallet: Hex,
  op: Pick<EscrowOpRow, "contract" | "escrowId" | "op" | "signature" | "party">,
  at: "latest" | "seen" = "latest",
): Promise<string | undefined> {
  const { data, gas } = toOpCall(op);
  try {
    const input = { to: op.contract as Hex, data, gas, from: wallet };
    await (at === "seen" ? callSeen(chain, input) : callContract(chain.rpc, input));
    return undefined;
  } catch (error) {
    if (!(error instanceof RpcError) || error.fault !== "reverted") throw error;
    return findEscrowError(error.data) ?? "the contract refuses it";
  }
}

/** What somebody wants done with an escrow. */
export interface OpRequest {
  readonly op: EscrowOp;
  readonly signature?: Hex;
  /** Who signed. */
  readonly party?: Hex;
  readonly requestedBy: string;
}

/** Records an operation, once until its outcome shows. */
export function recordOp(
  write: Write,
  deps: PaymentContext,
  row: EscrowRow,
  request: OpRequest,
): number {
  const known = deps.escrows.listPendingOps(row).find((one) => one.op === request.op);
  if (known) return known.opId;
  const at = deps.now();
  return deps.escrows.insertOp(write, {
    chainId: row.chainId,
    contract: row.contract,
    escrowId: row.escrowId,
    op: request.op,
    signature: request.signature ?? null,
    party: request.party ?? null,
    requestedBy: request.requestedBy,
    state: "requested",
    createdAt: at,
    updatedAt: at,
  });
}
