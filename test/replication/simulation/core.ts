import { findCommitRefusal, findRefusal } from "../../../src/replication/core/charge.ts";
import { judgeReplicate } from "../../../src/replication/core/replicate.ts";
import { step } from "../../../src/replication/core/step.ts";
import { createEmptyZone, createZoneState } from "../../../src/replication/core/zone.ts";
import { judgeEntries } from "../../../src/replication/follow/judge-entries.ts";

/** What a simulated steward decides with: the same functions as a real one, or ones with a planted bug. */
export interface Decisions {
  readonly step: typeof step;
  readonly createZoneState: typeof createZoneState;
  readonly createEmptyZone: typeof createEmptyZone;
  readonly findRefusal: typeof findRefusal;
  readonly findCommitRefusal: typeof findCommitRefusal;
  readonly judgeReplicate: typeof judgeReplicate;
  readonly judgeEntries: typeof judgeEntries;
}

/** The steward's own. */
export const DECISIONS: Decisions = {
  step,
  createZoneState,
  createEmptyZone,
  findRefusal,
  findCommitRefusal,
  judgeReplicate,
  judgeEntries,
};
