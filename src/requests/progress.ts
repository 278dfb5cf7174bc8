import type { RequestRow } from "../store/zones/requests.ts";
import type { GateClass } from "../zones/zone-gate.ts";

/**
 * How far a request is: `quoted` and nobody pays; `paying`, an authorization was accepted; `running`, or
 * about to; `at_rest` without a result, until somebody asks or the operator acts; `final` for ever.
 */
export type Progress = "quoted" | "paying" | "running" | "at_rest" | "final";

/** Tells how far a request is; `docs/protocol.md` §8. */
export function toProgress({ state }: Pick<RequestRow, "state">): Progress {
  switch (state) {
    case "quoted":
    case "paying":
      return state;
    case "paid":
    case "running":
      return "running";
    case "undelivered":
    case "failed":
      return "at_rest";
    case "answered":
    case "refunded":
      return "final";
  }
}

/** Tells whether an authorization for the request was accepted. */
export function isPaying(row: Pick<RequestRow, "state" | "paid">): boolean {
  return row.paid || toProgress(row) === "paying";
}

/** How what a request came to is to be acknowledged before it is told; `docs/protocol.md` §9.1. */
export function toGateClass(row: Pick<RequestRow, "state" | "paid">): GateClass {
  return isPaying(row) ? "money" : "other";
}

/** Tells whether the action runs or ran to its result: it is neither run nor charged for again. */
export function hasRun({ state }: Pick<RequestRow, "state">): boolean {
  return state === "answered" || state === "running";
}
