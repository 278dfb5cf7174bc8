import type { Logger } from "../base/log.ts";
import { BINDING_FAULTS, type ConfirmedOperator } from "../protocol/operator-binding.ts";
import type { TrustConfig } from "./config.ts";
import type { OperatorTrust } from "./operator-trust.ts";

/** A session, as far as its tier goes. */
export interface TrustedSession {
  readonly id: string;
  readonly peer: { readonly operator: ConfirmedOperator | undefined } | undefined;
  disconnect(reason: "normal", message?: string): void;
}

export interface TrustWatchDeps {
  readonly operators: Pick<OperatorTrust, "review">;
  readonly sessions: { list(): readonly TrustedSession[] };
  readonly config: Pick<TrustConfig, "recheck_secs">;
  readonly log: Logger;
}

/**
 * Looks again, from time to time, at the operators of the sessions there are. A session keeps its tier for
 * life: one whose operator is none any more ends, and the next handshake says why.
 */
export class TrustWatch implements Disposable {
  private readonly deps: TrustWatchDeps;
  private readonly timer: NodeJS.Timeout;
  private isLooking = false;
  private isStopped = false;

  constructor(deps: TrustWatchDeps) {
    this.deps = deps;
    this.timer = setInterval(() => this.look(), 1000 * deps.config.recheck_secs).unref();
  }

  [Symbol.dispose](): void {
    this.isStopped = true;
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      // One after the other: nobody waits for it, and the registry is asked gently.
      for (const [operator, sessions] of this.listOperators()) {
        if (this.isStopped) return;
        await this.review(operator, sessions);
      }
    } catch (err) {
      this.deps.log.error({ err }, "operators could not be looked at again");
    } finally {
      this.isLooking = false;
    }
  }

  /** Each operator's sessions, by one of them. */
  private listOperators(): Map<ConfirmedOperator, TrustedSession[]> {
    const first = new Map<string, ConfirmedOperator>();
    const found = new Map<ConfirmedOperator, TrustedSession[]>();
    for (const session of this.deps.sessions.list()) {
      const operator = session.peer?.operator;
      if (operator === undefined) continue;
      const key = `${operator.fid} ${operator.custodyAddress} ${operator.validUntil}`;
      const one = first.get(key) ?? operator;
      first.set(key, one);
      found.set(one, [...(found.get(one) ?? []), session]);
    }
    return found;
  }

  private async review(
    operator: ConfirmedOperator,
    sessions: readonly TrustedSession[],
  ): Promise<void> {
    const fault = await this.deps.operators.review(operator);
    if (fault === undefined || this.isStopped) return;
    const { fid } = operator;
    this.deps.log.info({ fid, fault, sessions: sessions.length }, "an operator is none any more");
    const message = `The operator binding is not confirmed any more: ${BINDING_FAULTS[fault]}.`;
    for (const session of sessions) session.disconnect("normal", message);
  }
}
