import type { Hex } from "viem";
import type { JsonObject } from "../../protocol/json.ts";
import type { BookQueries } from "../../store/payments/books.ts";
import type { EscrowStatus } from "../../store/payments/escrow-schema.ts";
import type { EscrowQueries } from "../../store/payments/escrows.ts";
import type { PaymentRow } from "../../store/payments/payments.ts";
import type { Chain } from "../chain/chain.ts";
import { readLogs } from "../chain/log-reads.ts";
import { type Block, findBlock } from "../chain/reads.ts";
import { type RpcEndpoint, RpcError } from "../chain/rpc-endpoint.ts";
import { toSpans } from "../chain/spans.ts";
import {
  ESCROW_TOPICS,
  type EscrowEvent,
  toEscrowEvents,
  toPaidFacts,
  toPaymentEvents,
} from "../contracts/escrow-events.ts";
import { isAbout, PAID_TOPICS, type SettlementEvent } from "../contracts/settlement-events.ts";
import { IN_PROGRESS, SETTLED } from "../ledger/transitions.ts";

const ROWS_AT_ONCE = 500;

/** Where a row and the chain differ, in words. */
interface Difference {
  readonly payment_id: string;
  readonly state: string;
  readonly problem: string;
}

type Paid = SettlementEvent & { kind: "paid" };

/** The books that are compared with the chain. */
export interface AuditedBooks {
  readonly books: BookQueries;
  readonly escrows: EscrowQueries;
}

/** What the chain says, from one block to another. */
interface ChainView {
  readonly fromBlock: number;
  readonly head: Block;
  /** By nonce. */
  readonly paid: ReadonlyMap<string, readonly Paid[]>;
  /** The last event of each escrow, by its contract and id. */
  readonly escrows: ReadonlyMap<string, EscrowEvent>;
}

/**
 * Compares every accepted payment of a chain, and its escrow, with the events of the contracts:
 * settled here but not there, there but not here, with other amounts, or an escrow of another
 * status. What is in progress is counted.
 * @throws RpcError where no node answers
 */
export function auditChain(chain: Chain, audited: AuditedBooks): Promise<JsonObject> {
  return chain.rpc.pinned(async (rpc) => {
    const head = await findBlock(rpc, "latest");
    // A node behind the head we saw would make a difference of everything it has not read yet.
    if (!head || head.number < (chain.head?.number ?? 0)) {
      throw new RpcError("unavailable", "the newest block is older than one that was seen");
    }
    const fromBlock = audited.books.findFirstBlock(chain.config.chain_id) ?? head.number;
    const contracts = audited.books.listContracts(chain.config.chain_id);
    const events = await readEvents(rpc, contracts, { fromBlock, head });
    return compare(chain, audited, { fromBlock, head, ...events });
  }, true);
}

async function readEvents(
  rpc: RpcEndpoint,
  contracts: readonly string[],
  { fromBlock, head }: { fromBlock: number; head: Block },
): Promise<Pick<ChainView, "paid" | "escrows">> {
  const paid = new Map<string, Paid[]>();
  const escrows = new Map<string, EscrowEvent>();
  if (contracts.length === 0) return { paid, escrows };
  for (const span of toSpans({ fromBlock, toBlock: head.number })) {
    const logs = await readLogs(rpc, {
      address: contracts as Hex[],
      topics: [[...PAID_TOPICS, ...ESCROW_TOPICS]],
      ...span,
    });
    for (const contract of contracts) {
      for (const event of toPaymentEvents(logs, contract)) {
        if (event.kind === "paid") paid.set(event.nonce, [...(paid.get(event.nonce) ?? []), event]);
      }
      for (const event of toEscrowEvents(logs, contract)) {
        escrows.set(toEscrowKey({ contract, ...event }), event);
      }
    }
  }
  return { paid, escrows };
}

/** An id may be in use in several contracts. */
function toEscrowKey({ contract, escrowId }: { contract: string; escrowId: string }): string {
  return `${contract} ${escrowId}`;
}

function compare(chain: Chain, { books, escrows }: AuditedBooks, view: ChainView): JsonObject {
  const { fromBlock, head, paid } = view;
  const differences: Difference[] = [];
  let checked = 0;
  let pending = 0;
  let settled = 0n;
  let after = "";
  for (;;) {
    const rows = books.listAccepted(chain.config.chain_id, after, ROWS_AT_ONCE);
    for (const row of rows) {
      const event = (paid.get(row.nonce) ?? []).find((one) => isAbout(one, row));
      checked += 1;
      if (event) settled += row.amount;
      if (!event && IN_PROGRESS.includes(row.state)) pending += 1;
      const problem =
        findProblem(row, event) ?? (event && findEscrowProblem(chain, escrows, row, view));
      if (problem) differences.push({ payment_id: row.paymentId, state: row.state, problem });
    }
    after = rows.at(-1)?.paymentId ?? "";
    if (rows.length < ROWS_AT_ONCE) break;
  }
  return {
    chain_id: chain.config.chain_id,
    from_block: fromBlock,
    to_block: head.number,
    checked,
    pending,
    settled: settled.toString(),
    differences: differences.map((one) => ({ ...one })),
  };
}

function findProblem(row: PaymentRow, event: Paid | undefined): string | undefined {
  if (SETTLED.includes(row.state)) {
    if (!event) return "settled here, but the chain has no such settlement";
    const facts = toPaidFacts(event.log, row, row.settledAt ?? 0);
    if (facts.txHash !== row.txHash) return "settled by another transaction than recorded";
    const { protocolFee = null, creatorFee = null } = facts;
    if (protocolFee !== row.protocolFee || creatorFee !== row.creatorFee) {
      return "other fees were taken than recorded";
    }
    return undefined;
  }
  // While it is in progress the tracker may not have written a settlement of the last blocks yet:
  // no difference.
  if (event && !IN_PROGRESS.includes(row.state)) return "settled on chain, but not here";
  return undefined;
}

function findEscrowProblem(
  chain: Chain,
  escrows: EscrowQueries,
  { mode, paymentId }: PaymentRow,
  view: ChainView,
): string | undefined {
  const row = mode === "escrow" ? escrows.findOfPayment(paymentId) : undefined;
  const event = row && view.escrows.get(toEscrowKey(row));
  // Within the last `confirmations` blocks nothing is written yet, which is no difference.
  if (!event || event.log.blockNumber > view.head.number - chain.config.confirmations) return;
  const status: EscrowStatus = event.kind;
  return row.status === status
    ? undefined
    : `the escrow is ${row.status} here and ${status} on chain`;
}
