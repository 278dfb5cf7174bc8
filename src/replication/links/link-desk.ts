import type { MessageFields } from "../../wire/messages.ts";
import type { LinkHandler, LinkListener, LinkMessage, LinkSession } from "./link-port.ts";

/** Takes what links bring to whom it is for: one handler a body type, any number of listeners. */
export class LinkDesk {
  private readonly handlers = new Map<string, LinkHandler>();
  private readonly listeners: LinkListener[] = [];

  /** Names who handles a body type. */
  handle(type: string, handler: LinkHandler): void {
    this.handlers.set(type, handler);
  }

  /** Adds who hears of sessions. */
  listen(listener: LinkListener): void {
    this.listeners.push(listener);
  }

  /** Hands a Message on; what its handler throws is answered. Types that nobody handles are dropped. */
  take(link: LinkSession, message: LinkMessage): void {
    try {
      this.handlers.get(message.body.type)?.(link, message);
    } catch (error) {
      link.refuse(error, message.id);
    }
  }

  /** Tells the listeners that a session is open. */
  up(link: LinkSession): void {
    for (const { onUp } of this.listeners) onUp?.(link);
  }

  /** Tells the listeners that a session is over. */
  down(link: LinkSession): void {
    for (const { onDown } of this.listeners) onDown?.(link);
  }

  /** Tells the listeners that a Message of this steward was refused by an Error. */
  refused(link: LinkSession, error: MessageFields<"error">): void {
    for (const { onError } of this.listeners) onError?.(link, error);
  }

  /** Tells the listeners that a Ping was answered, and when that one was sent. */
  pong(link: LinkSession, sentAtMs: number): void {
    for (const { onPong } of this.listeners) onPong?.(link, sentAtMs);
  }
}
