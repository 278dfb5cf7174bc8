import type { Logger } from "../base/log.ts";
import { toZoneError } from "../errors.ts";
import type { PaymentHooks, RequestKey } from "../payments/port.ts";
import type { RequestQueries, RequestRow } from "../store/zones/requests.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { ZoneGate } from "../zones/zone-gate.ts";
import { toStoredFailure } from "./answers.ts";
import { FAILED_KEPT_SECS } from "./deps.ts";
import { hasRun, toProgress } from "./progress.ts";
import type { ActionRunner } from "./runner.ts";

/** What moving requests as their payments move needs. */
export interface PaymentHookDeps {
  readonly gate: ZoneGate;
  readonly requests: RequestQueries;
  readonly runner: ActionRunner;
  /** Sends a body to every session of a request's sender; the caller holds the gates. */
  readonly push: (to: RequestKey, body: StewardBody) => void;
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Moves requests as their payments move, in the same transaction; `docs/protocol.md` §8. */
export function createPaymentHooks(deps: PaymentHookDeps): PaymentHooks {
  const { gate, requests, runner, push, now, log } = deps;
  const get = (key: RequestKey): RequestRow => {
    const row = requests.findRequest(key);
    if (row === undefined) throw new Error(`Payment without a request: ${key.requestId}`);
    return row;
  };
  return {
    onAuthorized: (write, key) => {
      const row = get(key);
      // An action that was free for a while may have failed since the quote.
      if (row.state === "quoted" || (row.state === "failed" && !row.paid)) {
        requests.moveRequest(write, row, "paying", {
          failure: null,
          updatedAt: now(),
          expiresAt: null,
        });
      }
    },
    onSettled: (write, key) => {
      const row = requests.findRequest(key);
      if (!row)
        return log.error(
          { request_id: key.requestId },
          "a payment settled after its request was forgotten",
        );
      if (row.paid) return;
      const change = { paid: true, failure: null, updatedAt: now(), expiresAt: null };
      // An action that became free meanwhile may have run already; a result is never computed twice.
      const ran = hasRun(row);
      const paid = requests.moveRequest(write, row, ran ? row.state : "paid", change);
      if (!ran) runner.startPaid(write, paid);
      else if (row.state === "answered") runner.keepPaid(write, paid);
    },
    onFailed: (write, key, error) => {
      const row = requests.findRequest(key);
      if (row?.state !== "paying") return;
      const failure = toStoredFailure(error);
      const expiresAt = now() + FAILED_KEPT_SECS;
      requests.moveRequest(write, row, "quoted", { failure, updatedAt: now(), expiresAt });
      runner.answer(row, toZoneError(error, key.requestId), "money");
    },
    onRefunded: (write, key) => {
      const row = requests.findRequest(key);
      // A run under way may still be answered, and an answer stays: only requests without either
      // end as refunded.
      if (!row || hasRun(row) || toProgress(row) === "final") return;
      runner.endRefunded(write, row);
    },
    onEscrow: (_write, key, news) => gate.hold(key.zoneId, "money", () => push(key, news)),
  };
}
