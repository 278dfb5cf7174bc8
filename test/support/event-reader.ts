import { EventEmitter, once } from "node:events";
import type { JsonObject } from "../../src/protocol/json.ts";

/** A message of the feed; what it says of resuming is `id`. */
export interface FeedMessage {
  readonly id: number | undefined;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read any field
  readonly data: any;
}

/** Where a feed is read, and how. */
export interface FeedSource {
  readonly httpUrl: string;
  readonly token: string;
}

const WAIT_MS = 20_000;

/** Reads `text/event-stream` as its specification says, byte by byte as it comes. */
export class EventReader implements AsyncDisposable {
  readonly messages: FeedMessage[] = [];
  readonly status: number;
  readonly headers: Headers;
  /** What a reader goes on from. */
  lastEventId: string | undefined;
  hasEnded = false;
  private readonly abort: AbortController;
  private readonly news = new EventEmitter();
  private readonly reading: Promise<void>;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.abort = abort;
    this.reading = this.read(response);
  }

  static async open(
    { httpUrl, token }: FeedSource,
    query = "",
    lastEventId?: string,
  ): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(`${httpUrl}/v1/events${query}`, {
      signal: abort.signal,
      headers: {
        authorization: `Bearer ${token}`,
        ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
      },
    });
    return new EventReader(response, abort);
  }

  /** What came with ids, in its order. */
  get ids(): number[] {
    return this.messages.flatMap(({ id, type }) =>
      id === undefined || type === "gap" ? [] : [id],
    );
  }

  get types(): string[] {
    return this.messages.map(({ type }) => type);
  }

  /** Waits until something is so. */
  async until(isSo: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(WAIT_MS);
    while (!isSo()) {
      if (this.hasEnded) throw new Error(`The feed ended: ${JSON.stringify(this.messages)}`);
      await once(this.news, "news", { signal });
    }
  }

  /** The first message of a type that fits, waited for. */
  async find(type: string, fields: JsonObject = {}): Promise<FeedMessage> {
    const find = () =>
      this.messages.find(
        (message) =>
          message.type === type &&
          Object.entries(fields).every(([name, value]) => message.data.data?.[name] === value),
      );
    await this.until(() => find() !== undefined);
    return find() as FeedMessage;
  }

  /** Waits until the steward ended the feed. */
  async ended(): Promise<void> {
    await this.reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.abort.abort();
    await this.reading;
  }

  private async read(response: Response): Promise<void> {
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) this.take(block);
        this.news.emit("news");
      }
    } catch {
      // Broken off: what came whole is there.
    }
    this.hasEnded = true;
    this.news.emit("news");
  }

  private take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (name !== "") fields.set(name, value);
    }
    this.lastEventId = fields.get("id") ?? this.lastEventId;
    const data = fields.get("data");
    if (data === undefined) return;
    const id = fields.get("id");
    this.messages.push({
      id: id === undefined ? undefined : Number(id),
      type: fields.get("event") ?? "message",
      data: JSON.parse(data),
    });
  }
}
