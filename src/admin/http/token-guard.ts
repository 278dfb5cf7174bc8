import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Counters } from "../../base/counters.ts";
import { StewardError } from "../../errors.ts";
import { toAddressBlock } from "../../transport/client-address.ts";
import type { AdminConfig } from "../config.ts";

const WINDOW_MS = 60_000;
/** Addresses whose failures are remembered; the first one that failed goes first. */
const BLOCKS_MAX = 10_000;
/** Tokens that were right, by address, as a proof that need not wait. */
const KNOWN_MAX = 1000;
/** Entries that the audit log gets of wrong tokens within a minute, from all addresses. */
const NOTED_MAX = 60;
/** Requests that wait for their turn, of one address and in all. */
const WAITING_PER_BLOCK = 16;
const WAITING_MAX = 256;

interface Failures {
  readonly sinceMs: number;
  readonly count: number;
}

/** What the guard works with. */
export interface TokenGuardDeps {
  readonly config: { readonly admin: AdminConfig };
  readonly counters: Counters;
  readonly monotonicMs: () => number;
}

/**
 * Slows whoever guesses tokens. An address (of IPv6 the /64) with too many wrong ones within a minute has
 * each further token wait for its turn before it is looked at, but those that were right from there
 * before: nobody is locked out by a neighbour's guesses. Its memory is bounded.
 */
export class TokenGuard {
  private readonly deps: TokenGuardDeps;
  private readonly failures = new Map<string, Failures>();
  private readonly known = new Set<string>();
  private readonly lines = new Map<string, { waiting: number; tail: Promise<void> }>();
  private waiting = 0;
  private noted: Failures = { sinceMs: 0, count: 0 };

  constructor(deps: TokenGuardDeps) {
    this.deps = deps;
  }

  /**
   * Waits until a token of an address may be looked at; at once but for those who guess.
   * @throws StewardError `rate_limited` ADDRESS_LIMIT where too many wait already
   */
  async enter(address: string, token: string): Promise<void> {
    const block = toAddressBlock(address);
    const { token_failures_per_minute: max, token_delay_ms: delayMs } = this.deps.config.admin;
    const { count } = this.find(block);
    if (count < max || this.known.has(toKnown(block, token))) return;
    this.deps.counters.add("admin.token_failures_per_minute");
    const line = this.lines.get(block) ?? { waiting: 0, tail: Promise.resolve() };
    if (line.waiting >= WAITING_PER_BLOCK || this.waiting >= WAITING_MAX) throw this.refuse(block);
    line.waiting++;
    this.waiting++;
    // One after the other, however many connections are used.
    line.tail = line.tail.then(() => wait(delayMs, undefined, { ref: false }));
    this.lines.set(block, line);
    await line.tail;
    this.waiting--;
    line.waiting--;
    if (line.waiting === 0) this.lines.delete(block);
  }

  /** Notes that a token was right. */
  noteRight(address: string, token: string): void {
    const known = toKnown(toAddressBlock(address), token);
    if (this.known.has(known)) return;
    if (this.known.size >= KNOWN_MAX) forgetFirst(this.known);
    this.known.add(known);
  }

  /**
   * Notes that a token was wrong; returns how many of the address were within this minute where the audit
   * log is to have it: of the 1st, the 10th, the 100th and so on.
   */
  noteWrong(address: string): number | undefined {
    const block = toAddressBlock(address);
    const { sinceMs, count } = this.find(block);
    if (!this.failures.has(block) && this.failures.size >= BLOCKS_MAX) forgetFirst(this.failures);
    this.failures.set(block, { sinceMs, count: count + 1 });
    const isNoted = /^10*$/.test(String(count + 1)) && this.takeNote();
    return isNoted ? count + 1 : undefined;
  }

  /** However many addresses guess, the log does not grow with them. */
  private takeNote(): boolean {
    const nowMs = this.deps.monotonicMs();
    const { sinceMs, count } = this.noted;
    const isLater = nowMs - sinceMs >= WINDOW_MS;
    this.noted = isLater ? { sinceMs: nowMs, count: 1 } : { sinceMs, count: count + 1 };
    return this.noted.count <= NOTED_MAX;
  }

  private find(block: string): Failures {
    const nowMs = this.deps.monotonicMs();
    const found = this.failures.get(block);
    if (found !== undefined && nowMs - found.sinceMs < WINDOW_MS) return found;
    this.failures.delete(block);
    return { sinceMs: nowMs, count: 0 };
  }

  private refuse(block: string): StewardError {
    const leftMs = this.find(block).sinceMs + WINDOW_MS - this.deps.monotonicMs();
    return new StewardError("rate_limited", {
      reason: "ADDRESS_LIMIT",
      message: "Too many wrong tokens came from this address.",
      retryAfterMs: Math.max(1000, leftMs),
    });
  }
}

/** Not the token itself: what is kept in memory may be dumped. */
function toKnown(block: string, token: string): string {
  return `${block} ${createHash("sha256").update(token).digest("base64")}`;
}

function forgetFirst(kept: Map<string, unknown> | Set<string>): void {
  for (const first of kept.keys()) {
    kept.delete(first);
    return;
  }
}
