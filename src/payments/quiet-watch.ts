import { findBlock, isSyncing } from "./chain-reads.ts";
import { RpcError } from "./rpc-endpoint.ts";
import type { RpcPool } from "./rpc-pool.ts";

const LOOK_IDLE_MS = 12_000;
const LOOK_MS = 5_000;
const STALE_MS = 30_000;
/** URLs of one chain are so far apart at times, in seconds. */
const APART_SECS = 60;

/**
 * Tells a chain that makes blocks only when there is something to put in them from a node that has
 * stopped: that one says that it is catching up, or is behind another URL. Without such a sign an
 * old head is no reason to take no payment: on a quiet chain only a payment makes the next block.
 */
export class QuietWatch {
  private readonly rpc: RpcPool;
  private lookedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the node whose head is old has stopped, as far as is known. */
  stopped = false;

  constructor(rpc: RpcPool) {
    this.rpc = rpc;
  }

  /** The head is not old. */
  reset(): void {
    this.stopped = false;
    this.lookedAtMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Looks, every few seconds at most, why the head is old.
   * @param isIdle while nothing waits, which is seldomer
   * @throws RpcError
   */
  async look(isIdle: boolean): Promise<void> {
    const nowMs = performance.now();
    const everyMs = isIdle && !this.stopped ? LOOK_IDLE_MS : LOOK_MS;
    if (nowMs - this.lookedAtMs < everyMs) return;
    this.lookedAtMs = nowMs;
    if (this.rpc.endpoints.length > 1) await this.leaveStale();
    this.stopped = await isSyncing(this.rpc).catch((error: unknown) => {
      // A node that has no such method says nothing against its chain.
      if (error instanceof RpcError && error.fault === "refused") return false;
      throw error;
    });
  }

  /** Whoever has a much older head than another URL is not asked for a while. */
  private async leaveStale(): Promise<void> {
    const heads = await Promise.all(
      this.rpc.endpoints.map(async (endpoint) => ({
        endpoint,
        time: (await findBlock(endpoint, "latest").catch(() => undefined))?.timestamp ?? 0,
      })),
    );
    const newest = Math.max(...heads.map(({ time }) => time));
    for (const { endpoint, time } of heads) {
      if (time > 0 && newest - time > APART_SECS) endpoint.distrust(STALE_MS);
    }
  }
}
