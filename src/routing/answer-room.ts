import type { Counters } from "../base/counters.ts";
import { StewardError } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { ZoneRequestType } from "../wire/zone-requests.ts";

/** Questions whose answers may be long and can be asked again. */
const LONG_ANSWERS: ReadonlySet<ZoneRequestType> = new Set<ZoneRequestType>([
  "zone.discover",
  "zone.history",
  "zone.inspect",
  "zone.members",
  "zone.receipt",
]);
/** Of one session within one turn, whose answers are all made before the first is sent. */
const PER_TURN_MAX = 4;
const RETRY_MS = 1_000;

export interface AnswerRoomDeps {
  readonly counters: Counters;
  /** What a session may have yet to be sent when another long answer is made for it. */
  readonly backlogBytesMax: number;
}

/** Makes no long answer for who does not take those that he has; `docs/protocol.md` §4. */
export class AnswerRoom {
  private readonly deps: AnswerRoomDeps;
  private readonly inTurn = new Map<Session, number>();

  constructor(deps: AnswerRoomDeps) {
    this.deps = deps;
  }

  /**
   * Counts one question of a session.
   * @throws StewardError `rate_limited` OVERLOADED
   */
  take(session: Session, type: ZoneRequestType): void {
    if (!LONG_ANSWERS.has(type)) return;
    const { counters, backlogBytesMax } = this.deps;
    const pending = this.inTurn.get(session) ?? 0;
    if (pending >= PER_TURN_MAX || session.connection.bufferedBytes > backlogBytesMax) {
      counters.add("wire.backlog_bytes_max");
      throw new StewardError("rate_limited", {
        reason: "OVERLOADED",
        message: "You have yet to read earlier answers.",
        retryAfterMs: RETRY_MS,
      });
    }
    // The turn commits in a setImmediate, too, and sends what was held.
    if (this.inTurn.size === 0) setImmediate(() => this.inTurn.clear());
    this.inTurn.set(session, pending + 1);
  }
}
