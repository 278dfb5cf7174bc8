import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpack } from "msgpackr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startSteward, type TestSteward } from "../support/steward.ts";
import { frameHex, packHex } from "./independent/messagepack.ts";
import { AGENT, STEWARD, TIMESTAMP } from "./sources/cast.ts";
import type { EnvelopeVector } from "./sources/envelope-vector.ts";
import type { RefusalVector } from "./sources/refusal-vector.ts";
import { readVectors, toFrame } from "./vectors.ts";

const { vectors } = readVectors<{ vectors: RefusalVector[] }>("refused.json");
const envelopes = readVectors<{ vectors: EnvelopeVector[] }>("envelopes.json").vectors;
const HELLO = Buffer.from(
  envelopes.find(({ name }) => name === "hello, bytes as arrays")?.hex ?? "",
  "hex",
);
const PING = Buffer.from("ac0101f00000000581a2747301", "hex");

type Fields = Record<string, unknown>;
type Received = { readonly type: number; readonly fields: Fields } | "closed";

/** A peer that shares no code with the steward: ws, msgpackr, and vectors for what it sends. */
class ForeignPeer implements AsyncDisposable {
  readonly socket: WebSocket;
  private readonly received: Received[] = [];
  private waiting: ((received: Received) => void) | undefined;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on("message", (data: Buffer) => {
      this.take({ type: data.readUInt8(3), fields: unpack(data.subarray(8)) as Fields });
    });
    this.socket.on("close", () => this.take("closed"));
  }

  private take(received: Received): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting === undefined) this.received.push(received);
    else waiting(received);
  }

  async opened(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    return this;
  }

  next(): Promise<Received> {
    const received = this.received.shift();
    if (received !== undefined) return Promise.resolve(received);
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  async expect(type: number): Promise<Fields> {
    const received = await this.next();
    expect(received).toMatchObject({ type });
    return received === "closed" ? {} : received.fields;
  }

  async verify(): Promise<void> {
    this.socket.send(HELLO);
    const { challenge } = await this.expect(0x02);
    const bytes = challenge as number[];
    const signature = [...Buffer.from(AGENT.sign(Uint8Array.from(bytes)), "hex")];
    this.socket.send(Buffer.from(frameHex(0x03, packHex({ signature, challenge: bytes })), "hex"));
    expect(await this.expect(0x04)).toMatchObject({ status: "ok" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
  }
}

let steward: TestSteward;
let dataDir: string;

beforeAll(async () => {
  // The node that the vectors are addressed to, at the time they were written.
  dataDir = mkdtempSync(join(tmpdir(), "steward-vectors-"));
  const der = Buffer.from(`302e020100300506032b657004220420${STEWARD.seed}`, "hex");
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  writeFileSync(join(dataDir, "node-key.pem"), pem, { mode: 0o600 });
  const wire = { sessions_per_node: 1000, handshake_failures_per_minute: 1_000_000 };
  steward = await startSteward({ dataDir, nowMs: () => TIMESTAMP * 1000, config: { wire } });
  expect(steward.nodeId).toBe(STEWARD.nodeId);
});
afterAll(async () => {
  await steward[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

async function expectAnswer(peer: ForeignPeer, vector: RefusalVector): Promise<void> {
  if (typeof vector.code === "string") {
    await peer.expect(0x11);
    const { body } = await peer.expect(0x10);
    expect(body).toMatchObject({ type: "zone.error", code: vector.code });
    return;
  }
  const fields = await peer.expect(0xe0);
  expect(fields.code).toBe(vector.code);
  expect(fields.message).not.toBe("");
  if (vector.ref_msg_id !== undefined) expect(fields.ref_msg_id).toBe(vector.ref_msg_id);
}

async function replay(vector: RefusalVector): Promise<void> {
  await using peer = await new ForeignPeer(steward.wireUrl).opened();
  if (vector.state !== "handshake") await peer.verify();
  peer.socket.send(toFrame(vector));
  if (!vector.closes) peer.socket.send(PING);
  await expectAnswer(peer, vector);
  if (vector.closes) expect(await peer.next()).toBe("closed");
  else expect(await peer.expect(0xf1)).toMatchObject({ echo: 1 });
}

describe("a steward answers each refused frame as the vectors say", () => {
  test.each(vectors)("$state, $layer: $name → $code", replay);

  test.each(vectors.filter(({ state }) => state === "any"))(
    "before Hello: $name",
    async (vector) => {
      await using peer = await new ForeignPeer(steward.wireUrl).opened();
      peer.socket.send(toFrame(vector));
      await expectAnswer(peer, vector);
      if (vector.closes) return expect(await peer.next()).toBe("closed");
      peer.socket.send(HELLO);
      await peer.expect(0x02);
    },
  );
});
