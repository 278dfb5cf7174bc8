import { GarbageBound } from "./garbage-bound.ts";

/** How turns are taken; the `wire` section of the configuration. */
export interface TurnsConfig {
  readonly turn_ms: number;
  readonly reading_bytes_max: number;
  readonly reading_hold_ms: number;
}

/** A connection as far as turns care. */
export interface TurnTaker {
  /** The client's address. */
  readonly remoteAddress: string;
  /** Handles the message that waits longest; tells whether another waits. */
  handleNext(): boolean;
}

/** A large message of which the header was read. */
export interface LargeMessage {
  readonly remoteAddress: string;
  readonly bytes: number;
  /** There is room now to read the rest. */
  readonly onRoom: () => void;
}

/**
 * Decides when messages are handled that cost more than a moment: not when they arrive but one after
 * the other, between turns of the event loop in which everybody's short messages are answered.
 * Addresses take turns, so that one that sends much is its own queue. It also bounds the memory of
 * large messages: past the bound they stay with their senders, unread, and nobody is refused.
 */
export class ReadingTurns {
  /** Connections with waiting messages, by address; both in the order of their turns. */
  private readonly waiting = new Map<string, Set<TurnTaker>>();
  private readonly inside = new Map<LargeMessage, NodeJS.Timeout>();
  /** What has no room yet, by address; both in the order of their turns. */
  private readonly outside = new Map<string, Set<LargeMessage>>();
  private readonly config: TurnsConfig;
  private readonly garbage = new GarbageBound();
  private roomBytes = 0;
  private isScheduled = false;

  constructor(config: TurnsConfig) {
    this.config = config;
  }

  /** Queues a connection that has a message to handle. */
  add(taker: TurnTaker): void {
    const { remoteAddress } = taker;
    const takers = this.waiting.get(remoteAddress) ?? new Set();
    this.waiting.set(remoteAddress, takers.add(taker));
    this.schedule();
  }

  /** Tells whether a message may be read to its end now; else it is told when. */
  enter(message: LargeMessage): boolean {
    if (this.hasRoom(message)) {
      this.seat(message);
      return true;
    }
    const { remoteAddress } = message;
    const messages = this.outside.get(remoteAddress) ?? new Set();
    this.outside.set(remoteAddress, messages.add(message));
    return false;
  }

  /** Gives back the room of a message that was handled, or will never be. */
  leave(message: LargeMessage): void {
    const others = this.outside.get(message.remoteAddress);
    if (others?.delete(message) && others.size === 0) this.outside.delete(message.remoteAddress);
    const timer = this.inside.get(message);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.inside.delete(message);
    this.roomBytes -= message.bytes;
    this.letIn();
  }

  /** Forgets a connection that is gone. */
  remove(taker: TurnTaker): void {
    const takers = this.waiting.get(taker.remoteAddress);
    takers?.delete(taker);
    if (takers?.size === 0) this.waiting.delete(taker.remoteAddress);
  }

  private letIn(): void {
    for (let next = this.findNext(); next !== undefined; next = this.findNext()) {
      const { remoteAddress } = next;
      const others = this.outside.get(remoteAddress) ?? new Set();
      others.delete(next);
      // To the back of all addresses.
      this.outside.delete(remoteAddress);
      if (others.size > 0) this.outside.set(remoteAddress, others);
      this.seat(next);
      next.onRoom();
    }
  }

  private findNext(): LargeMessage | undefined {
    const next = this.outside.values().next().value?.values().next().value;
    return next !== undefined && this.hasRoom(next) ? next : undefined;
  }

  private hasRoom({ bytes }: LargeMessage): boolean {
    return this.roomBytes === 0 || this.roomBytes + bytes <= this.config.reading_bytes_max;
  }

  private seat(message: LargeMessage): void {
    this.garbage.noteLarge();
    const timer = setTimeout(() => this.leave(message), this.config.reading_hold_ms).unref();
    this.inside.set(message, timer);
    this.roomBytes += message.bytes;
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.size === 0) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.run();
      this.schedule();
    });
  }

  private run(): void {
    const endMs = performance.now() + this.config.turn_ms;
    do {
      const [address, takers] = this.waiting.entries().next().value ?? [];
      const taker = takers?.values().next().value;
      if (address === undefined || takers === undefined || taker === undefined) return;
      // To the back of its address, and the address to the back of all.
      this.waiting.delete(address);
      takers.delete(taker);
      if (taker.handleNext()) takers.add(taker);
      if (takers.size > 0) this.waiting.set(address, takers);
    } while (performance.now() < endMs);
  }
}
