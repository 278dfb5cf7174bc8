import { expect } from "vitest";
import { createId } from "../../../src/protocol/ids.ts";
import { type Reply, WireClient } from "../../support/wire-client.ts";
import { DOC_TIME, type DocWorld, keyOf } from "./world.ts";

/** One session of somebody in the worked example, at the time of the examples. */
export class Speaker implements AsyncDisposable {
  readonly client: WireClient;
  private readonly world: DocWorld;

  constructor(world: DocWorld, client: WireClient) {
    this.world = world;
    this.client = client;
  }

  /** Opens a verified session; without `plain` in the bound form. */
  static async connect(
    world: DocWorld,
    who: string,
    { plain = false, detail = false, skills = [] as string[] } = {},
  ): Promise<Speaker> {
    const client = await WireClient.connect(world.wireUrl, {
      key: keyOf(who),
      name: who,
      skills,
      capabilities: [...(detail ? ["error_detail"] : []), ...(plain ? [] : ["bound_verify"])],
      hello: { timestamp: world.clock.now(), ...(!plain && { authority: "127.0.0.1:8700" }) },
    });
    return new Speaker(world, client);
  }

  get nodeId(): string {
    return this.client.nodeId;
  }

  /** Sends a body; returns the message's id. */
  send(body: Reply, fields: Reply = {}): string {
    const id = createId("msg");
    return this.client.sendBody(body, { id, timestamp: this.world.clock.now(), ...fields });
  }

  /** Sends a body and returns the body of its reply, after the ack. */
  async ask(body: Reply): Promise<Reply> {
    return this.reply(this.send(body));
  }

  /** Returns the body that answers a message, after its ack. */
  async reply(id: string): Promise<Reply> {
    await this.ack(id);
    const { fields } = await this.client.take(
      ({ type, fields }) => type === "message" && fields.reply_to === id,
    );
    return this.unwrap(fields, ["body", "from", "id", "reply_to", "timestamp", "to"]);
  }

  /** Returns the MessageAck of a message. */
  async ack(id: string): Promise<Reply> {
    const ack = await this.client.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
    return { ...ack.fields };
  }

  /** Returns the next body of a type that answers nothing. */
  async delivery(type: string): Promise<Reply> {
    const { fields } = await this.client.take(
      (e) =>
        e.type === "message" &&
        e.fields.reply_to === undefined &&
        (e.fields.body as Reply).type === type,
    );
    return this.unwrap(fields, ["body", "from", "id", "timestamp", "to"]);
  }

  /** What has arrived and nobody took. */
  get left(): string[] {
    return this.client.received.map(({ type, fields }) =>
      type === "message" ? String((fields.body as Reply).type) : type,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
  }

  private unwrap(fields: Reply, keys: readonly string[]): Reply {
    expect(Object.keys(fields).sort()).toEqual(keys);
    expect(fields).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      from: this.client.stewardId,
      to: this.client.nodeId,
    });
    expect(fields.timestamp).toBeGreaterThanOrEqual(DOC_TIME);
    expect(fields.timestamp).toBeLessThanOrEqual(DOC_TIME + 60);
    return fields.body as Reply;
  }
}
