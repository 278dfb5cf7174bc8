import { type Hex, keccak256 } from "viem";
import type { JsonObject } from "../../protocol/json.ts";
import { toZoneKey } from "../../protocol/terms.ts";
import { AgentError } from "../agent-error.ts";

/** One authorization that was signed, and what is known of it. */
export interface LedgerEntry {
  /** keccak256 over sender, request id, action and params; `docs/protocol.md` §8. A ledger may keep its own key here. */
  readonly requestKey: string;
  readonly requestId: string;
  readonly zoneId: string;
  readonly chainId: number;
  readonly token: string;
  readonly from: string;
  readonly recipient: string;
  readonly creatorFeeBps: number;
  /** Decimal string, smallest unit. */
  readonly amount: string;
  readonly nonce: string;
  /** Unix seconds; on chain the authorization is void from then on. */
  readonly validBefore: number;
  /** The signed authorization as it travels; whoever has it can settle it, as committed. */
  readonly authorization: JsonObject;
  /** `authorized`: it may still execute; `settled`: the steward answered with a receipt. */
  readonly state: "authorized" | "settled";
  readonly txHash?: string;
  /** The escrow it opens, where it pays into one. */
  readonly escrowId?: string;
}

/**
 * Keeps every authorization before it leaves, so that none is signed twice for a request. `put` must
 * not resolve before the entry would survive what the agent must survive; `docs/protocol.md` §8.
 */
export interface PaymentLedger {
  get(requestKey: string): Promise<LedgerEntry | undefined>;
  put(requestKey: string, entry: LedgerEntry): Promise<void>;
  /** Every entry, for finding escrows again; a ledger without it still pays. */
  list?(): Promise<LedgerEntry[]>;
}

/** What is known of a request's authorization, and the key to write it under. */
export interface LedgerPlace {
  readonly key: string;
  readonly entry: LedgerEntry | undefined;
}

/**
 * Finds a request of a zone in a ledger. The request's key names no zone: what has the same id and content in
 * another zone has the same one, and the later of the two is kept under a key of its own.
 */
export async function findPlace(
  ledger: PaymentLedger,
  requestKey: string,
  zoneId: string,
): Promise<LedgerPlace> {
  const zoned = keccak256(`${requestKey as Hex}${toZoneKey(zoneId).slice(2)}`);
  const [first, second] = await Promise.all([ledger.get(requestKey), ledger.get(zoned)]);
  if (first?.zoneId === zoneId) return { key: requestKey, entry: first };
  if (second !== undefined) return { key: zoned, entry: second };
  return { key: first === undefined ? requestKey : zoned, entry: undefined };
}

/** Entries the memory ledger holds before it forgets those long past their end. */
const MEMORY_ENTRIES_MAX = 10_000;
const FORGET_AFTER_SECS = 86_400;

/** Creates a ledger that lives as long as the process; a paying agent should use a durable one. */
export function createMemoryLedger(): PaymentLedger {
  const entries = new Map<string, LedgerEntry>();
  return {
    get: async (requestKey) => entries.get(requestKey),
    list: async () => [...entries.values()],
    put: async (requestKey, entry) => {
      entries.set(requestKey, entry);
      if (entries.size <= MEMORY_ENTRIES_MAX) return;
      const horizon = Math.floor(Date.now() / 1000) - FORGET_AFTER_SECS;
      for (const [key, kept] of entries) if (kept.validBefore < horizon) entries.delete(key);
      if (entries.size <= MEMORY_ENTRIES_MAX) return;
      entries.delete(requestKey);
      throw new AgentError("ledger_failed", { message: "The memory ledger is full." });
    },
  };
}
