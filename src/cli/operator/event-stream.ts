import type { JsonObject } from "../../protocol/json.ts";

/** Longer than any event; what goes on without an end is no feed. */
const BLOCK_CHARS_MAX = 4 * 1024 * 1024;

/** Reads a feed, one connection after the other, and knows where it is. */
export class EventStream {
  /** The last id that was named; undefined before the first one. */
  lastId: number | undefined;

  constructor(after: number | undefined) {
    this.lastId = after;
  }

  /**
   * Reads the events of one connection.
   * @throws Error where it breaks off, or is no feed
   */
  async *read(body: ReadableStream<Uint8Array>): AsyncGenerator<JsonObject, void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const part of body) {
      text += decoder.decode(part, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      if (text.length > BLOCK_CHARS_MAX) throw new Error("What came is no feed of events.");
      for (const block of blocks) {
        const event = this.take(block);
        if (event !== undefined) yield event;
      }
    }
  }

  private take(block: string): JsonObject | undefined {
    let data: string | undefined;
    let id: number | undefined;
    for (const line of block.split("\n")) {
      if (line.startsWith("id: ")) id = Number(line.slice(4));
      if (line.startsWith("data: ")) data = line.slice(6);
    }
    this.lastId = id ?? this.lastId;
    return data === undefined ? undefined : (JSON.parse(data) as JsonObject);
  }
}
