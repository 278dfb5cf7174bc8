import type { StewardError } from "../errors.ts";

/** What a transport tells its connection's owner. Frames are whole envelopes, unparsed. */
export interface ConnectionEvents {
  /**
   * One envelope's bytes; the owner must copy what it keeps.
   * @param lateMs how long it may have waited for its turn, unread or read, for reasons that are
   *   not its sender's
   */
  onFrame(bytes: Uint8Array, lateMs: number): void;
  /**
   * The peer broke a rule of the transport; nothing more will be read. The owner may send why, and
   * closes.
   */
  onFault(error: StewardError): void;
  /** The peer sent something that is no binary frame. */
  onForeignFrame(bytes: Uint8Array, lateMs: number): void;
  /** Whether a large message would be taken by now; before that nobody waits for one to be read. */
  takesLarge(): boolean;
  /** Raw bytes arrived, counted before they are complete frames. */
  onBytes(count: number): void;
  /** The connection is gone; called once. */
  onClose(): void;
}

/** Bytes of a shared envelope that are others for one connection. */
export interface EnvelopePatch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * One peer's byte connection; the session sees nothing else of a transport.
 * `docs/decisions/transport.md` says why it is this small.
 */
export interface Connection {
  /** The client's address, through trusted proxies. */
  readonly remoteAddress: string;
  /** Bytes accepted by `send` that the kernel has not taken. */
  readonly bufferedBytes: number;
  /** Starts delivery; called once. */
  open(events: ConnectionEvents): void;
  /**
   * Queues one envelope, with other bytes where a patch says so; everything queued within a turn
   * leaves in one write. Many connections may be given the same envelope: it must not be altered.
   */
  send(envelope: Uint8Array, patch?: EnvelopePatch): void;
  /** Drops queued envelopes of which no byte has been handed to the system. */
  clearQueue(): void;
  /** Takes no further bytes from the peer. */
  stopReading(): void;
  /** Writes what is queued, then closes and says why; the peer has a second to take it. */
  close(reason: string): void;
  /** Drops the connection with what is queued. */
  destroy(): void;
}

/** A listener that hands over connections until it is closed. */
export interface Transport extends AsyncDisposable {
  /** URLs under which peers reach it. */
  readonly urls: readonly string[];
}
