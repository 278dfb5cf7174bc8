import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { HEADER_BYTES, PAYLOAD_BYTES_MAX, parseHeader } from "../wire/envelope.ts";
import type { ClientAddressResolver } from "./client-address.ts";
import { FramePeek } from "./frame-peek.ts";
import { type Holder, InboundBudget } from "./inbound-budget.ts";
import { OutboundQueue, ScratchBuffer } from "./outbound-queue.ts";
import type { Connection, ConnectionEvents, EnvelopePatch, Transport } from "./transport.ts";

/** One envelope and 64 KiB, so that a slightly larger one can be answered before 1009 closes. */
const MESSAGE_BYTES_MAX = PAYLOAD_BYTES_MAX + HEADER_BYTES + 64 * 1024;
const FRAGMENTS_MAX = 64;
const BUFFERED_CHUNKS_MAX = 1024;
const CLOSE_GRACE_MS = 1000;
/** Control answers are dropped for a peer that does not read them. */
const PONG_BACKLOG_BYTES_MAX = 64 * 1024;
const SUBPROTOCOL = "atlas.v1";
const POLICY_VIOLATION = 1008;

export interface WebSocketTransportOptions {
  readonly server: Server;
  readonly path: string;
  readonly resolveAddress: ClientAddressResolver;
  readonly urls: () => readonly string[];
  readonly onConnection: (connection: Connection) => void;
  /** Of messages that all connections together have begun and not ended. */
  readonly inboundBytesMax: number;
}

/** Serves the wire over WebSocket on an HTTP server; `docs/protocol.md` §2. */
export class WebSocketTransport implements Transport {
  private readonly options: WebSocketTransportOptions;
  private readonly sockets: WebSocketServer;
  private readonly shared: SharedParts;
  private readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

  constructor(options: WebSocketTransportOptions) {
    this.options = options;
    this.shared = {
      scratch: new ScratchBuffer(),
      inbound: new InboundBudget(options.inboundBytesMax),
    };
    this.sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: MESSAGE_BYTES_MAX,
      maxFragments: FRAGMENTS_MAX,
      maxBufferedChunks: BUFFERED_CHUNKS_MAX,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    } as ConstructorParameters<typeof WebSocketServer>[0]);
    this.onUpgrade = (request, socket, head) => this.upgrade(request, socket, head);
    options.server.on("upgrade", this.onUpgrade);
  }

  get urls(): readonly string[] {
    return this.options.urls();
  }

  /** Stops taking connections; those that are open stay with their owners. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.options.server.off("upgrade", this.onUpgrade);
    this.options.server.on("upgrade", refuseUpgrade);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? "").split("?", 1)[0];
    socket.on("error", () => socket.destroy());
    if (path !== this.options.path) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const forwarded = request.headers["x-forwarded-for"];
    const address = this.options.resolveAddress(
      request.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join(",") : forwarded,
    );
    this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new WebSocketConnection(webSocket, socket, address, this.shared);
      this.options.onConnection(connection);
    });
  }
}

function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

/** What all connections use together. */
interface SharedParts {
  readonly scratch: ScratchBuffer;
  readonly inbound: InboundBudget;
}

class WebSocketConnection implements Connection, Holder {
  readonly remoteAddress: string;
  private readonly webSocket: WebSocket;
  private readonly socket: Duplex;
  private readonly queue: OutboundQueue;
  private readonly inbound: InboundBudget;
  private peek: FramePeek | undefined;
  private closing = false;
  private graceTimer: NodeJS.Timeout | undefined;

  constructor(webSocket: WebSocket, socket: Duplex, remoteAddress: string, shared: SharedParts) {
    this.webSocket = webSocket;
    this.socket = socket;
    this.remoteAddress = remoteAddress;
    this.queue = new OutboundQueue(shared.scratch);
    this.inbound = shared.inbound;
  }

  get heldBytes(): number {
    return this.peek?.heldBytes ?? 0;
  }

  refuseHeld(): void {
    this.refuse(POLICY_VIOLATION);
    // What it holds is to go now, not when the peer has answered.
    this.webSocket.terminate();
  }

  get bufferedBytes(): number {
    return this.socket.writableLength + this.queue.bytes;
  }

  open(events: ConnectionEvents): void {
    const { webSocket, socket } = this;
    const peek = new FramePeek({
      onHeader: (header) => {
        if (!announcesTooMuch(header)) return;
        socket.off("data", tap);
        this.stopReading();
        events.onOversize();
      },
      onShreds: () => {
        socket.off("data", tap);
        this.refuse(POLICY_VIOLATION);
      },
    });
    const tap = (chunk: Uint8Array): void => {
      events.onBytes(chunk.length);
      peek.push(chunk);
      this.inbound.add(this, chunk.length);
    };
    this.peek = peek;
    socket.prependListener("data", tap);
    socket.on("drain", () => this.flush());
    webSocket.on("message", (data: RawData, isBinary: boolean) => {
      if (this.closing) return;
      if (isBinary) events.onFrame(data as Buffer);
      else events.onForeignFrame();
    });
    webSocket.on("ping", (data) => {
      if (this.bufferedBytes < PONG_BACKLOG_BYTES_MAX) webSocket.pong(data);
    });
    // The library has written a close frame with the fault's code by then; the peer may read it.
    webSocket.on("error", () => this.refuse(POLICY_VIOLATION));
    webSocket.once("close", () => {
      clearTimeout(this.graceTimer);
      this.inbound.remove(this);
      events.onClose();
    });
  }

  send(envelope: Uint8Array, patch?: EnvelopePatch): void {
    if (this.closing) return;
    if (this.queue.bytes === 0) process.nextTick(flush, this);
    this.queue.add(envelope, patch);
  }

  clearQueue(): void {
    this.queue.clear();
  }

  stopReading(): void {
    if (this.webSocket.readyState === WebSocket.OPEN) this.webSocket.pause();
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    this.terminateSoon();
    this.flush();
  }

  destroy(): void {
    this.closing = true;
    this.queue.clear();
    this.webSocket.terminate();
  }

  flush(): void {
    if (this.webSocket.readyState !== WebSocket.OPEN) return this.queue.clear();
    this.queue.writeTo(this.socket);
    if (this.closing && this.queue.bytes === 0) this.webSocket.close(1000);
  }

  /** Closes for a fault of the framing, which no envelope can answer. */
  private refuse(code: number): void {
    if (this.closing) return;
    this.closing = true;
    this.stopReading();
    this.queue.clear();
    this.webSocket.close(code);
    this.terminateSoon();
  }

  private terminateSoon(): void {
    this.graceTimer = setTimeout(() => this.webSocket.terminate(), CLOSE_GRACE_MS);
    this.graceTimer.unref();
  }
}

function flush(connection: WebSocketConnection): void {
  connection.flush();
}

function announcesTooMuch(header: Uint8Array): boolean {
  try {
    parseHeader(header);
    return false;
  } catch (error) {
    return (error as { code?: unknown }).code === 2002;
  }
}
