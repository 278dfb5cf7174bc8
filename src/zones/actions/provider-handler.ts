import { StewardError } from "../../errors.ts";
import {
  type ActionHandler,
  type ActionResult,
  type ActionTarget,
  EXTRA_MS_MAX,
  type Invocation,
  toFailure,
  toUnknownOutcome,
} from "./handler.ts";
import type { ProviderOffer, ProviderOutcome, ProviderPool } from "./provider-pool.ts";

const ATTEMPTS_MAX = 3;
const RETRY_ABSENT_MS = 5000;
const RETRY_BUSY_MS = 1000;

export interface ProviderHandlerOptions {
  readonly pool: ProviderPool;
  readonly timeoutMs: number;
  readonly idempotent: boolean;
  readonly outstandingMax: number;
}

/** Fulfils an action by a connected member that is approved for it; `docs/protocol.md` §6. */
export class ProviderHandler implements ActionHandler {
  readonly idempotent: boolean;
  private readonly options: ProviderHandlerOptions;

  constructor(options: ProviderHandlerOptions) {
    this.options = options;
    this.idempotent = options.idempotent;
  }

  /** Refuses while no approved provider is connected, or all of them are busy. */
  assertAvailable(target: ActionTarget): void {
    this.choose(target, new Set());
  }

  /** Has a provider run the action; another one where the first is gone and that is harmless. */
  async invoke(invocation: Invocation, signal: AbortSignal): Promise<ActionResult> {
    const { pool, timeoutMs } = this.options;
    const tried = new Set<string>();
    let last: ProviderOutcome | undefined;
    const deadlineMs = performance.now() + timeoutMs + EXTRA_MS_MAX;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) break;
      const offer = this.chooseNext(invocation, tried, last);
      tried.add(offer.sessionId);
      last = await pool.run(invocation, offer, Math.min(timeoutMs, leftMs), signal);
      if (last.kind === "answered") return toResult(last.result);
      if (last.kind !== "unsent" && !this.idempotent) break;
    }
    throw toProblem(last);
  }

  /** Where a run was sent already and nobody is left, what became of it is the answer. */
  private chooseNext(
    invocation: Invocation,
    tried: ReadonlySet<string>,
    last: ProviderOutcome | undefined,
  ): ProviderOffer {
    try {
      return this.choose(invocation, tried);
    } catch (error) {
      throw last === undefined || last.kind === "unsent" ? error : toProblem(last);
    }
  }

  private choose(target: ActionTarget, tried: ReadonlySet<string>): ProviderOffer {
    const { pool, outstandingMax } = this.options;
    const offer = pool.find(target, tried);
    if (offer === undefined) {
      throw toFailure({
        reason: "UPSTREAM_UNAVAILABLE",
        message: "No provider of the action is connected.",
        retryAfterMs: RETRY_ABSENT_MS,
      });
    }
    if (pool.countRuns(offer.nodeId) < outstandingMax) return offer;
    throw toFailure({
      reason: "UPSTREAM_UNAVAILABLE",
      message: "All providers of the action are busy.",
      retryAfterMs: RETRY_BUSY_MS,
    });
  }
}

function toResult(result: ActionResult | StewardError): ActionResult {
  if (result instanceof StewardError) throw result;
  return result;
}

function toProblem(outcome: ProviderOutcome | undefined): StewardError {
  if (outcome?.kind === "timeout") {
    return toUnknownOutcome({
      reason: "UPSTREAM_TIMEOUT",
      message: "The action's provider did not answer in time.",
    });
  }
  if (outcome?.kind === "vanished") {
    return toUnknownOutcome({
      reason: "UPSTREAM_UNAVAILABLE",
      message: "The action's provider went away before it answered.",
    });
  }
  return toFailure({
    reason: "UPSTREAM_UNAVAILABLE",
    message: "The action's provider went away before it was asked.",
  });
}
