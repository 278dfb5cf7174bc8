import type { Hex } from "viem";
import type { ChainConfig } from "../config.ts";
import { type VerifiedContracts, verifyContracts } from "./contract-check.ts";
import { ContractMismatch } from "./contract-views.ts";
import { type RpcEndpoint, RpcError } from "./rpc-endpoint.ts";
import type { RpcPool } from "./rpc-pool.ts";
import type { AlarmBell } from "./rpc-watch.ts";

/** For so long a URL that does not show the contracts is the last one to be asked. */
const ASIDE_MS = 600_000;

/** What watching a chain's contracts needs. */
export interface ContractWatchDeps {
  readonly rpc: RpcPool;
  readonly bell: AlarmBell;
  readonly config: ChainConfig;
  readonly wallet: Hex;
}

interface Difference {
  readonly endpoint: RpcEndpoint;
  readonly words: string;
}

/**
 * Keeps a chain's contracts verified. A node that does not have the state shows none where there are
 * some, so one URL's word is asked of the others.
 */
export class ContractWatch {
  private readonly deps: ContractWatchDeps;
  private verifiedAtMs = Number.NEGATIVE_INFINITY;
  private lastVerified: VerifiedContracts | undefined;
  private lastMismatch: string | undefined;

  constructor(deps: ContractWatchDeps) {
    this.deps = deps;
  }

  /** What was found when they were verified last; undefined before that. */
  get verified(): VerifiedContracts | undefined {
    return this.lastVerified;
  }

  /** What is not as configured at every URL that answers; undefined where all is. */
  get mismatch(): string | undefined {
    return this.lastMismatch;
  }

  /** Has them verified again, however short a time ago they were. */
  doubt(): void {
    this.verifiedAtMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Verifies them where that is longer ago.
   * @throws RpcError where no URL answers
   */
  async refresh(ageMaxMs: number): Promise<void> {
    if (performance.now() - this.verifiedAtMs < ageMaxMs) return;
    const { rpc } = this.deps;
    const different: Difference[] = [];
    try {
      this.lastVerified = await rpc.pinned((endpoint) => this.verify(endpoint, different));
    } catch (error) {
      const [first] = different;
      if (first === undefined || !(error instanceof RpcError)) throw error;
      this.lastMismatch = first.words;
      this.tell(first);
      return;
    }
    this.lastMismatch = undefined;
    this.verifiedAtMs = performance.now();
    await rpc.verifyAll();
    for (const one of different) {
      one.endpoint.setAside(ASIDE_MS);
      this.tell(one);
    }
    if (!rpc.endpoints.some(({ aside }) => aside)) this.deps.bell.endAlarm("contracts-differ");
  }

  private async verify(endpoint: RpcEndpoint, different: Difference[]): Promise<VerifiedContracts> {
    const { config, wallet } = this.deps;
    try {
      return await verifyContracts(endpoint, config, wallet);
    } catch (cause) {
      if (!(cause instanceof ContractMismatch)) throw cause;
      different.push({ endpoint, words: cause.message });
      // The pool asks its next URL.
      throw new RpcError("unavailable", cause.message, { cause });
    }
  }

  private tell({ endpoint, words }: Difference): void {
    this.deps.bell.alarm("contracts-differ", { rpc: endpoint.label }, words);
  }
}
