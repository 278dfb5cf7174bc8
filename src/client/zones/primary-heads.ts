import type { PrimaryHead } from "../../protocol/primary-head.ts";
import { AgentError } from "../agent-error.ts";
import type { LogPage } from "../calls/replies.ts";

/** Epochs of one zone whose heads are kept; a takeover makes one. */
const EPOCHS_MAX = 8;
const ZONES_MAX = 10_000;

/**
 * Keeps the highest signed head of every zone and epoch, and finds a primary that shows its members
 * different logs; `docs/protocol.md` §9.11.
 */
export class PrimaryHeads {
  readonly #zones = new Map<string, Map<number, PrimaryHead>>();

  /**
   * Compares a page's head and entries with the highest head seen in the same epoch, and keeps the
   * higher one.
   * @throws AgentError `history_invalid`, `HEADS_DIFFER`; its details hold both heads
   */
  take(head: PrimaryHead, entries: LogPage["entries"]): void {
    const epochs = this.#zones.get(head.zone_id) ?? new Map<number, PrimaryHead>();
    const kept = epochs.get(head.epoch);
    if (kept !== undefined) {
      const shown = entries.find(({ entry }) => entry.seq === kept.seq)?.hash;
      const isOther = kept.seq === head.seq && kept.hash !== head.hash;
      if (isOther || (shown !== undefined && shown !== kept.hash)) throw toDiffering(kept, head);
      if (kept.seq >= head.seq) return;
    }
    epochs.set(head.epoch, head);
    if (epochs.size > EPOCHS_MAX) epochs.delete(Math.min(...epochs.keys()));
    this.#zones.delete(head.zone_id);
    this.#zones.set(head.zone_id, epochs);
    const oldest = this.#zones.keys().next().value;
    if (this.#zones.size > ZONES_MAX && oldest !== undefined) this.#zones.delete(oldest);
  }
}

function toDiffering(kept: PrimaryHead, head: PrimaryHead): AgentError {
  return new AgentError("history_invalid", {
    reason: "HEADS_DIFFER",
    message: "The zone's primary signed one log and this steward shows another, in one epoch.",
    details: { zone_id: head.zone_id, heads: [kept, head] },
  });
}
