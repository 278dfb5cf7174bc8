import type { Logger } from "../../base/log.ts";
import { AgentError } from "../../client/agent-error.ts";
import type { Connection } from "../../client/link/connection.ts";
import { createId } from "../../protocol/ids.ts";
import type { MessageType } from "../../wire/envelope.ts";
import type { LinkSession, SentBody } from "./link-port.ts";
import { isFault, toRefusal } from "./refusal.ts";

export interface DialedLinkDeps {
  readonly ownNodeId: string;
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Logger;
  /** Runs an effect after the COMMIT of everything written so far. */
  readonly gate: (run: () => void) => void;
  /** What the link may have yet to send. */
  readonly unsentBytesMax: number;
}

/** A session that this steward dialed; `docs/protocol.md` §9.2. */
export class DialedLink implements LinkSession {
  readonly isDialed = true;
  readonly id = createId("ses");
  readonly nodeId: string;
  private readonly connection: Connection;
  private readonly deps: DialedLinkDeps;
  private isEnded = false;

  constructor(connection: Connection, deps: DialedLinkDeps) {
    this.connection = connection;
    this.nodeId = connection.peer.nodeId;
    this.deps = deps;
    connection.closed.then(() => {
      this.isEnded = true;
    });
  }

  get isOpen(): boolean {
    return !this.isEnded;
  }

  get bufferedBytes(): number {
    return this.connection.bufferedBytes;
  }

  send(body: SentBody, replyTo?: string): string {
    const id = createId("msg");
    this.transmit("message", {
      id,
      from: this.deps.ownNodeId,
      to: this.nodeId,
      timestamp: this.deps.now(),
      reply_to: replyTo,
      body,
    });
    return id;
  }

  /** Sends a Ping. */
  ping(ts: number): void {
    this.transmit("ping", { ts });
  }

  refuse(error: unknown, messageId: string): void {
    const { log } = this.deps;
    if (isFault(error)) log.error({ err: error, session: this.id }, "a link's message failed");
    const refusal = toRefusal(error, messageId, true);
    if (refusal.type === "body") this.send(refusal.body, messageId);
    else this.transmit("error", refusal.fields);
  }

  close(reason: string): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.deps.log.debug({ session: this.id, node: this.nodeId, reason }, "a link is closed");
    this.connection.abandon(new AgentError("closed", { message: reason }));
  }

  private transmit(type: MessageType, fields: Readonly<Record<string, unknown>>): void {
    this.deps.gate(() => {
      if (this.isEnded) return;
      if (this.bufferedBytes > this.deps.unsentBytesMax) return this.close("too_slow");
      this.connection.send(type, fields);
    });
  }
}
