import type { Counters } from "../base/counters.ts";
import { StewardError } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { Store } from "../store/database.ts";
import { estimateSize } from "../wire/size-estimate.ts";
import type { StewardBody } from "../wire/zone-replies.ts";
import type { ZoneRequestType } from "../wire/zone-requests.ts";

/** Questions whose answers may be long and can be asked again. */
const LONG_ANSWERS: ReadonlySet<ZoneRequestType> = new Set<ZoneRequestType>([
  "zone.discover",
  "zone.history",
  "zone.inspect",
  "zone.members",
  "zone.receipt",
]);
const RETRY_MS = 1_000;

export interface AnswerRoomDeps {
  readonly counters: Counters;
  readonly store: Pick<Store, "isTurnOpen">;
  /** What a session may have yet to be sent when another long answer is made for it. */
  readonly backlogBytesMax: number;
}

/** The room for the answer to one question. */
export interface Room {
  /** @throws StewardError `rate_limited` OVERLOADED where the session does not take what it has */
  take(): void;
  /** Counts the answer as long as it is not among what the connection has to send. */
  hold(body: StewardBody): void;
}

/** Makes no long answer for who does not take those that he has; `docs/protocol.md` §4. */
export class AnswerRoom {
  private readonly deps: AnswerRoomDeps;
  /** Bytes of answers that were made in the present turn, and are sent after its COMMIT. */
  private readonly held = new Map<Session, number>();

  constructor(deps: AnswerRoomDeps) {
    this.deps = deps;
  }

  /** The room for the answer to a session's message; undefined where answers of its type are short. */
  find(session: Session, type: ZoneRequestType): Room | undefined {
    if (!LONG_ANSWERS.has(type)) return undefined;
    return { take: () => this.take(session), hold: (body) => this.hold(session, body) };
  }

  private take(session: Session): void {
    const { counters, backlogBytesMax } = this.deps;
    const heldBytes = this.held.get(session) ?? 0;
    if (heldBytes + session.connection.bufferedBytes <= backlogBytesMax) return;
    counters.add("wire.backlog_bytes_max");
    throw new StewardError("rate_limited", {
      reason: "OVERLOADED",
      message: "You have yet to read earlier answers.",
      retryAfterMs: RETRY_MS,
    });
  }

  private hold(session: Session, body: StewardBody): void {
    if (!this.deps.store.isTurnOpen) return;
    // The turn commits in a setImmediate, too, an earlier one, and sends what was held.
    if (this.held.size === 0) setImmediate(() => this.held.clear());
    this.held.set(session, (this.held.get(session) ?? 0) + estimateSize(body));
  }
}
