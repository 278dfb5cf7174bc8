import type { ZoneState } from "../core/state.ts";
import { findEpoch, findPeer, isPrimary } from "../core/zone.ts";

/** How far the voters of zones are behind this steward, their primary; of all the worst. */
export interface ReplicationLag {
  /** Commits that a voter has yet to acknowledge. */
  readonly commits: number;
  /** Since a voter last answered a Ping. */
  readonly silenceMs: number;
  /** Voters of zones that have not answered in this epoch. */
  readonly unheard: number;
}

/**
 * Measures how far voters are behind.
 * @param nowMs monotonic, as the states' own times
 */
export function measureLag(states: readonly ZoneState[], nowMs: number): ReplicationLag {
  let [commits, silenceMs, unheard] = [0, 0, 0];
  for (const state of states.filter(isPrimary)) {
    const own = state.durable.position?.n ?? 0;
    for (const voter of findEpoch(state)?.voters ?? []) {
      const { held, pingedAtMs } = findPeer(state, voter);
      if (held === undefined || pingedAtMs === undefined) unheard++;
      commits = Math.max(commits, held === undefined ? 0 : own - held);
      silenceMs = Math.max(silenceMs, pingedAtMs === undefined ? 0 : nowMs - pingedAtMs);
    }
  }
  return { commits, silenceMs, unheard };
}
