import type { Logger } from "../../base/log.ts";
import { createId } from "../../protocol/ids.ts";
import type { Peer } from "../../session/peer.ts";
import type { Session } from "../../session/session.ts";
import type { LinkSession, SentBody } from "./link-port.ts";
import { isFault, toRefusal } from "./refusal.ts";

export interface ResponderLinkDeps {
  readonly ownNodeId: string;
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** A session that another steward dialed; `docs/protocol.md` §9.2. */
export class ResponderLink implements LinkSession {
  readonly isDialed = false;
  readonly nodeId: string;
  private readonly session: Session;
  private readonly deps: ResponderLinkDeps;

  constructor(session: Session, peer: Peer, deps: ResponderLinkDeps) {
    this.session = session;
    this.nodeId = peer.nodeId;
    this.deps = deps;
  }

  get id(): string {
    return this.session.id;
  }

  get isOpen(): boolean {
    return this.session.peer !== undefined;
  }

  get bufferedBytes(): number {
    return this.session.connection.bufferedBytes;
  }

  send(body: SentBody, replyTo?: string): string {
    const id = createId("msg");
    this.session.send("message", {
      id,
      from: this.deps.ownNodeId,
      to: this.nodeId,
      timestamp: this.deps.now(),
      reply_to: replyTo,
      body,
    });
    return id;
  }

  refuse(error: unknown, messageId: string): void {
    const { log } = this.deps;
    if (isFault(error)) log.error({ err: error, session: this.id }, "a link's message failed");
    const refusal = toRefusal(error, messageId, this.session.withDetail);
    if (refusal.type === "body") this.send(refusal.body, messageId);
    else this.session.send("error", refusal.fields);
  }

  close(reason: string): void {
    this.session.disconnect("normal", reason);
  }
}
