import type { CountedLimit, Counters } from "../base/counters.ts";
import { toAddressBlock } from "../transport/client-address.ts";
import type { WireConfig } from "./config.ts";

export interface AdmissionDeps {
  readonly config: WireConfig;
  readonly counters: Counters;
  readonly monotonicMs: () => number;
  /** Tells whether an address stands for no single client: loopback, a proxy. */
  readonly isExempt: (address: string) => boolean;
}

interface AddressState {
  /** Sockets that have yet to verify. */
  open: number;
  sessions: number;
  failures: number;
  minuteStartMs: number;
  /** Of this hour: node ids that were new, payload bytes of their messages. */
  newNodes: number;
  bytes: number;
  hourStartMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TRACKED_ADDRESSES_MAX = 50_000;

/**
 * Decides whether another socket may try to authenticate, and what an address may do once it has;
 * `docs/protocol.md` §4.
 */
export class Admission {
  private readonly deps: AdmissionDeps;
  private readonly addresses = new Map<string, AddressState>();
  private unauthenticated = 0;
  private connections = 0;

  constructor(deps: AdmissionDeps) {
    this.deps = deps;
  }

  /**
   * Counts a new socket in; undefined where a limit refuses it, otherwise its ticket.
   * @param remoteAddress the client's address
   */
  enter(remoteAddress: string): AdmissionTicket | undefined {
    const block = toAddressBlock(remoteAddress);
    const state = this.getState(block);
    const isExempt = this.deps.isExempt(remoteAddress);
    const limit = this.findReached(state, isExempt);
    if (limit !== undefined) {
      this.deps.counters.add(limit);
      this.forget(block, state);
      return undefined;
    }
    state.open++;
    this.unauthenticated++;
    this.connections++;
    return this.createTicket(block, state, isExempt);
  }

  private findReached(state: AddressState, isExempt: boolean): CountedLimit | undefined {
    const { config } = this.deps;
    if (this.connections >= config.max_connections) return "wire.max_connections";
    if (this.unauthenticated >= config.max_unauthenticated) return "wire.max_unauthenticated";
    if (state.open >= config.max_unauthenticated_per_address) {
      return "wire.max_unauthenticated_per_address";
    }
    if (state.failures >= config.handshake_failures_per_minute) {
      return "wire.handshake_failures_per_minute";
    }
    const sockets = state.open + state.sessions;
    return !isExempt && sockets >= config.sessions_per_address
      ? "wire.sessions_per_address"
      : undefined;
  }

  private createTicket(block: string, state: AddressState, isExempt: boolean): AdmissionTicket {
    const { config } = this.deps;
    let phase: "open" | "verified" | "exempt" | "closed" = "open";
    return {
      verified: () => {
        if (phase !== "open") return;
        phase = "verified";
        state.open--;
        state.sessions++;
        this.unauthenticated--;
      },
      exempt: () => {
        if (phase !== "verified") return;
        phase = "exempt";
        state.sessions--;
      },
      closed: () => {
        if (phase === "closed") return;
        if (phase === "verified") state.sessions--;
        else if (phase === "open") this.fail(state);
        phase = "closed";
        this.connections--;
        this.forget(block, state);
      },
      takeNewNode: () => {
        if (isExempt) return 0;
        this.roll(state);
        if (state.newNodes >= config.new_nodes_per_address_per_hour) return this.hourLeft(state);
        state.newNodes++;
        return 0;
      },
      takeBytes: (bytes) => {
        if (isExempt) return 0;
        this.roll(state);
        if (state.bytes + bytes > config.message_bytes_per_address_per_hour) {
          return this.hourLeft(state);
        }
        state.bytes += bytes;
        return 0;
      },
    };
  }

  private fail(state: AddressState): void {
    state.open--;
    this.unauthenticated--;
    this.roll(state);
    state.failures++;
  }

  private hourLeft(state: AddressState): number {
    return Math.max(1, Math.ceil(state.hourStartMs + HOUR_MS - this.deps.monotonicMs()));
  }

  private getState(block: string): AddressState {
    let state = this.addresses.get(block);
    if (state === undefined) {
      if (this.addresses.size >= TRACKED_ADDRESSES_MAX) this.forgetOldest();
      const now = this.deps.monotonicMs();
      const counts = { open: 0, sessions: 0, failures: 0, newNodes: 0, bytes: 0 };
      state = { ...counts, minuteStartMs: now, hourStartMs: now };
      this.addresses.set(block, state);
    }
    this.roll(state);
    return state;
  }

  private roll(state: AddressState): void {
    const now = this.deps.monotonicMs();
    if (now - state.minuteStartMs >= MINUTE_MS) {
      state.minuteStartMs = now;
      state.failures = 0;
    }
    if (now - state.hourStartMs >= HOUR_MS) {
      state.hourStartMs = now;
      state.newNodes = 0;
      state.bytes = 0;
    }
  }

  /** Forgets the address that was seen first of those that have no socket, be its hour over or not. */
  private forgetOldest(): void {
    for (const [block, state] of this.addresses) {
      this.addresses.delete(block);
      if (state.open === 0 && state.sessions === 0) return;
      // To the back, so that those that stay are not passed by again and again.
      this.addresses.set(block, state);
    }
  }

  private forget(block: string, state: AddressState): void {
    const { open, sessions, failures, newNodes, bytes } = state;
    if (open + sessions + failures + newNodes + bytes === 0) this.addresses.delete(block);
  }
}

/** One admitted socket's place in the counts. */
export interface AdmissionTicket {
  /** The socket proved its identity and counts as a session of its address now. */
  verified(): void;
  /** The session is no longer one of its address. */
  exempt(): void;
  /** The socket is gone; without `verified` it counts as a failed handshake. */
  closed(): void;
  /** Counts a node id never seen before; over the limit milliseconds to wait, otherwise 0. */
  takeNewNode(): number;
  /** Counts payload bytes; over the limit milliseconds to wait, otherwise 0. */
  takeBytes(bytes: number): number;
}
