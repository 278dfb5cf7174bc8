import type { StewardError } from "../errors.ts";
import { toFailure } from "../outbound/failure.ts";
import type { JsonObject } from "../protocol/json.ts";
import type { Store } from "../store/database.ts";
import type { ProviderQueries } from "../store/zones/providers.ts";
import type { ZoneQueries } from "../store/zones/zones.ts";
import type { FanOutFrame } from "../wire/fan-out-frame.ts";
import { toPacked } from "../wire/json-to-packed.ts";
import { asValue, PackedBytes } from "../wire/messagepack-encode.ts";
import type { Rooms } from "../zones/log/rooms.ts";
import type { ZoneGate } from "../zones/zone-gate.ts";
import type { ActionResult, ActionTarget, Invocation } from "./handler.ts";

export interface ProviderPoolDeps {
  readonly store: Store;
  readonly gate: ZoneGate;
  readonly rooms: Rooms;
  readonly providers: ProviderQueries;
  readonly queries: Pick<ZoneQueries, "findRole">;
  readonly now: () => number;
}

/** What a session of an approved member offers to fulfil. */
export interface ProviderOffer {
  readonly sessionId: string;
  readonly nodeId: string;
  readonly zoneId: string;
  readonly actions: readonly string[];
}

/** How one attempt with one provider ended. */
export type ProviderOutcome =
  | { readonly kind: "answered"; readonly result: ActionResult | StewardError }
  /** Nothing was sent: the session had just closed. */
  | { readonly kind: "unsent" }
  | { readonly kind: "vanished" }
  | { readonly kind: "timeout" };

interface Attempt {
  readonly sessionId: string;
  readonly end: (outcome: ProviderOutcome) => void;
}

/**
 * The providers that are connected and what they offer, and the runs they are at. Live state:
 * approvals and whom a run was sent to are in the store, offers end with their session.
 */
export class ProviderPool {
  private readonly deps: ProviderPoolDeps;
  /** By session, then zone. */
  private readonly offers = new Map<string, Map<string, ProviderOffer>>();
  /** By invoke id; a run has one attempt at a time. */
  private readonly attempts = new Map<string, Attempt>();
  /** By node id. */
  private readonly outstanding = new Map<string, number>();
  /** When each connected node was last sent a run, as a number that only grows. */
  private readonly turns = new Map<string, number>();
  private nextTurn = 1;

  constructor(deps: ProviderPoolDeps) {
    this.deps = deps;
    deps.rooms.onClosed((sessionId) => this.withdraw(sessionId));
  }

  /** Adds a session's offer, in place of an earlier one for the zone. */
  offer(offer: ProviderOffer): void {
    const { sessionId, zoneId } = offer;
    if (!this.deps.rooms.isOpen(sessionId)) return;
    const byZone = this.offers.get(sessionId) ?? new Map<string, ProviderOffer>();
    this.offers.set(sessionId, byZone.set(zoneId, offer));
  }

  /**
   * Finds who takes a run now: the least busy, of equals who had none for the longest time, and of
   * two sessions of one node the newer, as the older may be a connection that died unnoticed.
   */
  find(target: ActionTarget, except: ReadonlySet<string>): ProviderOffer | undefined {
    const { zoneId, action } = target;
    const offers = [...this.offers.values()]
      .flatMap((byZone) => byZone.get(zoneId) ?? [])
      .filter((offer) => offer.actions.includes(action) && !except.has(offer.sessionId))
      .reverse()
      .sort((left, right) => this.compare(left.nodeId, right.nodeId));
    return offers.find((offer) => this.isEntitled(offer, action));
  }

  /** Counts the runs a node is at. */
  countRuns(nodeId: string): number {
    return this.outstanding.get(nodeId) ?? 0;
  }

  /** Sends a run to a provider, durably noted before, and waits for what becomes of it. */
  async run(
    invocation: Invocation,
    offer: ProviderOffer,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ProviderOutcome> {
    const { invokeId } = invocation;
    const { nodeId, sessionId } = offer;
    const { promise, resolve } = Promise.withResolvers<ProviderOutcome>();
    const attempt: Attempt = { sessionId, end: resolve };
    const onAbort = () => resolve({ kind: "vanished" });
    const timer = setTimeout(() => resolve({ kind: "timeout" }), timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    this.attempts.set(invokeId, attempt);
    this.outstanding.set(nodeId, this.countRuns(nodeId) + 1);
    this.turns.set(nodeId, this.nextTurn++);
    try {
      this.send(invocation, offer, attempt);
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.attempts.delete(invokeId);
      const left = this.countRuns(nodeId) - 1;
      if (left > 0) this.outstanding.set(nodeId, left);
      else this.outstanding.delete(nodeId);
    }
  }

  /** Answers a run under way; false where nobody waits for it. */
  answer(invokeId: string, result: ActionResult | StewardError): boolean {
    const attempt = this.attempts.get(invokeId);
    if (attempt === undefined) return false;
    // At once, so that the result is stored by the same COMMIT that lets its ack out.
    attempt.end({ kind: "answered", result });
    return true;
  }

  private compare(left: string, right: string): number {
    const byRuns = this.countRuns(left) - this.countRuns(right);
    return byRuns || (this.turns.get(left) ?? 0) - (this.turns.get(right) ?? 0);
  }

  private send(invocation: Invocation, offer: ProviderOffer, attempt: Attempt): void {
    const { store, gate, providers, rooms, now } = this.deps;
    const { invokeId, zoneId, requester, requestId, isPaid } = invocation;
    const run = { invokeId, zoneId, requester, requestId };
    const frame = this.createFrame(invocation);
    store.write((write) => {
      const { nodeId } = offer;
      providers.putProviderRun(write, { ...run, nodeId, sentAt: now() });
      const unsent = () => attempt.end({ kind: "unsent" });
      const sendFrame = () => {
        // Its outcome may have been told while acknowledgements stayed away: nobody waits for it any more.
        if (this.attempts.get(invokeId) !== attempt) return;
        if (!rooms.send(offer.sessionId, frame)) unsent();
      };
      gate.hold(zoneId, isPaid ? "money" : "other", sendFrame, { abort: unsent, deposed: unsent });
    });
  }

  private createFrame(invocation: Invocation): FanOutFrame {
    const { invokeId, zoneId, action, paramsText, requester } = invocation;
    const params = asValue(new PackedBytes(toPacked(paramsText))) as JsonObject;
    const body = { invoke_id: invokeId, zone_id: zoneId, action, params, requester };
    try {
      return this.deps.rooms.createFrame({ type: "zone.invoke", ...body });
    } catch (cause) {
      throw toFailure({
        reason: "HANDLER_FAILED",
        message: "The params are too large for a provider.",
        cause,
      });
    }
  }

  /** Approval and membership may have ended since the offer. */
  private isEntitled({ zoneId, nodeId }: ProviderOffer, action: string): boolean {
    const { providers, queries } = this.deps;
    return (
      providers.findProvider(zoneId, nodeId)?.actions.includes(action) === true &&
      queries.findRole(zoneId, nodeId) !== undefined
    );
  }

  private withdraw(sessionId: string): void {
    for (const { nodeId } of this.offers.get(sessionId)?.values() ?? []) this.turns.delete(nodeId);
    this.offers.delete(sessionId);
    for (const attempt of [...this.attempts.values()]) {
      if (attempt.sessionId === sessionId) attempt.end({ kind: "vanished" });
    }
  }
}
