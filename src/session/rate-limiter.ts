import { SlidingWindow } from "../base/sliding-window.ts";
import type { LimitsConfig, TierLimits } from "./limits.ts";
import type { LoopDelay } from "./loop-delay.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What the limiter says of one message. */
export type RateVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterMs: number; readonly banned: boolean };

/** What a message counts as. */
export interface Arrival {
  /** Of its payload. */
  readonly bytes: number;
  /** How long it may have waited for its connection's turn. */
  readonly lateMs: number;
}

interface NodeTraffic {
  readonly bucket: TokenBucket;
  readonly messages: SlidingWindow;
  readonly bytes: SlidingWindow;
  violationsMs: number[];
  /** Unix seconds, as stored; 0 without a ban. */
  banEndsAt: number;
}

export interface RateLimiterDeps {
  readonly limits: LimitsConfig;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonicMs: () => number;
  readonly delay: Pick<LoopDelay, "allowanceMs">;
  /** When a node's stored ban ends, in Unix seconds; 0 without one. */
  readonly findBanEnd: (nodeId: string) => number;
}

const ALLOWED: RateVerdict = { allowed: true };
const TRACKED_NODES_MAX = 100_000;
const SWEEP_INTERVAL_MS = 60_000;

/**
 * Counts each node's traffic over all its sessions; `docs/protocol.md` §4. A message counts from the
 * earliest moment it may have arrived: by what the loop is behind, the bucket is deeper and the minute
 * begins earlier, so that nobody who sends within the limits is refused for a stall of ours.
 */
export class RateLimiter {
  private readonly deps: RateLimiterDeps;
  private readonly nodes = new Map<string, NodeTraffic>();
  private sweptMs = 0;

  constructor(deps: RateLimiterDeps) {
    this.deps = deps;
  }

  /** Knows a node from here on, whose first messages may be read late. */
  open(nodeId: string, trust: "unknown" | "verified"): void {
    const now = this.deps.monotonicMs();
    this.sweep(now);
    if (!this.nodes.has(nodeId)) this.track(nodeId, this.deps.limits[trust], now);
  }

  /** Tells whether a node was here within the last minute. */
  knows(nodeId: string): boolean {
    return this.nodes.has(nodeId);
  }

  /** When a node's ban ends, in Unix seconds; 0 without one. */
  banEnd(nodeId: string, trust: "unknown" | "verified"): number {
    return this.getNode(nodeId, this.deps.limits[trust]).banEndsAt;
  }

  /**
   * Counts one message; a refused one is a violation, and `banned` says that it was one too many.
   */
  take(nodeId: string, trust: "unknown" | "verified", arrival: Arrival): RateVerdict {
    const now = this.deps.monotonicMs();
    this.sweep(now);
    const limits = this.deps.limits[trust];
    const node = this.getNode(nodeId, limits);
    const lateMs = this.toLateMs(arrival);
    const rate = limits.messages_per_second;
    node.bucket.refill(rate, rate + (rate * lateMs) / 1000, now);
    if (!node.bucket.hasToken) return this.refuse(node, now, node.bucket.waitMs(rate));
    if (!node.messages.take(1, limits.messages_per_minute, now, lateMs)) {
      return this.refuse(node, now, node.messages.retryAfterMs(now));
    }
    if (!node.bytes.take(arrival.bytes, limits.bytes_per_minute, now, lateMs)) {
      return this.refuse(node, now, node.bytes.retryAfterMs(now));
    }
    node.bucket.take();
    return ALLOWED;
  }

  private toLateMs({ lateMs }: Arrival): number {
    const { delay, limits } = this.deps;
    return Math.max(delay.allowanceMs, Math.min(lateMs, 1000 * limits.stall_allowance_secs));
  }

  /** Notes a node's ban, whose violations count from none when it is over. */
  ban(nodeId: string, endsAt: number): void {
    const node = this.nodes.get(nodeId);
    if (node === undefined) return;
    node.banEndsAt = endsAt;
    node.violationsMs = [];
  }

  /** Forgets a node's ban and violations. */
  reset(nodeId: string): void {
    this.ban(nodeId, 0);
  }

  private refuse(node: NodeTraffic, now: number, retryAfterMs: number): RateVerdict {
    const { violations, violation_window_secs } = this.deps.limits;
    const since = now - violation_window_secs * 1000;
    node.violationsMs = node.violationsMs.filter((at) => at > since);
    node.violationsMs.push(now);
    return { allowed: false, retryAfterMs, banned: node.violationsMs.length >= violations };
  }

  private getNode(nodeId: string, limits: TierLimits): NodeTraffic {
    const node = this.nodes.get(nodeId);
    if (node !== undefined) return node;
    const { monotonicMs, delay } = this.deps;
    return this.track(nodeId, limits, monotonicMs() - delay.allowanceMs);
  }

  private track(nodeId: string, limits: TierLimits, sinceMs: number): NodeTraffic {
    const node = {
      bucket: new TokenBucket(limits.messages_per_second, sinceMs),
      messages: new SlidingWindow(),
      bytes: new SlidingWindow(),
      violationsMs: [],
      banEndsAt: this.deps.findBanEnd(nodeId),
    };
    this.nodes.set(nodeId, node);
    return node;
  }

  /** Forgets nodes whose traffic no longer counts; past the cap, the one seen first. */
  private sweep(now: number): void {
    if (this.nodes.size > TRACKED_NODES_MAX) {
      const oldest = this.nodes.keys().next().value;
      if (oldest !== undefined) this.nodes.delete(oldest);
    }
    if (now - this.sweptMs < SWEEP_INTERVAL_MS) return;
    this.sweptMs = now;
    const since = now - this.deps.limits.violation_window_secs * 1000;
    for (const [nodeId, node] of this.nodes) {
      const violated = node.violationsMs.some((at) => at > since);
      if (!violated && node.messages.isEmpty(now)) this.nodes.delete(nodeId);
    }
  }
}
