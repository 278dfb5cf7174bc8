import { isReplicated } from "../../protocol/steward-set.ts";
import { monotonicMs } from "../deadline.ts";
import type { VerifiedZone } from "./envelope.ts";

/** Answers of a steward that cannot answer, after which another one is looked for. */
const REFUSALS_BEFORE_MOVE = 2;
/** Answers further apart than this are not counted together. */
const REFUSAL_WINDOW_MS = 60_000;

/** A steward that may act for the agent, and where it is said to be. */
export interface Steward {
  readonly nodeId: string;
  readonly url: string;
  /** Whether one of the zones names it primary. */
  readonly isPrimary: boolean;
}

/**
 * Finds the stewards that all the zones name, with an address and without `without`: primaries first,
 * the others at random, so that the members of a lost steward spread; `docs/protocol.md` §9.14. None
 * where a zone is not replicated, or where there is no zone.
 * @param random in [0, 1)
 */
export function findCommonStewards(
  zones: readonly VerifiedZone[],
  options: {
    readonly without: string | undefined;
    readonly random: () => number;
    /** Where a node answered before, for those whose zones do not say where they are. */
    readonly findUrl: (nodeId: string) => string | undefined;
  },
): Steward[] {
  const [first, ...others] = zones;
  if (first === undefined || !zones.every(({ manifest }) => isReplicated(manifest))) return [];
  const stewards = toRefs(first).flatMap(({ node_id, entrypoint }) => {
    const url = entrypoint ?? options.findUrl(node_id);
    if (node_id === options.without || url === undefined) return [];
    if (!others.every((zone) => toRefs(zone).some((ref) => ref.node_id === node_id))) return [];
    const isPrimary = zones.some((zone) =>
      toRefs(zone).some((ref) => ref.node_id === node_id && ref.role === "primary"),
    );
    return [{ nodeId: node_id, url, isPrimary, order: options.random() }];
  });
  return stewards
    .sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary) || a.order - b.order)
    .map(({ nodeId, url, isPrimary }) => ({ nodeId, url, isPrimary }));
}

/** Counts the answers of one session that say "not here"; `docs/protocol.md` §9.14. */
export class RefusalCount {
  #at: number[] = [];

  /** Counts one; returns whether it is time to look for another steward. */
  note(now = monotonicMs()): boolean {
    this.#at = [...this.#at.filter((at) => now - at < REFUSAL_WINDOW_MS), now];
    if (this.#at.length < REFUSALS_BEFORE_MOVE) return false;
    this.#at = [];
    return true;
  }

  /** Begins anew, for another session. */
  reset(): void {
    this.#at = [];
  }
}

function toRefs(zone: VerifiedZone) {
  return zone.manifest.steward_set;
}
