import { toAddressBlock } from "../transport/client-address.ts";

/** Bounds on what has not yet proved an identity; `docs/protocol.md` §4. */
export interface AdmissionLimits {
  readonly unauthenticatedPerAddress: number;
  readonly unauthenticatedTotal: number;
  readonly failuresPerMinute: number;
  readonly connectionsTotal: number;
}

interface AddressState {
  open: number;
  failures: number;
  minuteStartMs: number;
}

const MINUTE_MS = 60_000;
const TRACKED_ADDRESSES_MAX = 50_000;

/** Decides whether another socket may try to authenticate. */
export class Admission {
  private readonly limits: AdmissionLimits;
  private readonly nowMs: () => number;
  private readonly addresses = new Map<string, AddressState>();
  private unauthenticated = 0;
  private connections = 0;

  constructor(limits: AdmissionLimits, nowMs: () => number) {
    this.limits = limits;
    this.nowMs = nowMs;
  }

  /**
   * Counts a new socket in; undefined where a limit refuses it, otherwise its ticket.
   * @param remoteAddress the client's address
   */
  enter(remoteAddress: string): AdmissionTicket | undefined {
    const block = toAddressBlock(remoteAddress);
    const state = this.getState(block);
    const refused =
      this.connections >= this.limits.connectionsTotal ||
      this.unauthenticated >= this.limits.unauthenticatedTotal ||
      state.open >= this.limits.unauthenticatedPerAddress ||
      state.failures >= this.limits.failuresPerMinute;
    if (refused) {
      this.forget(block, state);
      return undefined;
    }
    state.open++;
    this.unauthenticated++;
    this.connections++;
    return this.createTicket(block, state);
  }

  private createTicket(block: string, state: AddressState): AdmissionTicket {
    let phase: "open" | "verified" | "closed" = "open";
    const leave = (): void => {
      state.open--;
      this.unauthenticated--;
    };
    return {
      verified: () => {
        if (phase !== "open") return;
        phase = "verified";
        leave();
        this.forget(block, state);
      },
      closed: () => {
        if (phase === "closed") return;
        if (phase === "open") {
          leave();
          this.roll(state);
          state.failures++;
        }
        phase = "closed";
        this.connections--;
        this.forget(block, state);
      },
    };
  }

  private getState(block: string): AddressState {
    let state = this.addresses.get(block);
    if (state === undefined) {
      if (this.addresses.size >= TRACKED_ADDRESSES_MAX) this.sweep();
      state = { open: 0, failures: 0, minuteStartMs: this.nowMs() };
      this.addresses.set(block, state);
    }
    this.roll(state);
    return state;
  }

  private roll(state: AddressState): void {
    const now = this.nowMs();
    if (now - state.minuteStartMs < MINUTE_MS) return;
    state.minuteStartMs = now;
    state.failures = 0;
  }

  private sweep(): void {
    for (const [block, state] of this.addresses) {
      this.roll(state);
      this.forget(block, state);
    }
  }

  private forget(block: string, state: AddressState): void {
    if (state.open === 0 && state.failures === 0) this.addresses.delete(block);
  }
}

/** One admitted socket's place in the counts. */
export interface AdmissionTicket {
  /** The socket proved its identity and counts only as a connection now. */
  verified(): void;
  /** The socket is gone; without `verified` it counts as a failed handshake. */
  closed(): void;
}
