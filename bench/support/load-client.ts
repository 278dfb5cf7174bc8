import type { Socket } from "node:net";
import { createId } from "../../src/protocol/ids.ts";
import { encodeEnvelope } from "../../src/wire/envelope.ts";
import { WireClient } from "../../test/support/wire-client.ts";

const MASK_BIT = 0x80;

/**
 * An agent that costs the machine as little as possible: it finishes a real handshake, then counts
 * the frames it gets by their length instead of decoding them.
 */
export class LoadClient {
  readonly nodeId: string;
  private readonly stewardId: string;
  private readonly socket: Socket;
  private rest: Buffer = Buffer.alloc(0);
  private skip = 0;
  private out: Uint8Array[] = [];
  private onFrame: (payloadBytes: number) => void = () => {};

  private constructor(client: WireClient) {
    this.nodeId = client.nodeId;
    this.stewardId = client.stewardId;
    this.socket = (client.socket as unknown as { _socket: Socket })._socket;
    this.socket.removeAllListeners("data");
    this.socket.on("data", (chunk: Buffer) => this.take(chunk));
  }

  /** Connects, and joins a zone where one is given. */
  static async connect(wireUrl: string, zoneId?: string): Promise<LoadClient> {
    const client = await WireClient.connect(wireUrl);
    if (zoneId !== undefined) {
      const joined = await client.ask({ type: "zone.join", zone_id: zoneId });
      if (joined.type !== "zone.joined") throw new Error(JSON.stringify(joined));
    }
    return new LoadClient(client);
  }

  /** Calls back with the length of each frame from now on. */
  count(onFrame: (payloadBytes: number) => void): void {
    this.onFrame = onFrame;
  }

  /** Sends a body; everything sent within a turn leaves in one write, as a busy agent's would. */
  send(body: object | string, to = this.stewardId): void {
    if (this.out.length === 0) setImmediate(() => this.flush());
    const envelope = encodeEnvelope("message", {
      id: createId("msg"),
      from: this.nodeId,
      to,
      timestamp: Math.floor(Date.now() / 1000),
      body,
    });
    this.out.push(toHead(envelope.length), envelope);
  }

  /** Drops the connection. */
  close(): void {
    this.socket.destroy();
  }

  private flush(): void {
    this.socket.write(Buffer.concat(this.out));
    this.out = [];
  }

  private take(chunk: Buffer): void {
    let offset = Math.min(this.skip, chunk.length);
    this.skip -= offset;
    if (this.skip > 0) return;
    let bytes = chunk;
    if (this.rest.length > 0) {
      bytes = Buffer.concat([this.rest, chunk]);
      offset = 0;
      this.rest = Buffer.alloc(0);
    }
    while (offset < bytes.length) {
      const length = readLength(bytes, offset);
      if (length === undefined) {
        this.rest = bytes.subarray(offset);
        return;
      }
      offset += (length < 126 ? 2 : length < 65_536 ? 4 : 10) + length;
      this.onFrame(length);
    }
    this.skip = offset - bytes.length;
  }
}

function readLength(bytes: Buffer, offset: number): number | undefined {
  const left = bytes.length - offset;
  const short = left < 2 ? 127 : (bytes[offset + 1] as number) & 0x7f;
  if (short < 126) return short;
  if (short === 126) return left < 4 ? undefined : bytes.readUInt16BE(offset + 2);
  return left < 10 ? undefined : Number(bytes.readBigUInt64BE(offset + 2));
}

/** A client's frame head; the mask is zero, so that the payload stays as it is. */
function toHead(payloadBytes: number): Uint8Array {
  const head = Buffer.alloc(payloadBytes < 126 ? 6 : payloadBytes < 65_536 ? 8 : 14);
  head[0] = 0x82;
  if (payloadBytes < 126) head[1] = MASK_BIT | payloadBytes;
  else if (payloadBytes < 65_536) {
    head[1] = MASK_BIT | 126;
    head.writeUInt16BE(payloadBytes, 2);
  } else {
    head[1] = MASK_BIT | 127;
    head.writeBigUInt64BE(BigInt(payloadBytes), 2);
  }
  return head;
}
