import { createHash, generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { WebSocket } from "ws";
import { type NodeKey, toNodeKey } from "../../src/identity/node-key.ts";
import {
  type DecodedEnvelope,
  decodeEnvelope,
  encodeEnvelope,
  HEADER_BYTES,
  type MessageType,
} from "../../src/wire/envelope.ts";
import { createId } from "../../src/wire/ids.ts";
import type { JsonObject } from "../../src/wire/json.ts";
import { toBoundVerifyContent } from "../../src/wire/signed-content.ts";
import { REPLY_LIMITS } from "../../src/wire/structure-limits.ts";
import { noteCode } from "./seen-codes.ts";

const WAIT_MS = 10_000;

/** A decoded body; each test asserts on what it expects. */
// biome-ignore lint/suspicious/noExplicitAny: tests read any field
export type Reply = Record<string, any>;

export interface HandshakeOptions {
  readonly key?: NodeKey;
  readonly name?: string;
  readonly skills?: readonly string[];
  readonly bound?: boolean;
  readonly capabilities?: readonly string[];
  /** Of the upgrade request; a proxy's, for example. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Replaces fields of the Hello. */
  readonly hello?: Record<string, unknown>;
}

/** Creates an agent's key. */
export function createAgentKey(): NodeKey {
  return toNodeKey(generateKeyPairSync("ed25519").privateKey);
}

/** A client that shows every frame and can send any bytes; tests of the wire use it. */
export class WireClient implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly received: DecodedEnvelope[] = [];
  readonly key: NodeKey;
  stewardId = "";
  closed = false;
  closeCode: number | undefined;
  private readonly listeners = new Set<() => void>();

  private constructor(socket: WebSocket, key: NodeKey) {
    this.socket = socket;
    this.key = key;
    socket.on("message", (data: Buffer) => {
      const envelope = decodeEnvelope(Uint8Array.from(data), { limits: REPLY_LIMITS });
      noteErrorCode(envelope);
      this.received.push(envelope);
      this.notify();
    });
    socket.on("close", (code) => {
      this.closed = true;
      this.closeCode = code;
      this.notify();
    });
    socket.on("error", () => {});
  }

  /** Opens a socket without a handshake. */
  static async open(
    url: string,
    key: NodeKey = createAgentKey(),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WireClient> {
    const socket = new WebSocket(url, "atlas.v1", { perMessageDeflate: false, headers });
    const client = new WireClient(socket, key);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  /** Opens a socket and finishes the handshake. */
  static async connect(url: string, options: HandshakeOptions = {}): Promise<WireClient> {
    const client = await WireClient.open(url, options.key, options.headers);
    const ack = await client.handshake(options);
    if (ack.status !== "ok") throw new Error(`Handshake: ${JSON.stringify(ack)}`);
    return client;
  }

  get nodeId(): string {
    return this.key.nodeId;
  }

  /** Sends Hello and Verify; returns the VerifyAck's fields. */
  async handshake(options: HandshakeOptions = {}): Promise<Reply> {
    const capabilities = options.capabilities ?? [
      "error_detail",
      ...(options.bound === false ? [] : ["bound_verify"]),
    ];
    const hello = encodeEnvelope("hello", {
      node_id: this.key.nodeId,
      name: options.name ?? "tester",
      skills: options.skills ?? [],
      public_key: this.key.publicKey,
      protocol_v: 1,
      timestamp: Math.floor(Date.now() / 1000),
      capabilities,
      ...options.hello,
    });
    this.sendBytes(hello);
    const helloAck = await this.next("hello_ack");
    this.stewardId = helloAck.fields.node_id as string;
    const challenge = Uint8Array.from(helloAck.fields.challenge as number[]);
    const content = capabilities.includes("bound_verify")
      ? toBoundVerifyContent(sha256(hello.subarray(HEADER_BYTES)), sha256(helloAck.payload))
      : challenge;
    this.send("verify", { signature: this.key.sign(content), challenge });
    return (await this.next("verify_ack")).fields;
  }

  /** Sends raw bytes as one binary message. */
  sendBytes(bytes: Uint8Array): void {
    this.socket.send(bytes, { binary: true });
  }

  /** Sends one envelope. */
  send(type: MessageType, fields: Record<string, unknown>): void {
    this.sendBytes(encodeEnvelope(type, fields));
  }

  /** Sends a message body; returns the message's id. */
  sendBody(body: unknown, overrides: Record<string, unknown> = {}): string {
    const id = createId("msg");
    this.send("message", {
      id,
      from: this.key.nodeId,
      to: this.stewardId,
      timestamp: Math.floor(Date.now() / 1000),
      body,
      ...overrides,
    });
    return (overrides.id as string | undefined) ?? id;
  }

  /** Sends a body and returns the zone reply, after its ack. */
  async ask(body: JsonObject | Record<string, unknown>): Promise<Reply> {
    const id = this.sendBody(body);
    await this.take((e) => e.type === "message_ack" && e.fields.msg_id === id);
    return this.replyTo(id);
  }

  /** Returns the body that answers a message. */
  async replyTo(messageId: string): Promise<Reply> {
    const found = await this.take((e) => e.type === "message" && e.fields.reply_to === messageId);
    return found.fields.body as Reply;
  }

  /** Takes the next envelope of a type. */
  next(type: MessageType): Promise<DecodedEnvelope> {
    return this.take((envelope) => envelope.type === type);
  }

  /** Takes the next delivered body of a type. */
  async nextBody(type: string): Promise<Reply> {
    const found = await this.take(
      (e) => e.type === "message" && (e.fields.body as Reply).type === type,
    );
    return found.fields.body as Reply;
  }

  /** Takes the first envelope, received already or to come, that a predicate accepts. */
  take(accepts: (envelope: DecodedEnvelope) => boolean): Promise<DecodedEnvelope> {
    return this.wait(() => {
      const index = this.received.findIndex(accepts);
      if (index >= 0) return this.received.splice(index, 1)[0];
      if (this.closed) throw new Error("The connection closed first.");
      return undefined;
    });
  }

  /** Resolves when the steward has closed the connection. */
  async waitClosed(): Promise<void> {
    await this.wait(() => (this.closed ? true : undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await this.waitClosed();
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** Resolves with what a check returns once it returns something; asked again at every change. */
  wait<T>(check: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const onChange = (): void => {
        try {
          const value = check();
          if (value === undefined) return;
          finish();
          resolve(value);
        } catch (error) {
          finish();
          reject(error);
        }
      };
      const seen = () => this.received.map((e) => [e.type, inspect(e.fields).slice(0, 300)]);
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`Nothing came within ${WAIT_MS} ms; seen: ${JSON.stringify(seen())}`));
      }, WAIT_MS);
      const finish = (): void => {
        clearTimeout(timer);
        this.listeners.delete(onChange);
      };
      this.listeners.add(onChange);
      onChange();
    });
  }
}

function noteErrorCode({ type, fields }: DecodedEnvelope): void {
  if (type === "error") noteCode(fields.code);
  const body = fields.body as Reply | undefined;
  if (type === "message" && body?.type === "zone.error") noteCode(body.code);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(bytes).digest());
}
