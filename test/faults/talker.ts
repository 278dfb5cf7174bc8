import type { NodeKey } from "../../src/identity/node-key.ts";
import { createId } from "../../src/protocol/ids.ts";
import { type DecodedEnvelope, decodeEnvelope } from "../../src/wire/envelope.ts";
import { createAgentKey, type Reply, WireClient } from "../support/wire-client.ts";
import { type Book, toDelivery } from "./book.ts";
import type { ChainedEntry } from "./zone-file.ts";

const OUTSTANDING_MAX = 4;
const PAGE_ENTRIES = 100;

/** What a talker does once it is in the zone. */
export type Habit = "talks" | "comes and goes";

/**
 * An agent on a raw socket that talks without a pause, survives the steward's end, resumes from its
 * last position and keeps book of everything it was told.
 */
export class Talker {
  readonly key: NodeKey = createAgentKey();
  readonly habit: Habit;
  private readonly zoneId: string;
  private readonly book: Book;
  private client: WireClient | undefined;
  /** The last position up to which everything is known; undefined before the first join. */
  private position: number | undefined;
  private readonly held = new Set<number>();
  private readonly unanswered = new Map<string, unknown>();
  private readonly pages = new Map<string, (page: Reply) => void>();
  private talking = false;
  private said = 0;
  private resumed: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(zoneId: string, habit: Habit, book: Book) {
    this.zoneId = zoneId;
    this.habit = habit;
    this.book = book;
  }

  get lastSeq(): number {
    return this.position ?? 0;
  }

  /**
   * Connects, joins, catches up from its last position, says again what was not answered, and goes on
   * talking. Rejects where the connection ends before it has caught up.
   */
  async start(wireUrl: string): Promise<void> {
    this.resumed = Promise.withResolvers();
    this.resumed.promise.catch(() => {});
    const client = await WireClient.connect(wireUrl, { key: this.key });
    this.book.note();
    this.client = client;
    client.socket.removeAllListeners("message");
    client.socket.on("message", (data: Buffer) => this.take(decodeEnvelope(Uint8Array.from(data))));
    client.socket.on("close", () => this.resumed.reject(new Error("The connection ended.")));
    for (const envelope of client.received.splice(0)) this.take(envelope);
    this.talking = true;
    this.ask({ type: "zone.join", zone_id: this.zoneId });
    await this.resumed.promise;
  }

  /** Starts nothing new, and resolves when everything said is answered and known. */
  async settle(): Promise<void> {
    this.talking = false;
    this.resumed = Promise.withResolvers();
    if (this.habit === "talks" && this.unanswered.size === 0) this.readOn();
    await this.resumed.promise;
  }

  /** Waits until the steward's end of the connection is gone. */
  async lost(): Promise<void> {
    this.talking = false;
    if (this.client !== undefined) await this.client.waitClosed();
    this.client = undefined;
  }

  /** Reads the whole log over the wire. */
  async readLog(): Promise<ChainedEntry[]> {
    if (this.client === undefined) throw new Error("not connected");
    const entries: ChainedEntry[] = [];
    for (;;) {
      const id = this.ask({
        type: "zone.history",
        zone_id: this.zoneId,
        after_seq: entries.length,
        limit: 500,
      });
      const page = await this.answers(id);
      entries.push(...page.entries);
      if (entries.length >= page.head_seq) return entries;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client?.[Symbol.asyncDispose]();
  }

  private answers(messageId: string): Promise<Reply> {
    return new Promise((resolve) => this.pages.set(messageId, resolve));
  }

  private ask(body: Reply): string {
    if (body.type === "zone.join" || body.type === "zone.leave") {
      this.book.membership.set(this.key.nodeId, "unknown");
    }
    return this.client?.sendBody(body) ?? "";
  }

  private take({ type, fields }: DecodedEnvelope): void {
    if (type === "ping") return this.client?.send("pong", { ts: 0, echo: fields.ts });
    if (type === "message_ack") return;
    if (type !== "message") {
      this.book.problems.push(`${type} ${JSON.stringify(fields)}`);
      return;
    }
    const body = fields.body as Reply;
    switch (body.type) {
      case "zone.joined":
        return this.onJoined(body);
      case "zone.left":
        this.book.membership.set(this.key.nodeId, "left");
        this.book.note();
        this.ask({ type: "zone.join", zone_id: this.zoneId });
        return;
      case "zone.sent":
        return this.onSent(body);
      case "zone.page":
        return this.onPage(body, fields.reply_to as string);
      case "zone.message":
      case "zone.event":
        this.book.noteDelivery(body);
        return this.place(body.seq);
      default:
        this.book.problems.push(JSON.stringify(body));
    }
  }

  private onJoined(body: Reply): void {
    this.book.membership.set(this.key.nodeId, "joined");
    this.book.note();
    this.position ??= body.seq as number;
    this.readOn();
  }

  private onSent({ id, seq }: Reply): void {
    this.unanswered.delete(id);
    this.book.noteSent(id, seq);
    this.place(seq);
    if (this.talking) this.say();
    else if (this.unanswered.size === 0) this.readOn();
  }

  private onPage(page: Reply, replyTo: string): void {
    const waiting = this.pages.get(replyTo);
    if (waiting !== undefined) {
      this.pages.delete(replyTo);
      return waiting(page);
    }
    for (const chained of page.entries) {
      this.book.noteDelivery(toDelivery(chained));
      this.place(chained.entry.seq);
    }
    if (this.lastSeq < page.head_seq) this.readOn();
    else this.onCaughtUp();
  }

  private readOn(): void {
    const { lastSeq } = this;
    const limit = PAGE_ENTRIES;
    this.ask({ type: "zone.history", zone_id: this.zoneId, after_seq: lastSeq, limit });
  }

  private onCaughtUp(): void {
    this.resumed.resolve();
    if (!this.talking) return;
    if (this.habit === "comes and goes") {
      this.ask({ type: "zone.leave", zone_id: this.zoneId });
      return;
    }
    for (const [id, content] of this.unanswered) this.tell(id, content);
    while (this.unanswered.size < OUTSTANDING_MAX) this.say();
  }

  private say(): void {
    const id = createId("zmsg");
    this.tell(id, {
      said: ++this.said,
      näme: this.key.nodeId.slice(0, 12),
      z: [0.5, null, "\u20ac"],
    });
  }

  private tell(id: string, content: unknown): void {
    const body = { type: "zone.message", zone_id: this.zoneId, id, content };
    const { nodeId } = this.key;
    const attempt = this.book.attempts.get(id) ?? { nodeId, content, messageIds: [] };
    this.book.attempts.set(id, attempt);
    this.unanswered.set(id, content);
    attempt.messageIds.push(this.ask(body));
  }

  private place(seq: number): void {
    this.held.add(seq);
    if (this.position === undefined) return;
    while (this.held.delete(this.position + 1)) this.position++;
  }
}
