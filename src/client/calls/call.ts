import type { Body } from "../../wire/body.ts";
import type { AtlasMessage, MessageFields } from "../../wire/messages.ts";
import type { Deadline } from "../deadline.ts";

/** A message to another node than the connected one. */
export interface DirectAddress {
  /** Stays the same however often it leaves, so that the receiver gets it once. */
  readonly id: string;
  readonly to: string;
  readonly topic?: string | undefined;
  readonly reply_to?: string | undefined;
}

/** A body on its way and what to do with it. */
export interface CallSpec {
  readonly body: Body;
  /** Whether sending it twice has the effect of sending it once; `docs/protocol.md` §5, §6. */
  readonly repeatable: boolean;
  /** What ends the call: the zone reply, or the MessageAck where no reply follows. */
  readonly until: "reply" | "ack";
  readonly deadline: Deadline;
  /** The zone the body is about, where the body does not say. */
  readonly zoneId?: string | undefined;
  /** Whether it looks who the zone's stewards are, which other calls of the zone may wait for. */
  readonly isRenewal?: boolean | undefined;
  readonly direct?: DirectAddress;
  /** Called each time the message leaves. */
  readonly onSend?: () => void;
}

/** What a call came to. */
export interface CallOutcome {
  /** Undefined for calls that end with the ack. */
  readonly reply?: AtlasMessage | undefined;
  /** The MessageAck's, for calls that end with it. */
  readonly status?: AckStatus | undefined;
  /** How often the message left; above 1 an earlier copy may have had the effect. */
  readonly sends: number;
}

/** What a MessageAck says. */
export type AckStatus = MessageFields<"message_ack">["status"];
