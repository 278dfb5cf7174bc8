import { setTimeout } from "node:timers/promises";
import { createId } from "../../src/protocol/ids.ts";
import { WireClient } from "../support/wire-client.ts";

const PACE_MS = 10;

/** Two peers that go on talking in their own zone, and time every exchange. */
export class HonestPair implements AsyncDisposable {
  /** Milliseconds from sending until both were served. */
  readonly latencies: number[] = [];
  private readonly zoneId: string;
  private readonly speaker: WireClient;
  private readonly listener: WireClient;
  private stopped = false;

  private constructor(zoneId: string, speaker: WireClient, listener: WireClient) {
    this.zoneId = zoneId;
    this.speaker = speaker;
    this.listener = listener;
  }

  /** Connects both and has them join. */
  static async join(url: string, zoneId: string, invite: string): Promise<HonestPair> {
    const [speaker, listener] = [await WireClient.connect(url), await WireClient.connect(url)];
    for (const client of [speaker, listener]) {
      const reply = await client.ask({ type: "zone.join", zone_id: zoneId, invite });
      if (reply.type !== "zone.joined") throw new Error(`Not joined: ${JSON.stringify(reply)}`);
    }
    return new HonestPair(zoneId, speaker, listener);
  }

  get stewardId(): string {
    return this.speaker.stewardId;
  }

  get nodeIds(): string[] {
    return [this.speaker.nodeId, this.listener.nodeId];
  }

  /** Talks until it is stopped; throws where a message is not logged and delivered. */
  async talk(): Promise<void> {
    for (let n = 0; !this.stopped; n++) {
      const from = performance.now();
      const id = createId("zmsg");
      const heard = this.listener.nextBody("zone.message");
      this.speaker.send("ping", { ts: n });
      const body = { type: "zone.message", zone_id: this.zoneId, id, content: n };
      const [sent, told] = await Promise.all([
        this.speaker.ask(body),
        heard,
        this.speaker.take(({ type, fields }) => type === "pong" && fields.echo === n),
      ]);
      if (sent.id !== id || told.id !== id) throw new Error(`${id} became ${told.id}`);
      this.latencies.push(performance.now() - from);
      // Enough to measure by, and no attack of its own.
      await setTimeout(PACE_MS);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  /** The latency that a share of all exchanges stays under. */
  quantile(share: number): number {
    const sorted = this.latencies.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.speaker[Symbol.asyncDispose]();
    await this.listener[Symbol.asyncDispose]();
  }
}
