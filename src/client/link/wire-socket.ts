import { AgentError } from "../agent-error.ts";
import { type FrameTap, showFrame } from "./frame-tap.ts";

/** Frames kept while nobody listens: the handshake's few and what follows at once. */
const BACKLOG_FRAMES_MAX = 1024;
/** How long a polite close may take before the socket is given up. */
const CLOSE_TIMEOUT_MS = 2000;

/** Where to dial, and who sees what passes. */
interface SocketSettings {
  readonly url: string;
  readonly tap?: FrameTap | undefined;
}

/** One open WebSocket that carries envelopes; knows bytes only; `docs/protocol.md` §2. */
export class WireSocket {
  readonly #socket: WebSocket;
  readonly #url: string;
  readonly #tap: FrameTap | undefined;
  readonly #backlog: Uint8Array[] = [];
  #listener: ((frame: Uint8Array) => void) | undefined;
  #waiter: ((frame: Uint8Array) => void) | undefined;
  #end: AgentError | undefined;
  #resolveClosed: (error: AgentError) => void = () => {};
  /** Resolves once, with why the socket ended; never rejects. */
  readonly closed: Promise<AgentError>;

  private constructor(socket: WebSocket, { url, tap }: SocketSettings) {
    this.#socket = socket;
    this.#url = url;
    this.#tap = tap;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", (event) => {
      const why = event.reason === "" ? `close code ${event.code}` : event.reason;
      this.#finish(new AgentError("connection_failed", { message: `The socket closed: ${why}` }));
    });
  }

  /**
   * Opens a socket.
   * @throws AgentError `connection_failed`, or the signal's reason
   */
  static async open(settings: SocketSettings, signal: AbortSignal): Promise<WireSocket> {
    signal.throwIfAborted();
    const socket = new WebSocket(settings.url, "atlas.v1");
    socket.binaryType = "arraybuffer";
    const wire = new WireSocket(socket, settings);
    const onAbort = () => socket.close();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.addEventListener("open", () => resolve(), { once: true });
        socket.addEventListener("error", () => reject(new AgentError("connection_failed")), {
          once: true,
        });
        wire.closed.then(reject);
      });
      signal.throwIfAborted();
      return wire;
    } catch (error) {
      socket.close();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Bytes handed over but not yet sent. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends one envelope; does nothing once the socket has ended. */
  send(frame: Uint8Array): void {
    if (this.#end !== undefined || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(new Uint8Array(frame));
    showFrame(this.#tap, { direction: "out", url: this.#url, bytes: frame });
  }

  /**
   * Waits for the next frame; only before `listen`.
   * @throws AgentError with which the socket ended, or the signal's reason
   */
  async next(signal: AbortSignal): Promise<Uint8Array> {
    const kept = this.#backlog.shift();
    if (kept !== undefined) return kept;
    if (this.#end !== undefined) throw this.#end;
    signal.throwIfAborted();
    let onAbort = () => {};
    try {
      return await new Promise<Uint8Array>((resolve, reject) => {
        this.#waiter = resolve;
        this.closed.then(reject);
        onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    } finally {
      this.#waiter = undefined;
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Hands every frame to the listener from now on, those already here first. */
  listen(listener: (frame: Uint8Array) => void): void {
    this.#listener = listener;
    for (const frame of this.#backlog.splice(0)) listener(frame);
  }

  /** Closes politely; resolves when the socket has ended, at the latest after two seconds. */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#socket.close(1000);
    const timer = setTimeout(() => this.abandon(new AgentError("closed")), CLOSE_TIMEOUT_MS);
    await this.closed;
    clearTimeout(timer);
  }

  /** Treats the socket as ended now, whatever the other side does. */
  abandon(error: AgentError): void {
    this.#finish(error);
    this.#socket.close();
  }

  #finish(error: AgentError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#resolveClosed(error);
  }

  #receive(data: unknown): void {
    if (this.#end !== undefined) return;
    if (!(data instanceof ArrayBuffer)) {
      this.abandon(new AgentError("protocol_error", { message: "The steward sent a text frame." }));
      return;
    }
    const frame = new Uint8Array(data);
    showFrame(this.#tap, { direction: "in", url: this.#url, bytes: frame });
    if (this.#listener !== undefined) return this.#listener(frame);
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) return waiter(frame);
    if (this.#backlog.push(frame) > BACKLOG_FRAMES_MAX) {
      this.abandon(new AgentError("protocol_error", { message: "The steward sent too much." }));
    }
  }
}
