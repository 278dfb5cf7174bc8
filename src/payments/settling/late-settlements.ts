import type { Hex } from "viem";
import type { PaymentRow } from "../../store/payments/payments.ts";
import { readLogs } from "../chain/log-reads.ts";
import type { Block } from "../chain/reads.ts";
import { PAID_TOPICS, toSettlementEvents } from "../contracts/settlement-events.ts";
import { RETRYABLE_ENDS } from "../ledger/transitions.ts";
import type { SubmitterDeps } from "./submitter.ts";

const SPAN_BLOCKS = 1_000;

/**
 * Notices that somebody else settled a payment whose attempt had ended here, while its
 * authorization could still execute; `docs/protocol.md` §8. What happens while the steward is down
 * is found when the deadline is over and the payment is reconciled.
 */
export class LateSettlements {
  private readonly deps: SubmitterDeps;
  private readTo: number | undefined;

  constructor(deps: SubmitterDeps) {
    this.deps = deps;
  }

  /**
   * Returns ended payments that blocks up to this head pay out.
   * @throws RpcError where no node answers; the same blocks are read again then
   */
  async find(head: Block): Promise<PaymentRow[]> {
    const { chain, due, queries } = this.deps;
    const from = Math.max((this.readTo ?? head.number) + 1, head.number - SPAN_BLOCKS);
    if (from > head.number) return this.skipTo(head);
    const contracts = due.listEndedContracts(chain.config.chain_id);
    if (contracts.length === 0) return this.skipTo(head);
    const to = Math.min(head.number, from + chain.rpc.logBlocks - 1);
    const filter = { address: contracts as Hex[], topics: [PAID_TOPICS] };
    const logs = await chain.rpc.pinned((rpc) =>
      readLogs(rpc, { ...filter, fromBlock: from, toBlock: to }),
    );
    this.readTo = to;
    return contracts.flatMap((contract) =>
      toSettlementEvents(logs, contract).flatMap(({ nonce }) => {
        const row = queries.findByNonce(nonce);
        const isOpen = row && RETRYABLE_ENDS.includes(row.state) && row.voidAt === null;
        return isOpen && row.contract === contract ? [row] : [];
      }),
    );
  }

  private skipTo(head: Block): [] {
    this.readTo = head.number;
    return [];
  }
}
