import type { MessageFields } from "../wire/messages.ts";

/** What a session is to its steward once another steward's zones go over it; `docs/protocol.md` §9.2. */
export interface SessionLink {
  /** What the session may have yet to send. */
  readonly unsentBytesMax: number;
  /** Something came. */
  onFrame(): void;
  /** A Ping that was sent with this `ts` is answered. */
  onPong(echo: number | bigint): void;
  onError(error: MessageFields<"error">): void;
  /** The session is over; called once. */
  onEnd(): void;
}
