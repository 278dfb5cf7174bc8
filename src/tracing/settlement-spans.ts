import { type SpanSink, toRequestTrace } from "../base/spans.ts";
import type { EventLog } from "../events/event-log.ts";
import type { Store } from "../store/database.ts";
import { preparePaymentQueries } from "../store/payments/payments.ts";

const EVENTS_AT_ONCE = 100;
const ENDED = ["payment.confirmed", "payment.rejected", "payment.failed"] as const;
const MS_PER_SEC = 1000;

/** What is needed to trace settlements. */
interface SettlementSpanDeps {
  readonly store: Store;
  readonly events: EventLog;
  readonly spans: SpanSink;
}

/**
 * Adds a span for each payment that is settled or fails, from the moment its authorization was accepted,
 * to the second; `docs/operations.md`, Traces.
 * @returns what ends that
 */
export function traceSettlements({ store, events, spans }: SettlementSpanDeps): () => void {
  const queries = preparePaymentQueries(store);
  let known = events.newest();
  return events.onCommitted(() => {
    for (;;) {
      const page = events.readAfter(known, EVENTS_AT_ONCE, { types: ENDED });
      for (const { subject, type, at } of page.events) {
        const row = queries.find(subject ?? "");
        if (row === undefined) continue;
        const accepted = queries
          .historyOf(row.paymentId)
          .findLast(({ state }) => state === "authorized");
        const { nodeId, requestId, zoneId, paymentId, chainId, txHash, attempts } = row;
        spans.add({
          ...{ name: "settle", kind: "internal", endedMs: at },
          tookMs: Math.max(0, at - (accepted?.at ?? at / MS_PER_SEC) * MS_PER_SEC),
          trace: toRequestTrace(nodeId, requestId),
          attributes: {
            ...{ node_id: nodeId, request_id: requestId, zone_id: zoneId, payment_id: paymentId },
            ...{ chain_id: chainId, tx_hash: txHash ?? undefined, attempts },
          },
          error: type === "payment.confirmed" ? undefined : (row.failureReason ?? type),
        });
      }
      if (page.upTo <= known) return;
      known = page.upTo;
    }
  });
}
