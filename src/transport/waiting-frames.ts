import type { LargeMessage, ReadingTurns, TurnTaker } from "./reading-turns.ts";

/** Messages up to here are handled as they arrive, unless others of the connection wait. */
const LIGHT_BYTES_MAX = 4096;
/** Messages from here on need room before they are read. */
const ROOM_BYTES_MIN = 64 * 1024;
/** So long after its last pause, a connection has brought what arrived meanwhile. */
const RECOVERY_MS = 1000;

/** What the messages of one connection wait for. */
export interface WaitingFramesDeps {
  readonly remoteAddress: string;
  readonly turns: ReadingTurns;
  /** Stops reading, and reads on. */
  readonly pause: () => void;
  readonly resume: () => void;
}

interface AnnouncedMessage extends LargeMessage {
  readonly number: number;
}

interface WaitingFrame {
  readonly handle: (lateMs: number) => void;
  readonly large: LargeMessage | undefined;
}

/** The messages of one connection that wait for their turn; while some do, none are read. */
export class WaitingFrames implements TurnTaker {
  private readonly deps: WaitingFramesDeps;
  private readonly frames: WaitingFrame[] = [];
  /** Large messages whose header was read, in their order, and which were not taken yet. */
  private announced: AnnouncedMessage[] = [];
  private taken = 0;
  /** The one that nothing is read for. */
  private outside: LargeMessage | undefined;
  private isStopped = false;
  /** When reading first stopped, since it last went on for a while. */
  private behindSinceMs: number | undefined;
  private resumedMs = 0;

  constructor(deps: WaitingFramesDeps) {
    this.deps = deps;
  }

  get remoteAddress(): string {
    return this.deps.remoteAddress;
  }

  /**
   * Notes how long the message says it will be that has just begun.
   * @param number counts the connection's messages from 1
   */
  announce(number: number, bytes: number): void {
    if (bytes < ROOM_BYTES_MIN || this.isStopped) return;
    const { remoteAddress } = this.deps;
    const large = { number, bytes, remoteAddress, onRoom: () => this.onRoom() };
    this.announced.push(large);
    if (this.deps.turns.enter(large)) return;
    this.outside = large;
    this.pause();
  }

  /** Takes a whole message; `handle` is told how long it may have waited to be read. */
  take(bytes: number, handle: (lateMs: number) => void): void {
    const large = this.findAnnounced(++this.taken);
    if (bytes <= LIGHT_BYTES_MAX && this.frames.length === 0) {
      if (large !== undefined) this.passBy(large);
      return handle(this.lateMs());
    }
    this.frames.push({ handle, large });
    this.pause();
    if (this.frames.length === 1) this.deps.turns.add(this);
  }

  handleNext(): boolean {
    const frame = this.frames.shift();
    try {
      frame?.handle(this.lateMs());
    } finally {
      if (frame?.large !== undefined) this.deps.turns.leave(frame.large);
      this.resume();
    }
    return this.frames.length > 0;
  }

  /** Drops what waits, and reads no more. */
  stop(): void {
    const { turns } = this.deps;
    this.isStopped = true;
    for (const { large } of this.frames) if (large !== undefined) turns.leave(large);
    for (const large of this.announced) turns.leave(large);
    this.announced = [];
    this.frames.length = 0;
    turns.remove(this);
  }

  /** Finds what a message announced when it began. */
  private findAnnounced(number: number): LargeMessage | undefined {
    const [first] = this.announced;
    if (first?.number !== number) return undefined;
    this.announced.shift();
    // Read before it had room: it had come with what was before it, or said more than it was.
    if (this.outside === first) this.outside = undefined;
    return first;
  }

  /** A message that said that it was large, and was not, waits for nothing. */
  private passBy(large: LargeMessage): void {
    this.deps.turns.leave(large);
    this.resume();
  }

  private onRoom(): void {
    this.outside = undefined;
    this.resume();
  }

  private pause(): void {
    this.behindSinceMs ??= performance.now();
    this.deps.pause();
  }

  private resume(): void {
    if (this.outside !== undefined || this.frames.length > 0 || this.isStopped) return;
    this.resumedMs = performance.now();
    this.deps.resume();
  }

  /** How long ago what is handled now may have arrived, for reasons of the connection's own turns. */
  private lateMs(): number {
    if (this.behindSinceMs === undefined) return 0;
    const now = performance.now();
    if (
      this.frames.length === 0 &&
      this.outside === undefined &&
      now - this.resumedMs > RECOVERY_MS
    ) {
      this.behindSinceMs = undefined;
      return 0;
    }
    return now - this.behindSinceMs;
  }
}
