import { SlidingWindow } from "../sliding-window.ts";
import type { LimitsConfig, TierLimits } from "./limits.ts";

/** What the limiter says of one message. */
export type RateVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterMs: number; readonly banned: boolean };

interface NodeTraffic {
  tokens: number;
  refilledMs: number;
  readonly messages: SlidingWindow;
  readonly bytes: SlidingWindow;
  violationsMs: number[];
}

const TRACKED_NODES_MAX = 100_000;
const SWEEP_INTERVAL_MS = 60_000;

/** Counts each node's traffic over all its sessions; `docs/protocol.md` §4. */
export class RateLimiter {
  private readonly limits: LimitsConfig;
  private readonly nowMs: () => number;
  private readonly nodes = new Map<string, NodeTraffic>();
  private sweptMs = 0;

  constructor(limits: LimitsConfig, nowMs: () => number) {
    this.limits = limits;
    this.nowMs = nowMs;
  }

  /**
   * Counts one message; a refused one is a violation, and `banned` says that it was one too many.
   * @param payloadBytes the message's payload
   */
  take(nodeId: string, trust: "unknown" | "verified", payloadBytes: number): RateVerdict {
    const now = this.nowMs();
    this.sweep(now);
    const limits = this.limits[trust];
    const node = this.getNode(nodeId, limits, now);
    refill(node, limits, now);
    if (node.tokens < 1) {
      const waitMs = Math.ceil(((1 - node.tokens) * 1000) / limits.messages_per_second);
      return this.refuse(node, now, waitMs);
    }
    if (!node.messages.take(1, limits.messages_per_minute, now)) {
      return this.refuse(node, now, node.messages.retryAfterMs(now));
    }
    if (!node.bytes.take(payloadBytes, limits.bytes_per_minute, now)) {
      return this.refuse(node, now, node.bytes.retryAfterMs(now));
    }
    node.tokens -= 1;
    return { allowed: true };
  }

  /** Forgets a node's violations, as the end of a ban does. */
  reset(nodeId: string): void {
    const node = this.nodes.get(nodeId);
    if (node) node.violationsMs = [];
  }

  private refuse(node: NodeTraffic, now: number, retryAfterMs: number): RateVerdict {
    const since = now - this.limits.violation_window_secs * 1000;
    node.violationsMs = node.violationsMs.filter((at) => at > since);
    node.violationsMs.push(now);
    const banned = node.violationsMs.length >= this.limits.violations;
    return { allowed: false, retryAfterMs, banned };
  }

  private getNode(nodeId: string, limits: TierLimits, now: number): NodeTraffic {
    let node = this.nodes.get(nodeId);
    if (node === undefined) {
      node = {
        tokens: limits.messages_per_second,
        refilledMs: now,
        messages: new SlidingWindow(),
        bytes: new SlidingWindow(),
        violationsMs: [],
      };
      this.nodes.set(nodeId, node);
    }
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
    const since = now - this.limits.violation_window_secs * 1000;
    for (const [nodeId, node] of this.nodes) {
      const violated = node.violationsMs.some((at) => at > since);
      if (!violated && node.messages.isEmpty(now)) this.nodes.delete(nodeId);
    }
  }
}

function refill(node: NodeTraffic, limits: TierLimits, now: number): void {
  const gained = ((now - node.refilledMs) / 1000) * limits.messages_per_second;
  // A clock that was set back counts from there on, not from when it has caught up.
  node.refilledMs = now;
  if (gained > 0) node.tokens = Math.min(limits.messages_per_second, node.tokens + gained);
}
