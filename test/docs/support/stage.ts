import type { Replay } from "./replay.ts";
import type { Speaker } from "./speaker.ts";
import type { DocWorld } from "./world.ts";

/** What one chapter of the replay leaves to the next. */
export interface Stage {
  readonly world: DocWorld;
  readonly replay: Replay;
  /** Verified plainly, as the document's first client. */
  readonly agent: Speaker;
  /** The same node's second session, with error detail. */
  readonly second: Speaker;
  readonly creator: Speaker;
  readonly provider: Speaker;
}
