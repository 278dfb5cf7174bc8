import { createHash, randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { createId } from "../../src/protocol/ids.ts";
import { toResponderContent } from "../../src/protocol/signed-content.ts";
import { decodeEnvelope, encodeEnvelope, type MessageType } from "../../src/wire/envelope.ts";
import { type AtlasMessage, parseMessageFields } from "../../src/wire/messages.ts";
import { createTestKey, type TestNodeKey } from "./keys.ts";

// biome-ignore lint/suspicious/noExplicitAny: each script reads the fields it expects
export type AnyBody = Record<string, any>;

/** How a peer behaves that no honest steward is: it speaks the wire by its own hand, over real sockets. */
export interface Script {
  readonly key?: TestNodeKey;
  /** What its HelloAck claims or leaves out; default: an honest bound responder. */
  readonly proof?: "true" | "none" | "wrong";
  readonly bound?: boolean;
  readonly helloAck?: Record<string, unknown>;
  readonly onVerify?: (socket: ScriptedSocket) => void;
  readonly onMessage?: (socket: ScriptedSocket, body: AnyBody, message: AtlasMessage) => void;
  readonly onPing?: (socket: ScriptedSocket, ts: number | bigint) => void;
  /** Sees each Pong. */
  readonly onPong?: (echo: number | bigint) => void;
}

/** One agent's connection to a scripted steward. */
export interface ScriptedSocket {
  /** 0 for the first connection. */
  readonly index: number;
  send(type: MessageType, fields: Record<string, unknown>): void;
  sendRaw(bytes: Uint8Array | string): void;
  /** Acks and answers a message. */
  reply(message: AtlasMessage, body: AnyBody): void;
  /** Sends a body that answers nothing, from any node. */
  push(body: AnyBody, from?: string, replyTo?: string): void;
  drop(): void;
}

export interface ScriptedSteward {
  readonly wireUrl: string;
  readonly key: TestNodeKey;
  /** Every body received, in order. */
  readonly bodies: AnyBody[];
  readonly messages: AtlasMessage[];
  /** Every frame type received, in order. */
  readonly frames: MessageType[];
  /** Every connection there was. */
  readonly sockets: ScriptedSocket[];
  /** Changes the script of later connections and messages. */
  script: Script;
}

/** Starts a peer that follows a script; it ends with the test. */
export async function startScriptedSteward(script: Script = {}): Promise<ScriptedSteward> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const steward: ScriptedSteward = {
    wireUrl: `ws://127.0.0.1:${port}/wire`,
    key: script.key ?? createTestKey(2),
    bodies: [],
    messages: [],
    frames: [],
    sockets: [],
    script,
  };
  let connections = 0;
  server.on("connection", (socket) => serve(steward, socket, connections++));
  return steward;
}

function serve(steward: ScriptedSteward, socket: WebSocket, index: number): void {
  const key = steward.script.key ?? steward.key;
  const send = (type: MessageType, fields: Record<string, unknown>) =>
    socket.send(encodeEnvelope(type, fields));
  const push = (body: AnyBody, from = key.nodeId, replyTo?: string) =>
    send("message", {
      id: createId("msg"),
      from,
      to: "agent",
      timestamp: Math.floor(Date.now() / 1000),
      reply_to: replyTo,
      body,
    });
  const scripted: ScriptedSocket = {
    index,
    send,
    sendRaw: (bytes) => socket.send(bytes),
    reply: (message, body) => {
      send("message_ack", { msg_id: message.id, status: "received" });
      push(body, key.nodeId, message.id);
    },
    push,
    drop: () => socket.terminate(),
  };
  steward.sockets.push(scripted);
  socket.on("message", (data: Buffer) => {
    const envelope = decodeEnvelope(new Uint8Array(data));
    steward.frames.push(envelope.type);
    const { script } = steward;
    if (envelope.type === "hello") {
      send("hello_ack", toHelloAck(script, key, envelope.payload));
    } else if (envelope.type === "verify") {
      if (script.onVerify !== undefined) script.onVerify(scripted);
      else send("verify_ack", { status: "ok" });
    } else if (envelope.type === "message") {
      const message = parseMessageFields("message", envelope.fields);
      const body = message.body as AnyBody;
      steward.messages.push(message);
      steward.bodies.push(body);
      script.onMessage?.(scripted, body, message);
    } else if (envelope.type === "ping") {
      const { ts } = parseMessageFields("ping", envelope.fields);
      if (script.onPing !== undefined) script.onPing(scripted, ts);
      else send("pong", { ts, echo: ts });
    } else if (envelope.type === "pong") {
      script.onPong?.(parseMessageFields("pong", envelope.fields).echo);
    }
  });
}

function toHelloAck(script: Script, key: TestNodeKey, helloPayload: Uint8Array) {
  const challenge = new Uint8Array(randomBytes(32));
  const hash = new Uint8Array(createHash("sha256").update(helloPayload).digest());
  const signer = script.proof === "wrong" ? createTestKey(99) : key;
  const signature = signer.sign(toResponderContent(hash, challenge, key.nodeId));
  return {
    node_id: key.nodeId,
    name: "scripted",
    skills: [],
    public_key: key.publicKey,
    protocol_v: 1,
    challenge,
    capabilities: script.bound === false ? [] : ["bound_verify"],
    ...(script.proof !== "none" && { signature }),
    ...script.helloAck,
  };
}
