import type { SimClock } from "./clock.ts";
import type { Random } from "./random.ts";

/** What is at an end of the links. */
export interface Endpoint {
  readonly id: string;
  readonly isUp: boolean;
  /** It wants a link with this one. */
  reaches(node: string): boolean;
  onLinkUp(node: string): void;
  onLinkDown(node: string): void;
  onPong(node: string, sentAtMs: number): void;
  onMessage(from: string, message: object): void;
}

interface End {
  readonly endpoint: Endpoint;
  isOpen: boolean;
  /** What it sends is lost. */
  isCut: boolean;
  heardAtMs: number;
  /** When what it sent last arrives. */
  arrivesAtMs: number;
}

interface Link {
  readonly ends: readonly [End, End];
  /** Counts connections: what belongs to a former one is lost. */
  connection: number;
}

/** How links behave in a run. */
export interface NetworkOptions {
  /**
   * Messages overtake one another, as on the two sessions that a pair may have, and some come twice; but for
   * what is pushed on one of them.
   */
  readonly isUnordered: boolean;
  /** Silence after which an end closes. */
  readonly silenceMs: number;
}

const PINGS_PER_SILENCE = 3;

/** One link for each two stewards; cut, halved, slow, and made anew. */
export class Network {
  private readonly clock: SimClock;
  private readonly random: Random;
  private readonly options: NetworkOptions;
  private readonly links: Link[] = [];

  constructor(
    clock: SimClock,
    random: Random,
    endpoints: readonly Endpoint[],
    options: NetworkOptions,
  ) {
    this.clock = clock;
    this.random = random;
    this.options = options;
    for (const [index, first] of endpoints.entries()) {
      for (const second of endpoints.slice(index + 1)) this.add(first, second);
    }
  }

  /** Sends a message where the sender's end is open; it may be lost. What is pushed to a follower keeps its order. */
  send(from: string, to: string, message: object, isPushed: boolean): void {
    const found = this.find(from, to);
    if (found === undefined || !found.near.isOpen || found.near.isCut) return;
    const { link, near, far } = found;
    const { connection } = link;
    const arrive = () => {
      if (link.connection !== connection || !far.isOpen || !far.endpoint.isUp) return;
      far.heardAtMs = this.clock.nowMs;
      far.endpoint.onMessage(from, message);
    };
    const isFree = this.options.isUnordered && !isPushed;
    const delayMs = this.delay();
    if (!isFree) near.arrivesAtMs = Math.max(near.arrivesAtMs, this.clock.nowMs + delayMs);
    this.clock.after(isFree ? delayMs : near.arrivesAtMs - this.clock.nowMs, arrive);
    if (isFree && this.random.chance(0.03)) this.clock.after(this.delay() * 3, arrive);
  }

  /** Loses what `from` sends `to`, until it is mended. */
  cut(from: string, to: string): void {
    const found = this.find(from, to);
    if (found !== undefined) found.near.isCut = true;
  }

  mend(from: string, to: string): void {
    const found = this.find(from, to);
    if (found !== undefined) found.near.isCut = false;
  }

  mendAll(): void {
    for (const { ends } of this.links) for (const end of ends) end.isCut = false;
  }

  /** A steward's process ended: its connections do. */
  onCrash(node: string): void {
    for (const link of this.links) {
      const [near, far] = this.sides(link, node);
      if (near === undefined || far === undefined) continue;
      near.isOpen = false;
      this.closeLater(link, near, far);
    }
  }

  private add(first: Endpoint, second: Endpoint): void {
    const toEnd = (endpoint: Endpoint): End => ({
      endpoint,
      isOpen: false,
      isCut: false,
      heardAtMs: 0,
      arrivesAtMs: 0,
    });
    const link: Link = { ends: [toEnd(first), toEnd(second)], connection: 0 };
    this.links.push(link);
    this.dialLater(link);
    this.pingLater(link, 0);
    this.pingLater(link, 1);
  }

  private find(from: string, to: string) {
    const link = this.links.find(({ ends: [first, second] }) => {
      const ids = [first.endpoint.id, second.endpoint.id];
      return ids.includes(from) && ids.includes(to);
    });
    if (link === undefined) return undefined;
    const [near, far] = this.sides(link, from);
    return near === undefined || far === undefined ? undefined : { link, near, far };
  }

  private sides({ ends: [first, second] }: Link, node: string): readonly [End?, End?] {
    if (first.endpoint.id === node) return [first, second];
    return second.endpoint.id === node ? [second, first] : [];
  }

  private delay(): number {
    const { random } = this;
    return random.chance(0.03) ? random.between(50, 1_500) : random.between(1, 30);
  }

  private dialLater(link: Link): void {
    this.clock.after(this.random.between(50, 300), () => {
      this.dial(link);
      this.dialLater(link);
    });
  }

  private dial(link: Link): void {
    const [first, second] = link.ends;
    if (first.isOpen || second.isOpen || first.isCut || second.isCut) return;
    if (!first.endpoint.isUp || !second.endpoint.isUp) return;
    const isWanted =
      first.endpoint.reaches(second.endpoint.id) || second.endpoint.reaches(first.endpoint.id);
    if (!isWanted) return;
    link.connection += 1;
    for (const end of link.ends) {
      end.isOpen = true;
      end.heardAtMs = this.clock.nowMs;
      end.arrivesAtMs = 0;
    }
    first.endpoint.onLinkUp(second.endpoint.id);
    second.endpoint.onLinkUp(first.endpoint.id);
  }

  private pingLater(link: Link, side: 0 | 1): void {
    const everyMs = this.options.silenceMs / PINGS_PER_SILENCE;
    this.clock.after(everyMs * this.random.between(0.9, 1.1), () => {
      this.ping(link, side);
      this.pingLater(link, side);
    });
  }

  private ping(link: Link, side: 0 | 1): void {
    const near = link.ends[side];
    const far = link.ends[side === 0 ? 1 : 0];
    if (!near.isOpen || !near.endpoint.isUp) return;
    const sentAtMs = this.clock.nowMs;
    if (sentAtMs - near.heardAtMs >= this.options.silenceMs) return this.close(link, near, far);
    if (near.isCut || !far.isOpen || !far.endpoint.isUp) return;
    far.heardAtMs = sentAtMs;
    if (far.isCut) return;
    const { connection } = link;
    this.clock.after(this.delay(), () => {
      if (link.connection !== connection || !near.isOpen || !near.endpoint.isUp) return;
      near.heardAtMs = this.clock.nowMs;
      near.endpoint.onPong(far.endpoint.id, sentAtMs);
    });
  }

  private close(link: Link, near: End, far: End): void {
    near.isOpen = false;
    if (near.endpoint.isUp) near.endpoint.onLinkDown(far.endpoint.id);
    this.closeLater(link, near, far);
  }

  /** The other end hears of it, where it can. */
  private closeLater(link: Link, near: End, far: End): void {
    const { connection } = link;
    if (near.isCut || !far.isOpen) return;
    this.clock.after(this.delay(), () => {
      if (link.connection !== connection || !far.isOpen) return;
      far.isOpen = false;
      if (far.endpoint.isUp) far.endpoint.onLinkDown(near.endpoint.id);
    });
  }
}
