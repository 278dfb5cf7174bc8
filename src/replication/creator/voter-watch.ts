import type { Logger } from "../../base/log.ts";
import type { ReplicaStatus } from "../status/replica-status.ts";
import type { CreatorDesk } from "./creator-desk.ts";

/** How often a learner is looked at, milliseconds. */
const LOOK_MS = 500;

/** A learner that is to become a voter of its zone. */
export interface AwaitedVoter {
  readonly zoneId: string;
  readonly nodeId: string;
}

export interface VoterWatchDeps {
  /** Whom is waited for, durably. */
  readonly awaited: {
    list(): readonly AwaitedVoter[];
    /** Tells whether it was not there. */
    insert(voter: AwaitedVoter): boolean;
    remove(voter: AwaitedVoter): void;
  };
  readonly desk: Pick<CreatorDesk, "changeStewards">;
  readonly find: (zoneId: string) => ReplicaStatus | undefined;
  readonly log: Logger;
}

/**
 * Makes learners voters once they are ready: one that still copies would hold up money. Whom it waits for is
 * stored from before the learner is signed; `docs/protocol.md` §9.8.
 */
export class VoterWatch implements Disposable {
  private readonly deps: VoterWatchDeps;
  /** Who is being signed as a learner now. */
  private readonly signing = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(deps: VoterWatchDeps) {
    this.deps = deps;
    this.schedule();
  }

  /**
   * Waits for a learner of a zone.
   * @param sign makes it one; where that fails, what was waited for before still is
   */
  async add<T>(voter: AwaitedVoter, sign: () => Promise<T>): Promise<T> {
    const name = toName(voter);
    const isNew = this.deps.awaited.insert(voter);
    this.signing.add(name);
    try {
      return await sign();
    } catch (error) {
      if (isNew) this.remove(voter);
      throw error;
    } finally {
      this.signing.delete(name);
      this.schedule();
    }
  }

  /** Waits for it no more. */
  remove(voter: AwaitedVoter): void {
    this.deps.awaited.remove(voter);
  }

  [Symbol.dispose](): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.isStopped || this.timer !== undefined) return;
    if (this.deps.awaited.list().length === 0) return;
    this.timer = setTimeout(async () => {
      for (const voter of this.deps.awaited.list()) {
        if (!this.isStopped && !this.signing.has(toName(voter))) await this.look(voter);
      }
      this.timer = undefined;
      this.schedule();
    }, LOOK_MS).unref();
  }

  private async look(voter: AwaitedVoter): Promise<void> {
    const { desk, find, log } = this.deps;
    const { zoneId, nodeId } = voter;
    const status = find(zoneId);
    const peer = status?.peers.find(({ node_id }) => node_id === nodeId);
    // Who is not named any more, or is more than a learner already.
    if (peer?.voter !== false) return this.remove(voter);
    if (status?.role !== "primary" || peer.state !== "ready") return;
    try {
      await desk.changeStewards(zoneId, (set) =>
        set.map((ref) => (ref.node_id === nodeId ? { ...ref, voter: true } : ref)),
      );
      this.remove(voter);
      log.info({ zone: zoneId, node: nodeId }, "a learner is a voter now");
    } catch (error) {
      log.warn({ err: error, zone: zoneId, node: nodeId }, "a learner is no voter yet");
    }
  }
}

function toName({ zoneId, nodeId }: AwaitedVoter): string {
  return `${zoneId} ${nodeId}`;
}
