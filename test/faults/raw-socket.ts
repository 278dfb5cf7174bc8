import { once } from "node:events";
import { connect, type Socket } from "node:net";

const UPGRADE_END = "\r\n\r\n";
const MASK = Uint8Array.of(0x5a, 0xc3, 0x17, 0x88);

/** What a hostile client may write into a WebSocket frame's head; RFC 6455 §5.2. */
export interface FrameOptions {
  /** 2 binary, 0 continuation; default 2. */
  readonly opcode?: number;
  /** Default true. */
  readonly final?: boolean;
  /** The length the head tells; default the payload's. */
  readonly announced?: number;
}

/** Builds a masked client frame. */
export function toClientFrame(payload: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { opcode = 2, final = true, announced = payload.length } = options;
  const long = announced > 65_535;
  const lengthBytes = announced < 126 ? 0 : long ? 8 : 2;
  const frame = new Uint8Array(2 + lengthBytes + 4 + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = (final ? 0x80 : 0) | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? announced : long ? 127 : 126);
  if (lengthBytes === 2) view.setUint16(2, announced);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(announced));
  frame.set(MASK, 2 + lengthBytes);
  payload.forEach((byte, index) => {
    frame[6 + lengthBytes + index] = byte ^ (MASK[index & 3] as number);
  });
  return frame;
}

/** A TCP connection to a steward that speaks WebSocket by hand, or stops half-way. */
export class RawSocket implements AsyncDisposable {
  readonly socket: Socket;
  /** Everything received after the upgrade's answer. */
  received: Uint8Array = new Uint8Array();
  closed = false;
  private changed = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.changed();
    });
  }

  /** Connects without sending anything. */
  static async connect(wireUrl: string): Promise<RawSocket> {
    const { hostname, port } = new URL(wireUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    return new RawSocket(socket);
  }

  /** Connects and finishes the WebSocket upgrade. */
  static async open(wireUrl: string): Promise<RawSocket> {
    const raw = await RawSocket.connect(wireUrl);
    const { host, pathname } = new URL(wireUrl);
    raw.socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13${UPGRADE_END}`,
    );
    raw.socket.on("data", (chunk) => {
      raw.received = Buffer.concat([raw.received, chunk]);
      raw.changed();
    });
    await raw.until(() => Buffer.from(raw.received).includes(UPGRADE_END));
    const end = Buffer.from(raw.received).indexOf(UPGRADE_END) + UPGRADE_END.length;
    if (!Buffer.from(raw.received).toString("latin1").startsWith("HTTP/1.1 101")) {
      throw new Error("The upgrade was refused.");
    }
    raw.received = raw.received.slice(end);
    return raw;
  }

  /** Sends one masked frame. */
  send(payload: Uint8Array, options?: FrameOptions): void {
    this.socket.write(toClientFrame(payload, options));
  }

  /** Resolves when a condition on what was received, or the end, holds. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.closed) throw new Error("The connection closed first.");
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
  }

  /** Payloads of the complete frames received; server frames are not masked. */
  frames(): { opcode: number; payload: Uint8Array }[] {
    const frames = [];
    let rest = this.received;
    while (rest.length >= 2) {
      const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
      const short = (rest[1] as number) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (rest.length < head) break;
      const length =
        short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
      if (rest.length < head + length) break;
      frames.push({
        opcode: (rest[0] as number) & 0x0f,
        payload: rest.slice(head, head + length),
      });
      rest = rest.subarray(head + length);
    }
    return frames;
  }

  /** Resolves when the steward has closed the connection. */
  async waitClosed(): Promise<void> {
    if (!this.closed) await once(this.socket, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.waitClosed();
  }
}
