import type { Counters } from "../base/counters.ts";
import { StewardError } from "../errors.ts";
import type { Store } from "../store/database.ts";
import type { PeerQueries } from "../store/zones/peers.ts";
import type { AdmissionTicket } from "./admission.ts";
import type { LimitsConfig } from "./limits.ts";
import type { LoopDelay } from "./loop-delay.ts";
import type { Peer } from "./peer.ts";
import { type Arrival, RateLimiter } from "./rate-limiter.ts";

export interface TrafficDeps {
  readonly store: Store;
  readonly peers: PeerQueries;
  readonly limits: LimitsConfig;
  readonly counters: Counters;
  readonly delay: Pick<LoopDelay, "allowanceMs">;
  /** Unix seconds: bans outlive the process. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
}

/**
 * Decides by size and identity alone whether what a verified peer sent is taken: its node's ban and
 * limits, then those of its address; `docs/protocol.md` §4.
 */
export class Traffic {
  private readonly deps: TrafficDeps;
  private readonly limiter: RateLimiter;

  constructor(deps: TrafficDeps) {
    this.deps = deps;
    const findBanEnd = (nodeId: string) => deps.peers.findBan(nodeId, deps.now())?.expiresAt ?? 0;
    this.limiter = new RateLimiter({ ...deps, findBanEnd });
  }

  /**
   * Takes a node that proved its id; whatever stands against it does not keep a zone's steward out.
   * @throws StewardError 4001, reason BANNED or ADDRESS_LIMIT
   */
  open(peer: Peer, ticket: AdmissionTicket, isSteward: boolean): void {
    const { peers } = this.deps;
    const isNew = !this.limiter.knows(peer.nodeId) && !peers.isBound(peer.nodeId);
    this.limiter.open(peer.nodeId, peer.trust);
    if (isSteward) return;
    this.assertNotBanned(peer);
    const retryAfterMs = isNew ? ticket.takeNewNode() : 0;
    if (retryAfterMs === 0) return;
    this.deps.counters.add("wire.new_nodes_per_address_per_hour");
    throw new StewardError(4001, {
      reason: "ADDRESS_LIMIT",
      retryAfterMs,
      message: "Too many new node ids from this address.",
    });
  }

  /** @throws StewardError 4001, reason BANNED, while the node is banned */
  assertNotBanned(peer: Peer): void {
    const now = this.deps.now();
    const endsAt = this.limiter.banEnd(peer.nodeId, peer.trust);
    if (endsAt <= now) return;
    const retryAfterMs = (endsAt - now) * 1000;
    throw new StewardError(4001, { reason: "BANNED", retryAfterMs, message: "banned" });
  }

  /**
   * Counts a message against its node and its address.
   * @throws StewardError 4001 over a limit or while banned
   */
  count(peer: Peer, ticket: AdmissionTicket, arrival: Arrival): void {
    this.assertNotBanned(peer);
    const verdict = this.limiter.take(peer.nodeId, peer.trust, arrival);
    if (!verdict.allowed) {
      if (verdict.banned) this.ban(peer.nodeId);
      throw new StewardError(4001, { retryAfterMs: verdict.retryAfterMs });
    }
    const retryAfterMs = ticket.takeBytes(arrival.bytes);
    if (retryAfterMs === 0) return;
    this.deps.counters.add("wire.message_bytes_per_address_per_hour");
    throw new StewardError(4001, {
      reason: "ADDRESS_LIMIT",
      retryAfterMs,
      message: "Too many bytes from this address.",
    });
  }

  /** Refuses a node whose ban is stored, until it ends, in Unix seconds. */
  noteBan(nodeId: string, endsAt: number): void {
    this.limiter.ban(nodeId, endsAt);
  }

  /** Forgets a node's ban and violations, as lifting its ban does. */
  forgive(nodeId: string): void {
    this.limiter.reset(nodeId);
  }

  private ban(nodeId: string): void {
    const { store, peers, limits, now, counters } = this.deps;
    const createdAt = now();
    const expiresAt = createdAt + limits.ban_secs;
    store.write((write) =>
      peers.putBan(write, { nodeId, reason: "rate limit", createdAt, expiresAt }),
    );
    this.limiter.ban(nodeId, expiresAt);
    counters.add("limits.violations");
  }
}
