import type { JsonObject } from "../../protocol/json.ts";
import { AgentError, asAgentError } from "../agent-error.ts";

/**
 * Keeps the newest envelope that the agent signed of each of its zones, from before it leaves: an answer
 * that is lost must not lead to a second envelope of the same epoch. `put` must not resolve before the
 * envelope would survive what the agent must survive; `docs/protocol.md` §9.8.
 */
export interface EnvelopeStore {
  get(zoneId: string): Promise<JsonObject | undefined>;
  /** undefined: the one that was kept was refused, and nobody has it. */
  put(zoneId: string, envelope: JsonObject | undefined): Promise<void>;
}

/** Zones the memory store keeps an envelope of; a creator has far fewer. */
const MEMORY_ZONES_MAX = 10_000;

/** Creates a store that lives as long as the process. */
export function createMemoryEnvelopes(): EnvelopeStore {
  const envelopes = new Map<string, JsonObject>();
  return {
    get: async (zoneId) => envelopes.get(zoneId),
    put: async (zoneId, envelope) => {
      if (envelope === undefined) envelopes.delete(zoneId);
      else if (envelopes.has(zoneId) || envelopes.size < MEMORY_ZONES_MAX) {
        envelopes.set(zoneId, envelope);
      } else throw new AgentError("ledger_failed", { message: "The envelope store is full." });
    },
  };
}

/** Runs an operation of the store; whatever it throws stops what was to be signed or sent. */
export async function useEnvelopes<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw asAgentError(error, "ledger_failed");
  }
}
