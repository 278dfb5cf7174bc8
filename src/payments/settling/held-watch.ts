import type { Write } from "../../store/database.ts";
import type { HeldOwner } from "../../store/payments/claims.ts";
import type { Chain } from "../chain/chain.ts";
import { REORG_BLOCKS } from "../chain/depth.ts";
import { type Block, findBlock, type RpcCaller } from "../chain/reads.ts";
import { readClaimable } from "../chain/tills.ts";
import type { PaymentContext } from "../ledger/transitions.ts";

/** How often the contracts are asked what they keep, where nothing else says that it changed. */
const LOOK_MS = 60_000;
/** Owners who are asked about in one look; more take turns. */
const OWNERS_MAX = 50;
const SEEN_MAX = 1_000;
/** An alarm whose cause stays is told again this often. */
const REMIND_MS = 1_800_000;

/** What watching kept shares needs. */
export interface HeldWatchDeps extends PaymentContext {
  readonly chain: Chain;
}

/**
 * Finds out which kept shares were claimed, by whomever: the contract says how much it keeps for an
 * owner, and a claim takes all that is there, so the newest shares of that sum are the ones left.
 * Where it keeps shares of payments of others too, what was claimed may show late.
 */
export class HeldWatch {
  private readonly deps: HeldWatchDeps;
  private lookAtMs = 0;
  private remindAtMs = 0;
  private after: HeldOwner | undefined;
  /** What each owner had at the last look: where both are the same, nothing was claimed. */
  private readonly seen = new Map<string, string>();

  constructor(deps: HeldWatchDeps) {
    this.deps = deps;
  }

  /** Has the contracts asked at the next block. */
  wake(): void {
    this.lookAtMs = 0;
  }

  /** Compares what is kept with the chain, `confirmations` deep. @throws RpcError where no node answers */
  async look(head: Block, reorg: boolean): Promise<void> {
    const { chain, store, claims } = this.deps;
    const { chain_id, confirmations } = chain.config;
    if (reorg) {
      store.write((write) => claims.reopenSince(write, chain_id, head.number - REORG_BLOCKS));
      this.seen.clear();
      this.wake();
    }
    if (performance.now() < this.lookAtMs) return;
    await store.committed();
    const owners = claims.listOwners(this.after, OWNERS_MAX, chain_id);
    const to = head.number - confirmations + 1;
    const isDone =
      owners.length === 0 || (await chain.rpc.pinned((rpc) => this.ask(rpc, owners, to), true));
    if (!isDone) return;
    this.after = owners.length === OWNERS_MAX ? owners.at(-1) : undefined;
    if (this.after === undefined) this.lookAtMs = performance.now() + LOOK_MS;
    this.remind();
  }

  /** False where a node is behind. */
  private async ask(rpc: RpcCaller, owners: readonly HeldOwner[], block: number): Promise<boolean> {
    const head = await findBlock(rpc, "latest");
    if (!head || head.number < block) return false;
    for (const owner of owners) {
      const kept = await readClaimable(rpc, owner, block);
      if (this.isNew(owner, kept))
        this.deps.store.write((write) => this.square(write, owner, kept, block));
      this.note(owner, kept);
    }
    return true;
  }

  private isNew(owner: HeldOwner, kept: bigint): boolean {
    return this.seen.get(toKey(owner)) !== this.toMark(owner, kept);
  }

  private note(owner: HeldOwner, kept: bigint): void {
    if (this.seen.size >= SEEN_MAX) this.seen.clear();
    this.seen.set(toKey(owner), this.toMark(owner, kept));
  }

  private toMark(owner: HeldOwner, kept: bigint): string {
    return `${kept} ${this.deps.claims.countOfOwner(owner)}`;
  }

  private square(write: Write, owner: HeldOwner, kept: bigint, block: number): void {
    const { claims } = this.deps;
    let left = kept;
    for (const share of claims.listOfOwner(owner)) {
      if (share.blockNumber > block) continue;
      if (share.amount > left) {
        claims.closeHeld(write, share, block);
        left = 0n;
      } else left -= share.amount;
    }
  }

  private remind(): void {
    const { chain, claims } = this.deps;
    const [first] = claims.listOwners(undefined, 1, chain.config.chain_id);
    if (!first) {
      this.remindAtMs = 0;
      return chain.endAlarm("share-held");
    }
    if (performance.now() < this.remindAtMs) return;
    this.remindAtMs = performance.now() + REMIND_MS;
    const { contract, owner } = first;
    chain.alarm("share-held", { contract, owner });
  }
}

function toKey({ contract, owner }: HeldOwner): string {
  return `${contract} ${owner}`;
}
