import type { Logger } from "../base/log.ts";
import type {
  BindingFault,
  BindingVerdict,
  ConfirmedOperator,
  OperatorClaim,
} from "../protocol/operator-binding.ts";
import type { Store } from "../store/database.ts";
import type { OperatorBindingQueries } from "../store/zones/operator-bindings.ts";
import {
  assertInTime,
  assertSigned,
  BINDING_KEPT_SECS,
  BindingError,
  type ReadBinding,
  readBinding,
} from "./binding.ts";
import type { TrustConfig } from "./config.ts";
import type { FidRegistry } from "./fid-registry.ts";

export interface OperatorTrustDeps {
  readonly config: TrustConfig;
  readonly store: Store;
  readonly bindings: OperatorBindingQueries;
  /** Undefined where none is configured. */
  readonly registry: Pick<FidRegistry, "owns"> | undefined;
  /** The steward's, lower case; undefined: the authority that was dialled. */
  readonly domain: string | undefined;
  /** By how much a signer's clock may be ahead. */
  readonly maxClockDriftSecs: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly log: Logger;
}

/** Decides whether a person answers for a node; `docs/protocol.md` §4. */
export class OperatorTrust {
  private readonly deps: OperatorTrustDeps;

  constructor(deps: OperatorTrustDeps) {
    this.deps = deps;
  }

  /** Judges a binding; waits for the registry no longer than `trust.lookup_timeout_ms`. */
  async judge(claim: OperatorClaim): Promise<BindingVerdict> {
    const { config, registry, store, bindings } = this.deps;
    if (registry === undefined && config.allowed.length === 0)
      return toUnknown("OPERATOR_NOT_TAKEN");
    try {
      const binding = readBinding(claim.operator, {
        nodeId: claim.nodeId,
        domain: this.deps.domain ?? claim.authority?.toLowerCase(),
        chainId: config.fid_registry?.chain_id,
      });
      const firstSeenAt = await this.findFirstSeen(claim.nodeId, binding);
      const operator = toOperator(binding, firstSeenAt);
      const fault = await this.findFault(operator);
      if (fault !== undefined) return toUnknown(fault);
      store.write((write) => bindings.confirm(write, claim.nodeId));
      return { trust: "verified", operator };
    } catch (error) {
      if (!(error instanceof BindingError)) throw error;
      this.deps.log.debug({ node_id: claim.nodeId, err: error }, "an operator binding is refused");
      return toUnknown(error.fault);
    }
  }

  /**
   * Looks again at an operator who was confirmed, asking the registry anew.
   * @returns why he is none any more; undefined while he is
   */
  async review(operator: ConfirmedOperator): Promise<BindingFault | undefined> {
    if (this.deps.nowMs() >= 1000 * operator.validUntil) return "OPERATOR_TIME";
    return this.findFault(operator, true);
  }

  /** Unix seconds at which this binding was first seen: what was in time then is for 30 days. */
  private async findFirstSeen(nodeId: string, binding: ReadBinding): Promise<number> {
    const { bindings, store, nowMs, maxClockDriftSecs } = this.deps;
    const { digest } = binding;
    const now = Math.floor(nowMs() / 1000);
    const known = bindings.find(nodeId);
    const isKept = known?.digest === digest && now - known.firstSeenAt < BINDING_KEPT_SECS;
    if (isKept) return known.firstSeenAt;
    assertInTime(binding, nowMs(), 1000 * maxClockDriftSecs);
    await assertSigned(binding);
    store.write((write) => bindings.put(write, { nodeId, digest, firstSeenAt: now }));
    return now;
  }

  private async findFault(
    { fid, custodyAddress }: ConfirmedOperator,
    isFresh = false,
  ): Promise<BindingFault | undefined> {
    const { config, registry } = this.deps;
    const isListed = config.allowed.some(
      (one) => one.fid === fid && one.custody_address === custodyAddress,
    );
    if (isListed) return undefined;
    if (registry === undefined) return "OPERATOR_UNCONFIRMED";
    const owns = await registry.owns(custodyAddress, fid, isFresh);
    if (owns === undefined) return "OPERATOR_UNCHECKED";
    return owns ? undefined : "OPERATOR_UNCONFIRMED";
  }
}

function toOperator(binding: ReadBinding, firstSeenAt: number): ConfirmedOperator {
  const { fid, username, custodyAddress, message } = binding;
  const keptUntil = firstSeenAt + BINDING_KEPT_SECS;
  const endsAt = Math.floor((message.expiresAtMs ?? 0) / 1000);
  return { fid, username, custodyAddress, validUntil: Math.max(keptUntil, endsAt) };
}

function toUnknown(fault: BindingFault): BindingVerdict {
  return { trust: "unknown", fault };
}
