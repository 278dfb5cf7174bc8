import type { Logger } from "../base/log.ts";
import type { Connection } from "../transport/transport.ts";
import { encodeEnvelope, type MessageType } from "../wire/envelope.ts";
import type { AddressPatch, FanOutFrame } from "../wire/fan-out-frame.ts";
import type { Compression } from "./compression.ts";
import type { WireConfig } from "./config.ts";
import { encodeFailure } from "./encode-failure.ts";
import type { Backlogged, OutboundBudget } from "./outbound-budget.ts";
import type { SessionStats } from "./session-stats.ts";

/** What sending needs of the steward. */
export interface OutboundDeps {
  readonly config: Pick<WireConfig, "outbound_bytes_max">;
  readonly outbound: OutboundBudget;
  readonly stats: SessionStats;
  readonly log: Logger;
  /** Runs an effect after the COMMIT of what it depends on. */
  readonly gate: (run: () => void, abort?: (error: Error) => void) => void;
}

/** A session as far as its way out cares. */
export interface OutboundOwner {
  readonly id: string;
  /** Whether the peer listed `error_detail`. */
  readonly withDetail: boolean;
  /** The peer does not read in time: the connection is closed already. */
  leave(): void;
}

/**
 * A session's way out: what is sent waits for its COMMIT, and a peer that leaves too much unread is
 * closed; `docs/protocol.md` §4.
 */
export class Outbound implements Backlogged {
  readonly connection: Connection;
  private readonly owner: OutboundOwner;
  private readonly deps: OutboundDeps;
  private isOver = false;
  /** Set once both sides agreed on it. */
  compression: Compression | undefined;
  /** What the connection may have yet to send; undefined: what the configuration says. */
  private bytesMax: number | undefined;

  constructor(connection: Connection, owner: OutboundOwner, deps: OutboundDeps) {
    this.connection = connection;
    this.owner = owner;
    this.deps = deps;
  }

  /** Sends an envelope once everything it may depend on is durable. */
  send(type: MessageType, fields: Readonly<Record<string, unknown>>): void {
    this.deps.gate(() => this.sendHeld(type, fields));
  }

  /** Sends an envelope; the caller holds the gate, and sees at once what it adds to the backlog. */
  sendHeld(type: MessageType, fields: Readonly<Record<string, unknown>>): void {
    const envelope = this.encode(type, fields);
    this.sendNow(this.compression?.shrink(envelope, fields.body) ?? envelope);
  }

  /** As `sendHeld`, what another node wrote: it is never compressed. */
  forwardHeld(fields: Readonly<Record<string, unknown>>): void {
    this.sendNow(this.encode("message", fields));
  }

  /** Sends a frame that many share, with the recipient's own bytes; the caller holds the gate. */
  deliver(frame: FanOutFrame, address: AddressPatch): void {
    const shrunk = this.compression?.shrinkShared(frame);
    if (shrunk === undefined) return this.sendNow(frame.envelope, address);
    this.sendNow(shrunk.envelope, { offset: shrunk.toOffset, bytes: address.bytes });
  }

  /** Sends bytes; the caller holds the gate. A frame that many share is patched, and not counted. */
  sendNow(bytes: Uint8Array, patch?: AddressPatch): void {
    const { connection, deps } = this;
    const bytesMax = this.bytesMax ?? deps.config.outbound_bytes_max;
    if (connection.bufferedBytes + bytes.length > bytesMax) return this.closeTooSlow();
    const isCounted = patch === undefined && this.bytesMax === undefined && !this.isOver;
    if (isCounted) deps.outbound.add(this, bytes.length);
    deps.stats.framesOut++;
    deps.stats.bytesOut += bytes.length;
    connection.send(bytes, patch);
  }

  /** It has a bound of its own from now on, and no part in the one for all sessions. */
  exempt(bytesMax: number): void {
    this.bytesMax = bytesMax;
    this.deps.outbound.remove(this);
  }

  /** Closes once what was sent before is on its way. */
  close(reason: string): void {
    this.deps.gate(() => this.connection.close(reason));
  }

  /** Closes without sending what is queued, which the peer does not read in time. */
  closeTooSlow(): void {
    if (this.isOver) return;
    const { connection } = this;
    // The reason goes ahead of what the peer would not read in time anyway.
    connection.clearQueue();
    connection.send(encodeEnvelope("disconnect", { reason: "too_slow" }));
    connection.close("too_slow");
    this.owner.leave();
  }

  /** The session is over: what it sends yet is not counted. */
  stop(): void {
    this.isOver = true;
    this.deps.outbound.remove(this);
  }

  /** Encodes an envelope; where an answer does not fit one, its failure. */
  private encode(type: MessageType, fields: Readonly<Record<string, unknown>>): Uint8Array {
    try {
      return encodeEnvelope(type, fields);
    } catch (error) {
      const { id, withDetail } = this.owner;
      this.deps.log.error({ err: error, session: id }, "an envelope could not be encoded");
      return encodeFailure(fields, withDetail);
    }
  }
}
