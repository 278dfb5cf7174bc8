import { randomBytes } from "node:crypto";
import { createId } from "../../../src/protocol/ids.ts";
import type { AtlasMessage } from "../../../src/wire/messages.ts";
import { createSeededKey, type TestNodeKey } from "../../client/keys.ts";
import {
  type ScriptedSocket,
  type ScriptedSteward,
  startScriptedSteward,
} from "../../client/scripted-steward.ts";
import type { SignedZone } from "../../support/creator.ts";
import type { TestSteward } from "../../support/steward.ts";
import { type Reply, WireClient } from "../../support/wire-client.ts";
import { writeCanonicalJson } from "../../wire/independent/canonical-json.ts";
import { type SeedKey, sha256, toSeedKey } from "../../wire/independent/ed25519.ts";
import { until } from "./replicated-zone.ts";

/** What a steward sent over the link that it dialed, and the way back. */
export interface Asked {
  readonly socket: ScriptedSocket;
  readonly message: AtlasMessage;
  readonly body: Reply;
}

/** What is asked of one zone, by body type. */
type Answers = Record<string, (asked: Asked) => void>;

/**
 * A steward that a test speaks for, over real sockets: it is dialed, dials, and says of each zone what the test
 * has it say.
 */
export class ForeignSteward {
  readonly key: TestNodeKey;
  /** The same key, in hex. */
  readonly signer: SeedKey;
  readonly server: ScriptedSteward;
  /** All that came over links that others dialed, in order. */
  readonly asked: Asked[] = [];
  /** Whether Pings are answered. */
  isAlive = true;
  private readonly zones = new Map<string, Answers>();
  private readonly echoes = new Set<number>();
  private pings = 0;

  private constructor(key: TestNodeKey, server: ScriptedSteward) {
    this.key = key;
    this.signer = toSeedKey(Buffer.from(key.seed).toString("hex"));
    this.server = server;
    server.script = {
      key,
      onMessage: (socket, body, message) => this.take({ socket, body, message }),
      onPong: (echo) => this.echoes.add(Number(echo)),
      onPing: (socket, ts) => this.isAlive && socket.send("pong", { ts, echo: ts }),
    };
  }

  /** Listens; ends with the test. */
  static async start(): Promise<ForeignSteward> {
    const key = createSeededKey(randomBytes(32));
    return new ForeignSteward(key, await startScriptedSteward({ key }));
  }

  get nodeId(): string {
    return this.key.nodeId;
  }

  get wireUrl(): string {
    return this.server.wireUrl;
  }

  /** Says how a zone's questions are answered, beside those that are. */
  answer(zoneId: string, answers: Answers): void {
    this.zones.set(zoneId, { ...this.zones.get(zoneId), ...answers });
  }

  /** What came of a zone, of one type. */
  listAsked(zoneId: string, type: string): Asked[] {
    return this.asked.filter(({ body }) => body.zone_id === zoneId && body.type === type);
  }

  /** Sends a body over a link that another steward dialed. */
  say({ socket, message }: Pick<Asked, "socket" | "message">, body: Reply, replyTo?: string): void {
    socket.send("message", {
      ...{ id: createId("msg"), from: this.nodeId, to: message.from },
      ...{ timestamp: Math.floor(Date.now() / 1000), reply_to: replyTo, body },
    });
  }

  /** Answers a body that came over a link. */
  reply(asked: Asked, body: Reply): void {
    this.say(asked, body, asked.message.id);
  }

  /** Resolves when the other end has taken what was said over a link so far. */
  async taken({ socket }: Pick<Asked, "socket">): Promise<void> {
    const ts = ++this.pings;
    socket.send("ping", { ts });
    await until("it is taken", () => this.echoes.has(ts));
  }

  /** Breaks every link that others dialed. */
  drop(): void {
    for (const socket of this.server.sockets) socket.drop();
  }

  /** Dials a steward and tells it of a zone; returns the session, whose Pings are answered, and its answer. */
  async dial(
    steward: Pick<TestSteward, "wireUrl">,
    ...envelopes: readonly SignedZone[]
  ): Promise<{ link: WireClient; position: Reply }> {
    const link = await WireClient.connect(steward.wireUrl, { key: this.key });
    link.socket.on("message", () => this.pong(link));
    const zone_id = envelopes[0]?.id;
    const body = { type: "zone.epoch", zone_id, envelopes: envelopes.map((one) => one.envelope) };
    return { link, position: await link.replyTo(link.sendBody(body)) };
  }

  private pong(link: WireClient): void {
    for (const ping of link.received.filter(({ type }) => type === "ping")) {
      link.received.splice(link.received.indexOf(ping), 1);
      if (this.isAlive) link.send("pong", { ts: 0, echo: ping.fields.ts });
    }
  }

  private take(asked: Asked): void {
    this.asked.push(asked);
    const { zone_id, type } = asked.body;
    const answer = this.zones.get(zone_id)?.[type];
    if (answer !== undefined) answer(asked);
    else if (type === "zone.epoch") this.reply(asked, toEmpty(asked.body));
  }
}

/** The zone.position of who has adopted what it was told, and has no copy. */
function toEmpty({ zone_id, envelopes }: Reply): Reply {
  const { public_key: _, signature: __, ...content } = envelopes.at(-1);
  const envelope_hash = sha256(`atlas-zone-manifest-v1\0${writeCanonicalJson(content)}`);
  const standing = { state: "joining", position: null, head: null };
  return { type: "zone.position", zone_id, epoch: content.epoch, envelope_hash, ...standing };
}

/** Waits for so many bodies of a type, of one zone; returns the last of them. */
export async function heard(
  { asked }: ForeignSteward,
  zoneId: string,
  type: string,
  count = 1,
): Promise<Asked> {
  const list = () => asked.filter(({ body }) => body.zone_id === zoneId && body.type === type);
  await until(`${count} ${type}`, () => list().length >= count);
  return list()[count - 1] as Asked;
}
