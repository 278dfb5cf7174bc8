import type { PrimaryHead } from "../../../src/protocol/primary-head.ts";
import type { Tip } from "./history.ts";
import { listAfter } from "./history.ts";
import type { SimMessage } from "./messages.ts";
import type { Random } from "./random.ts";

/** What one follower has asked of a steward. */
interface Feed {
  readonly ask: number;
  readonly isRecover: boolean;
  /** The end of what was sent. */
  sent: number;
  acked: number;
  /** Chunks that are yet to be sent, and the end after them. */
  chunks: number;
  isEnding: boolean;
  /** What was told last as released. */
  released: number;
}

/** What a steward serves from. */
export interface ServedCopy {
  readonly tip: Tip;
  readonly epoch: number;
  readonly released: number;
}

const WINDOW_COMMITS = 8;

/** A steward's followers: streams and snapshots, under a window each. */
export class SimFeeds {
  private readonly feeds = new Map<string, Feed>();
  private readonly random: Random;
  private readonly send: (to: string, message: SimMessage) => void;
  private readonly signer: Pick<PrimaryHead, "steward" | "public_key">;

  constructor(
    random: Random,
    send: (to: string, message: SimMessage) => void,
    signer: Pick<PrimaryHead, "steward" | "public_key">,
  ) {
    this.random = random;
    this.send = send;
    this.signer = signer;
  }

  /** Streams on from a commit. */
  stream(to: string, ask: number, after: number, isRecover: boolean): void {
    this.feeds.set(to, {
      ask,
      isRecover,
      sent: after,
      acked: after,
      chunks: 0,
      isEnding: false,
      released: -1,
    });
  }

  /** Sends a snapshot as of now, then streams on. */
  snapshot(to: string, ask: number, copy: ServedCopy, isRecover: boolean): void {
    const { n } = copy.tip.position;
    const chunks = this.random.int(1, 3);
    this.feeds.set(to, { ask, isRecover, sent: n, acked: n, chunks, isEnding: true, released: -1 });
    this.send(to, { type: "begin", ask, epoch: copy.epoch, tip: copy.tip });
    this.chunk(to, copy);
  }

  /** Takes an acknowledgement: of a chunk, or up to a commit. */
  acknowledge(to: string, ask: number, n: number | undefined, copy: ServedCopy): void {
    const feed = this.feeds.get(to);
    if (feed?.ask !== ask) return;
    if (n === undefined) return this.chunk(to, copy);
    feed.acked = Math.max(feed.acked, n);
    this.pump(to, copy);
  }

  /** Sends what is new to whoever has room for it. */
  pumpAll(copy: ServedCopy): void {
    for (const to of this.feeds.keys()) this.pump(to, copy);
  }

  end(to: string): void {
    this.feeds.delete(to);
  }

  /** Ends all but what a primary recovers. */
  endFollowers(): void {
    this.feeds.clear();
  }

  private chunk(to: string, copy: ServedCopy): void {
    const feed = this.feeds.get(to);
    if (feed === undefined || !feed.isEnding) return;
    const { ask } = feed;
    const { epoch, tip } = copy;
    if (feed.chunks > 0) {
      feed.chunks -= 1;
      this.send(to, { type: "chunk", ask, epoch });
      return;
    }
    feed.isEnding = false;
    // Records were as of a later commit than the beginning said.
    const upto = this.random.int(feed.sent, tip.position.n);
    this.send(to, { type: "end", ask, epoch, upto });
    this.pump(to, copy);
  }

  private pump(to: string, { tip, epoch, released }: ServedCopy): void {
    const feed = this.feeds.get(to);
    if (feed === undefined || feed.isEnding) return;
    const room = WINDOW_COMMITS - (feed.sent - feed.acked);
    const next = room > 0 ? listAfter(tip, feed.sent, Math.min(room, this.random.int(1, 4))) : [];
    const end = next.at(-1);
    if (end === undefined && released === feed.released) return;
    feed.sent = end?.position.n ?? feed.sent;
    feed.released = released;
    const commits = next.flatMap(({ commit }) => (commit === undefined ? [] : [commit]));
    const last = end ?? tip;
    // Primary(E) signs wherever a message ends; who is recovered from has the heads that it got.
    const head =
      feed.isRecover || last.head === undefined ? last.head : { ...last.head, ...this.signer };
    const { ask } = feed;
    this.send(to, { type: "entries", ask, epoch, commits, end: last, head, released });
    if (end !== undefined && end !== tip) this.pump(to, { tip, epoch, released });
  }
}
