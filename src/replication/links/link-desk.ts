import type { JsonObject } from "../../protocol/json.ts";
import type { MessageFields } from "../../wire/messages.ts";
import type { LinkHandler, LinkListener, LinkMessage, LinkSession, SentBody } from "./link-port.ts";

/** What a Message that was sent may lead to: one of these, once. */
export interface AskHandlers {
  /** An answer; what this throws is dropped with the answer. */
  readonly onAnswer: (link: LinkSession, message: LinkMessage) => void;
  /** zone.error with its fields, or an Error; undefined where the link went first. */
  readonly onRefused: (link: LinkSession, error: LinkRefusal | undefined) => void;
}

/** A refusal by another steward. */
export interface LinkRefusal {
  /** A zone code, or a wire code of an Error. */
  readonly code: string | number;
  readonly reason: string | undefined;
  /** The fields of a zone.error. */
  readonly body: JsonObject | undefined;
}

/** Messages of one link whose answers are waited for; beyond, the oldest is given up. */
const ASKS_MAX = 4096;

/** Takes what links bring to whom it is for: one handler a body type, any number of listeners. */
export class LinkDesk {
  private readonly handlers = new Map<string, LinkHandler>();
  private readonly listeners: LinkListener[] = [];
  /** By link and the id of the Message that asks. */
  private readonly asks = new Map<LinkSession, Map<string, AskHandlers>>();

  /** Names who handles a body type. */
  handle(type: string, handler: LinkHandler): void {
    this.handlers.set(type, handler);
  }

  /** Adds who hears of sessions. */
  listen(listener: LinkListener): void {
    this.listeners.push(listener);
  }

  /** Sends a body and hears of its one answer; a body pushed without `reply_to` is none. */
  ask(link: LinkSession, body: SentBody, handlers: AskHandlers): void {
    const asks = this.asks.get(link) ?? new Map<string, AskHandlers>();
    this.asks.set(link, asks);
    asks.set(link.send(body), handlers);
    const [oldest] = asks.keys();
    if (asks.size > ASKS_MAX && oldest !== undefined) asks.delete(oldest);
  }

  /** Hands a Message on; what its handler throws is answered. Types that nobody handles are dropped. */
  take(link: LinkSession, message: LinkMessage): void {
    try {
      if (this.answer(link, message)) return;
      this.handlers.get(message.body.type)?.(link, message);
    } catch (error) {
      link.refuse(error, message.id);
    }
  }

  /** Tells the listeners that a session is open. */
  up(link: LinkSession): void {
    for (const { onUp } of this.listeners) onUp?.(link);
  }

  /** Tells the listeners that a session is over, and whoever waits for answers. */
  down(link: LinkSession): void {
    const asks = [...(this.asks.get(link)?.values() ?? [])];
    this.asks.delete(link);
    for (const { onRefused } of asks) onRefused(link, undefined);
    for (const { onDown } of this.listeners) onDown?.(link);
  }

  /** Tells the listeners that a Message of this steward was refused by an Error. */
  refused(link: LinkSession, error: MessageFields<"error">): void {
    const { code, reason, ref_msg_id: messageId } = error;
    this.takeAsk(link, messageId)?.onRefused(link, { code, reason, body: undefined });
    for (const { onError } of this.listeners) onError?.(link, error);
  }

  private answer(link: LinkSession, message: LinkMessage): boolean {
    const ask = this.takeAsk(link, message.reply_to);
    if (ask === undefined) return false;
    const { body } = message;
    if (body.type === "zone.error") {
      const fields = body.value.decode() as JsonObject;
      const { code, reason } = fields;
      ask.onRefused(link, {
        code: typeof code === "string" ? code : "internal",
        reason: typeof reason === "string" ? reason : undefined,
        body: fields,
      });
    } else {
      ask.onAnswer(link, message);
    }
    return true;
  }

  private takeAsk(link: LinkSession, messageId: string | undefined): AskHandlers | undefined {
    if (messageId === undefined) return undefined;
    const ask = this.asks.get(link)?.get(messageId);
    this.asks.get(link)?.delete(messageId);
    return ask;
  }

  /** Tells the listeners that a Ping was answered, and when that one was sent. */
  pong(link: LinkSession, sentAtMs: number): void {
    for (const { onPong } of this.listeners) onPong?.(link, sentAtMs);
  }
}
