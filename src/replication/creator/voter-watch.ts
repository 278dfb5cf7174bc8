import type { Logger } from "../../base/log.ts";
import type { ReplicaStatus } from "../status/replica-status.ts";
import type { CreatorDesk } from "./creator-desk.ts";

/** How often a learner is looked at, milliseconds. */
const LOOK_MS = 500;

export interface VoterWatchDeps {
  readonly desk: Pick<CreatorDesk, "changeStewards">;
  readonly find: (zoneId: string) => ReplicaStatus | undefined;
  readonly log: Logger;
}

/**
 * Makes learners voters once they are ready: one that still copies would hold up money. Kept in memory; after a
 * restart a learner stays one until it is added again; `docs/protocol.md` §9.8.
 */
export class VoterWatch implements Disposable {
  private readonly deps: VoterWatchDeps;
  private readonly waiting = new Map<string, { zoneId: string; nodeId: string }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(deps: VoterWatchDeps) {
    this.deps = deps;
  }

  /** Waits for a learner of a zone. */
  add(zoneId: string, nodeId: string): void {
    this.waiting.set(`${zoneId} ${nodeId}`, { zoneId, nodeId });
    this.schedule();
  }

  /** Waits for it no more. */
  remove(zoneId: string, nodeId: string): void {
    this.waiting.delete(`${zoneId} ${nodeId}`);
  }

  [Symbol.dispose](): void {
    this.waiting.clear();
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.timer !== undefined || this.waiting.size === 0) return;
    this.timer = setTimeout(async () => {
      for (const { zoneId, nodeId } of [...this.waiting.values()]) await this.look(zoneId, nodeId);
      this.timer = undefined;
      this.schedule();
    }, LOOK_MS).unref();
  }

  private async look(zoneId: string, nodeId: string): Promise<void> {
    const { desk, find, log } = this.deps;
    const status = find(zoneId);
    const peer = status?.peers.find(({ node_id }) => node_id === nodeId);
    if (status === undefined || status.role !== "primary") return;
    if (peer === undefined || peer.voter === true) return this.remove(zoneId, nodeId);
    if (peer.state !== "ready") return;
    try {
      await desk.changeStewards(zoneId, (set) =>
        set.map((ref) => (ref.node_id === nodeId ? { ...ref, voter: true } : ref)),
      );
      this.remove(zoneId, nodeId);
      log.info({ zone: zoneId, node: nodeId }, "a learner is a voter now");
    } catch (error) {
      log.warn({ err: error, zone: zoneId, node: nodeId }, "a learner is no voter yet");
    }
  }
}
