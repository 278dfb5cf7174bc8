import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { StewardError } from "../errors.ts";
import { readUint32 } from "../wire/big-endian.ts";
import { HEADER_BYTES, PAYLOAD_BYTES_MAX, parseHeader } from "../wire/envelope.ts";
import type { ClientAddressResolver } from "./client-address.ts";
import { FramePeek, toChunksMax, toFragmentsMax } from "./frame-peek.ts";
import { type Holder, InboundBudget } from "./inbound-budget.ts";
import { OutboundQueue, ScratchBuffer } from "./outbound-queue.ts";
import { ReadingTurns, type TurnsConfig } from "./reading-turns.ts";
import { refuseSocket } from "./refuse-socket.ts";
import type { Connection, ConnectionEvents, EnvelopePatch, Transport } from "./transport.ts";
import { WaitingFrames } from "./waiting-frames.ts";
import { AnsweringWebSocket, type Fault, toCloseReason, toFault } from "./websocket-fault.ts";

/** One envelope and 64 KiB, so that a slightly larger one can be answered before 1009 closes. */
const MESSAGE_BYTES_MAX = PAYLOAD_BYTES_MAX + HEADER_BYTES + 64 * 1024;
const CLOSE_GRACE_MS = 1000;
/** Control answers are dropped for a peer that does not read them. */
const PONG_BACKLOG_BYTES_MAX = 64 * 1024;
const SUBPROTOCOL = "atlas.v1";
const SHREDS = "A message comes in too many small frames or packets: buffer it, and send it whole.";
const NORMAL_CLOSURE = 1000;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

const AnsweringServer = WebSocketServer<typeof AnsweringWebSocket>;

export interface WebSocketTransportOptions {
  readonly server: Server;
  readonly path: string;
  readonly resolveAddress: ClientAddressResolver;
  readonly urls: () => readonly string[];
  readonly onConnection: (connection: Connection) => void;
  /** Of messages that all connections together have begun and not ended. */
  readonly inboundBytesMax: number;
  readonly turns: TurnsConfig;
}

/** Serves the wire over WebSocket on an HTTP server; `docs/protocol.md` §2. */
export class WebSocketTransport implements Transport {
  private readonly options: WebSocketTransportOptions;
  private readonly sockets: InstanceType<typeof AnsweringServer>;
  private readonly shared: SharedParts;
  private readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

  constructor(options: WebSocketTransportOptions) {
    this.options = options;
    this.shared = {
      scratch: new ScratchBuffer(),
      inbound: new InboundBudget(options.inboundBytesMax),
      turns: new ReadingTurns(options.turns),
    };
    this.sockets = new AnsweringServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      maxPayload: MESSAGE_BYTES_MAX,
      // FramePeek is stricter: it looks at what has come, these at what may come at most.
      maxFragments: toFragmentsMax(MESSAGE_BYTES_MAX),
      maxBufferedChunks: toChunksMax(MESSAGE_BYTES_MAX),
      WebSocket: AnsweringWebSocket,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    } as ConstructorParameters<typeof AnsweringServer>[0]);
    this.onUpgrade = (request, socket, head) => this.upgrade(request, socket, head);
    options.server.on("upgrade", this.onUpgrade);
  }

  get urls(): readonly string[] {
    return this.options.urls();
  }

  /** What all connections hold of messages that have begun and not ended. */
  get heldBytes(): number {
    return this.shared.inbound.heldBytes;
  }

  /** Stops taking connections; those that are open stay with their owners. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.options.server.off("upgrade", this.onUpgrade);
    this.options.server.on("upgrade", refuseUpgrade);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? "").split("?", 1)[0];
    if (path !== this.options.path) return refuseSocket(socket, 404);
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      return refuseSocket(socket, 426, ["Upgrade: websocket"]);
    }
    socket.on("error", () => socket.destroy());
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
  refuseSocket(socket, 503);
}

/** What all connections use together. */
interface SharedParts {
  readonly scratch: ScratchBuffer;
  readonly inbound: InboundBudget;
  readonly turns: ReadingTurns;
}

class WebSocketConnection implements Connection, Holder {
  readonly remoteAddress: string;
  private readonly webSocket: AnsweringWebSocket;
  private readonly socket: Duplex;
  private readonly queue: OutboundQueue;
  private readonly inbound: InboundBudget;
  private readonly waiting: WaitingFrames;
  private events: ConnectionEvents | undefined;
  private peek: FramePeek | undefined;
  /** Why nothing more is read; the first one counts. */
  private fault: Fault | undefined;
  private closing = false;
  private isStopped = false;
  private closeReason = "";
  private graceTimer: NodeJS.Timeout | undefined;

  constructor(
    webSocket: AnsweringWebSocket,
    socket: Duplex,
    remoteAddress: string,
    shared: SharedParts,
  ) {
    this.webSocket = webSocket;
    this.socket = socket;
    this.remoteAddress = remoteAddress;
    this.queue = new OutboundQueue(shared.scratch);
    this.inbound = shared.inbound;
    this.waiting = new WaitingFrames({
      remoteAddress,
      turns: shared.turns,
      pause: () => this.pauseReading(),
      resume: () => this.resumeReading(),
    });
  }

  get heldBytes(): number {
    return this.peek?.heldBytes ?? 0;
  }

  refuseHeld(): void {
    const message = "All connections together hold too much of messages that have not ended.";
    const error = new StewardError(4001, { message });
    this.refuse({ closeCode: POLICY_VIOLATION, error, dropped: true });
  }

  get bufferedBytes(): number {
    return this.socket.writableLength + this.queue.bytes;
  }

  open(events: ConnectionEvents): void {
    const { webSocket, socket } = this;
    this.events = events;
    this.follow(events);
    socket.on("drain", () => this.flush());
    webSocket.on("message", (data: RawData, isBinary: boolean) => {
      if (this.closing) return;
      const bytes = data as Buffer;
      this.waiting.take(bytes.length, (lateMs) => {
        if (this.closing) return;
        if (isBinary) events.onFrame(bytes, lateMs);
        else events.onForeignFrame(bytes, lateMs);
      });
    });
    webSocket.on("ping", (data) => {
      if (this.bufferedBytes < PONG_BACKLOG_BYTES_MAX) webSocket.pong(data);
    });
    webSocket.on("error", (error) => {
      if (webSocket.faultCode === undefined) return this.destroy();
      this.refuse(toFault(webSocket.faultCode, error));
    });
    webSocket.once("close", () => {
      clearTimeout(this.graceTimer);
      this.inbound.remove(this);
      this.waiting.stop();
      events.onClose();
    });
  }

  /** Looks at the bytes before the library does, and refuses after it: what was whole counts. */
  private follow(events: ConnectionEvents): void {
    const { socket } = this;
    let found: Fault | undefined;
    const peek = new FramePeek({
      onHeader: (header) => {
        const error = toOversize(header);
        if (error !== undefined) found ??= { closeCode: TOO_BIG, error };
        else if (events.takesLarge()) {
          this.waiting.announce(peek.messages, toAnnouncedBytes(header));
        }
      },
      onShreds: () => {
        found ??= {
          closeCode: POLICY_VIOLATION,
          error: new StewardError(2003, { message: SHREDS }),
        };
      },
    });
    const before = (chunk: Uint8Array): void => {
      events.onBytes(chunk.length);
      peek.push(chunk);
      if (found === undefined) this.inbound.update(this);
    };
    const after = (): void => {
      if (found === undefined) return;
      socket.off("data", before);
      socket.off("data", after);
      this.refuse(found);
    };
    this.peek = peek;
    socket.prependListener("data", before);
    socket.on("data", after);
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
    this.isStopped = true;
    this.pauseReading();
  }

  private pauseReading(): void {
    if (this.webSocket.readyState === WebSocket.OPEN) this.webSocket.pause();
  }

  private resumeReading(): void {
    // Also while closing: the peer's answer to the close is still to be read.
    if (!this.isStopped) this.webSocket.resume();
  }

  close(reason: string): void {
    if (this.closing) return;
    this.closing = true;
    this.closeReason = reason;
    this.terminateSoon();
    this.flush();
    if (this.fault?.dropped) this.webSocket.terminate();
  }

  destroy(): void {
    this.closing = true;
    this.queue.clear();
    this.webSocket.terminate();
  }

  flush(): void {
    if (this.webSocket.readyState !== WebSocket.OPEN) return this.queue.clear();
    this.queue.writeTo(this.socket);
    if (!this.closing || this.queue.bytes > 0) return;
    const code = this.fault?.closeCode ?? NORMAL_CLOSURE;
    this.webSocket.close(code, toCloseReason(this.closeReason));
  }

  /** Leaves it to the owner to say why and to close. */
  private refuse(fault: Fault): void {
    if (this.closing || this.fault !== undefined) return;
    this.fault = fault;
    this.stopReading();
    this.terminateSoon();
    this.events?.onFault(fault.error);
  }

  private terminateSoon(): void {
    clearTimeout(this.graceTimer);
    this.graceTimer = setTimeout(() => this.webSocket.terminate(), CLOSE_GRACE_MS);
    this.graceTimer.unref();
  }
}

function flush(connection: WebSocketConnection): void {
  connection.flush();
}

/** What the header says the envelope has, as far as that is one. */
function toAnnouncedBytes(header: Uint8Array): number {
  return readUint32(header, 4);
}

function toOversize(header: Uint8Array): StewardError | undefined {
  try {
    parseHeader(header);
  } catch (error) {
    if (error instanceof StewardError && error.code === 2002) return error;
  }
  return undefined;
}
