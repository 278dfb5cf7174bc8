import type { LinkSession } from "../links/link-port.ts";

/** Forwards that are remembered; of those answered, whose later answers are still brought to the very session. */
const KEPT_MAX = 10_000;

/** What one link may have forwarded without a word of its primary. */
export interface UnsaidLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

/** A message that a primary has, as far as counting it goes. */
export interface OpenForward {
  readonly link: LinkSession;
  readonly bytes: number;
  /** An acknowledgement is all that comes. */
  readonly isWithoutAnswer: boolean;
}

interface Unsaid {
  count: number;
  bytes: number;
}

/** What was passed on to primaries, by the id of the Message that carried it; bounded; `docs/protocol.md` §9.12. */
export class ForwardTable<Forward extends OpenForward> {
  private readonly limits: UnsaidLimits;
  /** Neither acknowledged nor answered. */
  private readonly unsaid = new Map<string, Forward>();
  private readonly acked = new Map<string, Forward>();
  private readonly done = new Map<string, Forward>();
  private readonly ofLinks = new Map<LinkSession, Unsaid>();

  constructor(limits: UnsaidLimits) {
    this.limits = limits;
  }

  /** Whether a message of so many bytes may go over a link beside what it has yet to hear of. */
  hasRoom(link: LinkSession, bytes: number): boolean {
    const { count, bytes: sum } = this.ofLinks.get(link) ?? { count: 0, bytes: 0 };
    return count < this.limits.messagesMax && sum + bytes <= this.limits.bytesMax;
  }

  /** Adds one. @returns what there is no room for any more, and was not answered */
  add(id: string, forward: Forward): readonly (readonly [string, Forward])[] {
    this.unsaid.set(id, forward);
    this.count(forward, 1);
    const [answered] = this.done.keys();
    if (this.unsaid.size + this.acked.size + this.done.size <= KEPT_MAX) return [];
    if (answered !== undefined) {
      this.done.delete(answered);
      return [];
    }
    const [oldest] = this.acked.size > 0 ? this.acked : this.unsaid;
    return oldest === undefined ? [] : [oldest];
  }

  /** One that is not forgotten yet, answered or not. */
  find(id: string): Forward | undefined {
    return this.unsaid.get(id) ?? this.acked.get(id) ?? this.done.get(id);
  }

  /** Its primary has it. */
  acknowledged(id: string): void {
    const forward = this.takeUnsaid(id);
    if (forward !== undefined) (forward.isWithoutAnswer ? this.done : this.acked).set(id, forward);
  }

  /** Its primary answered. */
  answered(id: string): void {
    const forward = this.takeUnsaid(id) ?? this.acked.get(id);
    this.acked.delete(id);
    if (forward !== undefined) this.done.set(id, forward);
  }

  /** Forgets one. */
  remove(id: string): void {
    this.takeUnsaid(id);
    this.acked.delete(id);
    this.done.delete(id);
  }

  /** Those that wait for an answer, of which something holds. */
  listOpen(holds: (forward: Forward) => boolean): readonly (readonly [string, Forward])[] {
    return [...this.acked, ...this.unsaid].filter(([, forward]) => holds(forward));
  }

  /** Forgets all. @returns those that waited for an answer */
  clear(): readonly Forward[] {
    const open = [...this.acked.values(), ...this.unsaid.values()];
    for (const forwards of [this.unsaid, this.acked, this.done]) forwards.clear();
    this.ofLinks.clear();
    return open;
  }

  private takeUnsaid(id: string): Forward | undefined {
    const forward = this.unsaid.get(id);
    if (forward === undefined) return undefined;
    this.unsaid.delete(id);
    this.count(forward, -1);
    return forward;
  }

  private count({ link, bytes }: OpenForward, by: 1 | -1): void {
    const unsaid = this.ofLinks.get(link) ?? { count: 0, bytes: 0 };
    unsaid.count += by;
    unsaid.bytes += by * bytes;
    if (unsaid.count > 0) this.ofLinks.set(link, unsaid);
    else this.ofLinks.delete(link);
  }
}
