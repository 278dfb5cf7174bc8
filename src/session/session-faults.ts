import type { Counters } from "../base/counters.ts";
import type { Logger } from "../base/log.ts";
import { SlidingWindow } from "../base/sliding-window.ts";
import { StewardError } from "../errors.ts";
import type { Connection } from "../transport/transport.ts";
import { findMessageId } from "../wire/envelope.ts";
import type { DisconnectReason } from "../wire/messages.ts";
import type { WireConfig } from "./config.ts";
import { isBan, isMalformed } from "./frame-faults.ts";
import type { LimitsConfig } from "./limits.ts";
import type { Peer } from "./peer.ts";

/** What answering faults needs of the steward. */
export interface SessionFaultsDeps {
  readonly config: Pick<WireConfig, "malformed_per_minute">;
  readonly limits: Pick<LimitsConfig, "banned_refusals">;
  readonly counters: Counters;
  readonly log: Logger;
  readonly monotonicMs: () => number;
}

/** A session as far as its peer's faults go. */
export interface FaultySession {
  readonly id: string;
  readonly connection: Connection;
  /** Undefined before Verify and after the end. */
  readonly peer: Peer | undefined;
  readonly isOver: boolean;
  /** Answers one message, and ends the session where the code says so. */
  fail(error: unknown, refMsgId?: string): void;
  /** Closes, without a message. */
  end(reason: string): void;
  disconnect(reason: DisconnectReason): void;
}

/** Answers what a peer sends that cannot be taken, and ends the session of one that goes on; `docs/protocol.md` §2, §4. */
export class SessionFaults {
  private readonly session: FaultySession;
  private readonly deps: SessionFaultsDeps;
  /** Made when it is first needed: most sessions never send a malformed frame. */
  private malformed: SlidingWindow | undefined;
  private bannedRefusals = 0;

  constructor(session: FaultySession, deps: SessionFaultsDeps) {
    this.session = session;
    this.deps = deps;
  }

  /** Answers what the limits refused. */
  onRefused(error: unknown, bytes: Uint8Array): void {
    if (isBan(error)) this.onBanned(error);
    else this.onFailed(error, bytes);
  }

  /** Answers an envelope whose handling failed. */
  onFailed(error: unknown, bytes: Uint8Array): void {
    const { session, deps } = this;
    const refMsgId = findMessageId(bytes);
    if (!(error instanceof StewardError)) {
      deps.log.error({ err: error, session: session.id }, "a message failed unexpectedly");
    } else if (isMalformed(error) && session.peer !== undefined) {
      this.onMalformed(error, refMsgId);
      return;
    }
    session.fail(error, refMsgId);
  }

  /** Answers a frame that could not be understood; the tenth within a minute closes. */
  onMalformed(error: unknown, refMsgId?: string): void {
    const { session, deps } = this;
    session.fail(error, refMsgId);
    if (session.isOver) return;
    this.malformed ??= new SlidingWindow();
    const countMax = deps.config.malformed_per_minute - 1;
    if (!this.malformed.take(1, countMax, deps.monotonicMs())) {
      session.end("too many malformed frames");
    }
  }

  private onBanned(error: StewardError): void {
    const { session, deps } = this;
    session.fail(error);
    this.bannedRefusals++;
    if (this.bannedRefusals < deps.limits.banned_refusals) return;
    deps.counters.add("limits.banned_refusals");
    session.connection.stopReading();
    session.disconnect("banned");
  }
}
