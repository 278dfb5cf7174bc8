import type { Hex } from "viem";
import type { ErrorCode, ErrorReason } from "../../error-catalogue.ts";
import { StewardError } from "../../errors.ts";
import { ESCROW_GOALS, type EscrowOp } from "../../store/payments/escrow-schema.ts";
import type { EscrowRow } from "../../store/payments/escrows.ts";
import type { EscrowState } from "../../wire/zone-replies.ts";
import type { Chain } from "../chain/chain.ts";
import { askingChain, chainUnavailable } from "../chain/unavailable.ts";
import { readEscrow } from "../contracts/escrow-state.ts";
import type { PaymentContext } from "../ledger/transitions.ts";
import type { EscrowOrder } from "../port.ts";
import { HELD } from "./ledger.ts";
import { assertOpSignature, findRefusal, type OpRequest, recordOp, toKeyForm } from "./ops.ts";
import { toEscrowState } from "./views.ts";

const SIGNATURE_PATTERN = /^0x([0-9a-fA-F]{2}){1,4095}$/;

/** What changing escrows needs. */
export interface EscrowChangeDeps extends PaymentContext {
  readonly wallet: Hex;
  readonly findChain: (chainId: number) => Chain | undefined;
  readonly wake: (chainId: number) => void;
}

/**
 * Carries the wish of whoever asked for the paid action: a release or dispute with the depositor's
 * signature, a refund from the deadline on; `docs/protocol.md` §8.
 * @param waitMs how long to wait for the chain; asked again later it joins what is under way
 * @throws StewardError `invalid_params`, `payment_invalid` SIGNATURE_INVALID or ESCROW_STATE,
 *   `payment_failed`, `internal` CHAIN_UNAVAILABLE or GAS_LOW
 */
export async function changeForSender(
  deps: EscrowChangeDeps,
  nodeId: string,
  order: EscrowOrder,
  waitMs: number,
): Promise<EscrowState> {
  const row = deps.escrows.findById(order.escrowId.toLowerCase(), nodeId);
  if (!row) {
    throw new StewardError("invalid_params", { message: "escrow_id: no such escrow of yours" });
  }
  if (row.status === ESCROW_GOALS[order.op]) return toEscrowState(deps.escrows, row);
  const chain = getHeld(deps, row, "payment_invalid");
  const { op } = order;
  if (op === "refund") {
    if ((chain.head?.timestamp ?? 0) < row.deadline) {
      throw refuse("Before its deadline only the recipient may refund an escrow.");
    }
    return carry(deps, row, { op, requestedBy: nodeId }, waitMs);
  }
  const signature = parseSignature(order.signature);
  const party = row.depositor as Hex;
  await askingChain(() => assertOpSignature(chain, row, { op, signature, party }));
  return carry(deps, row, { op, signature, party, requestedBy: nodeId }, waitMs);
}

/**
 * Does what the operator asks: carries a party's signature, or acts as the wallet, which may refund
 * where it is the recipient; `docs/protocol.md` §8.
 * @throws StewardError `not_found`, `conflict`, `invalid_params`, `payment_invalid`, `internal`
 */
export async function changeForOperator(
  deps: EscrowChangeDeps,
  order: EscrowOrder,
  { by, waitMs }: { readonly by: string; readonly waitMs: number },
): Promise<EscrowRow> {
  const row = deps.escrows.findById(order.escrowId.toLowerCase());
  if (!row) throw new StewardError("not_found");
  if (row.status === ESCROW_GOALS[order.op]) return row;
  const chain = getHeld(deps, row, "conflict");
  const { op } = order;
  if (order.signature === undefined || op === "refund") {
    await carry(deps, row, { op, requestedBy: by }, waitMs, "conflict");
  } else {
    const signature = parseSignature(order.signature);
    const party = row.depositor as Hex;
    const signed = { op, signature, party };
    await askingChain(() => assertOpSignature(chain, row, signed));
    await carry(deps, row, { ...signed, requestedBy: by }, waitMs, "conflict");
  }
  return deps.escrows.find(row) ?? row;
}

function getHeld(deps: EscrowChangeDeps, row: EscrowRow, code: ErrorCode): Chain {
  if (!HELD.includes(row.status)) throw refuse(`The escrow is ${row.status}.`, code);
  const chain = deps.findChain(row.chainId);
  if (!chain) throw chainUnavailable();
  chain.assertUsable();
  return chain;
}

function refuse(message: string, code: ErrorCode = "payment_invalid"): StewardError {
  return new StewardError(code, { reason: "ESCROW_STATE", message });
}

function parseSignature(signature: string | undefined): Hex {
  if (signature === undefined) {
    throw new StewardError("invalid_params", { message: "signature: required" });
  }
  if (!SIGNATURE_PATTERN.test(signature)) {
    throw new StewardError("payment_invalid", {
      reason: "SIGNATURE_INVALID",
      message: "signature: expected 0x-hex",
    });
  }
  return toKeyForm(signature.toLowerCase());
}

/** Simulates, records, wakes the worker, and waits for the chain. */
async function carry(
  deps: EscrowChangeDeps,
  row: EscrowRow,
  request: OpRequest,
  waitMs: number,
  code: ErrorCode = "payment_invalid",
): Promise<EscrowState> {
  const chain = getHeld(deps, row, code);
  const { signature = null, party = null, op } = request;
  const call = { contract: row.contract, escrowId: row.escrowId, op, signature, party };
  const isPending = deps.escrows.listPendingOps(row).some((one) => one.op === op);
  const refusal = isPending
    ? undefined
    : await askingChain(() => findRefusal(chain, deps.wallet, call));
  const isDone = refusal !== undefined && (await askingChain(() => isOnChain(chain, row, op)));
  if (refusal !== undefined && !isDone) throw toRefusal(refusal, code);
  const opId = deps.store.write((write) => {
    const now = deps.escrows.find(row) ?? row;
    if (isDone || now.status === ESCROW_GOALS[op]) return undefined;
    return recordOp(write, deps, now, request);
  });
  await deps.store.committed();
  deps.wake(row.chainId);
  await awaitOutcome(deps, row, { chain, opId, op, waitMs });
  const state = toEscrowState(deps.escrows, deps.escrows.find(row) ?? row);
  // What the chain has, by whomever it was sent, and is not taken in yet is still to come for who asks.
  return state.status === ESCROW_GOALS[op] ? state : { pending: op, ...state };
}

/** Whether somebody has done it already and it only was not taken in yet. */
async function isOnChain(chain: Chain, row: EscrowRow, op: EscrowOp): Promise<boolean> {
  const { status } = await readEscrow(chain.rpc, row, "latest");
  return status === ESCROW_GOALS[op];
}

interface Wait {
  readonly chain: Chain;
  readonly opId: number | undefined;
  readonly op: EscrowOp;
  readonly waitMs: number;
}

/** Waits until an operation's outcome shows, or `waitMs`. */
async function awaitOutcome(
  deps: EscrowChangeDeps,
  row: EscrowRow,
  { chain, opId, op, waitMs }: Wait,
): Promise<void> {
  const endMs = performance.now() + waitMs;
  for (;;) {
    if (deps.escrows.find(row)?.status === ESCROW_GOALS[op]) return;
    const { state, failure } = (opId !== undefined && deps.escrows.findOp(opId)) || {};
    // Ours failed because somebody else's transaction did the same first: then the wish is
    // fulfilled, not failed.
    if (state === "failed" && !(await askingChain(() => isOnChain(chain, row, op)))) {
      throw new StewardError("payment_failed", {
        reason: "SETTLEMENT_REVERTED",
        message: `The ${op} was refused on chain: ${failure ?? "reverted"}.`,
      });
    }
    const leftMs = endMs - performance.now();
    if (leftMs <= 0) return;
    await deps.escrowNews.wait(row.escrowId, leftMs);
    if (deps.escrowNews.ended) return;
  }
}

function toRefusal(refusal: string, code: ErrorCode): StewardError {
  const isSignature = refusal === "InvalidSignature";
  const reason: ErrorReason = isSignature ? "SIGNATURE_INVALID" : "ESCROW_STATE";
  return new StewardError(isSignature ? "payment_invalid" : code, {
    reason,
    message: `The escrow contract refuses it now: ${refusal}.`,
  });
}
