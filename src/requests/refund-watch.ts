import type { PaymentRecords, RequestKey } from "../payments/port.ts";
import type { RequestRow } from "../store/zones/requests.ts";

/** Knows whose money goes back or went: nobody works for it again meanwhile; `docs/protocol.md` §8. */
export class RefundWatch {
  private readonly records: PaymentRecords | undefined;
  private readonly held = new Set<RequestKey>();

  constructor(records: PaymentRecords | undefined) {
    this.records = records;
  }

  /**
   * Counts a request's refund as under way while it is neither recorded nor refused. A restart
   * forgets both the refund and this.
   * @returns how to end that
   */
  hold({ zoneId, nodeId, requestId }: RequestKey): () => void {
    const key = { zoneId, nodeId, requestId };
    this.held.add(key);
    return () => this.held.delete(key);
  }

  isUnderWay(row: RequestRow): boolean {
    for (const { zoneId, nodeId, requestId } of this.held) {
      const isSender = nodeId === row.nodeId && requestId === row.requestId;
      if (isSender && zoneId === row.zoneId) return true;
    }
    // The record shows one of an escrow's open operations; whichever it is, a refund may be open
    // too.
    return row.paid && this.records?.findEscrow(row)?.pending !== undefined;
  }

  /** Whether the escrow that a request was paid by was refunded. */
  isDone(row: RequestRow): boolean {
    return row.paid && this.records?.findEscrow(row)?.status === "refunded";
  }
}
