import type { Logger } from "../log.ts";
import { RpcEndpoint, RpcError } from "./rpc-endpoint.ts";

const REVERIFY_MS = 30_000;
const WRONG_CHAIN_MS = 30_000;

/** What a pool of RPC URLs needs. */
export interface RpcPoolDeps {
  readonly log: Logger;
  readonly chainId: number;
  readonly urls: readonly string[];
  readonly timeoutMs: number;
  /** Ends every call when the engine stops. */
  readonly stop: AbortSignal;
}

/**
 * Asks the RPC URLs of one chain in their order, those in good health first. Each URL's chain id
 * is checked before its first use and every half minute after.
 */
export class RpcPool {
  readonly endpoints: readonly RpcEndpoint[];
  private readonly chainId: number;
  private readonly log: Logger;
  /** Set while some URL answered with another chain's id. */
  wrongChainId: number | undefined;

  constructor({ log, chainId, urls, timeoutMs, stop }: RpcPoolDeps) {
    this.log = log;
    this.chainId = chainId;
    this.endpoints = urls.map(
      (url, i) => new RpcEndpoint({ label: `rpc ${chainId}/${i}`, url, timeoutMs, stop }),
    );
  }

  /**
   * Calls a method on the first URL that gives a usable answer.
   * @throws RpcError `reverted` as soon as one says so, else the last one's
   */
  call<T>(method: string, params: readonly unknown[], parse: (raw: unknown) => T): Promise<T> {
    return this.pinned((endpoint) => endpoint.call(method, params, parse));
  }

  /**
   * Runs several calls against one and the same URL; on a fault all of them again against the next.
   * @param fresh checks the chain id right before, for answers that decide about money
   * @throws RpcError
   */
  async pinned<T>(run: (endpoint: RpcEndpoint) => Promise<T>, fresh = false): Promise<T> {
    let last: unknown = new RpcError(
      "unavailable",
      `no RPC URL of chain ${this.chainId} is usable`,
    );
    for (const endpoint of this.inOrder()) {
      try {
        await this.verify(endpoint, fresh ? 0 : REVERIFY_MS);
        return await run(endpoint);
      } catch (error) {
        if (!(error instanceof RpcError) || error.fault === "reverted") throw error;
        last = error;
      }
    }
    throw last;
  }

  /** Sends to every URL in good health; succeeds if one takes it, as propagation is the point. */
  async broadcast(raw: string): Promise<boolean> {
    const sent = await Promise.allSettled(
      this.inOrder().map(async (endpoint) => {
        await this.verify(endpoint, REVERIFY_MS);
        await endpoint.call("eth_sendRawTransaction", [raw], parseHash);
      }),
    );
    for (const { reason } of sent.filter((one) => one.status === "rejected")) {
      this.log.debug({ err: reason, chain_id: this.chainId }, "broadcast not acknowledged");
    }
    return sent.some((one) => one.status === "fulfilled");
  }

  private inOrder(): RpcEndpoint[] {
    const up = this.endpoints.filter((endpoint) => endpoint.up);
    return up.length > 0 ? up : [...this.endpoints];
  }

  private async verify(endpoint: RpcEndpoint, maxAgeMs: number): Promise<void> {
    const { verifiedAtMs } = endpoint;
    if (verifiedAtMs !== undefined && performance.now() - verifiedAtMs < maxAgeMs) return;
    const chainId = await endpoint.call("eth_chainId", [], parseNumber);
    if (chainId === this.chainId) {
      endpoint.verifiedAtMs = performance.now();
      this.wrongChainId = undefined;
      return;
    }
    this.wrongChainId = chainId;
    endpoint.distrust(WRONG_CHAIN_MS);
    this.log.error({ chain_id: this.chainId, found: chainId, rpc: endpoint.label }, "wrong chain");
    throw new RpcError("unavailable", `${endpoint.label} serves another chain`);
  }
}

/** Parses 0x-hex data. @throws Error */
export function parseHex(raw: unknown): `0x${string}` {
  if (typeof raw !== "string" || !/^0x[0-9a-fA-F]*$/.test(raw)) throw new Error("expected hex");
  return raw.toLowerCase() as `0x${string}`;
}

/** Parses a 32-byte hash. @throws Error */
export function parseHash(raw: unknown): `0x${string}` {
  const hash = parseHex(raw);
  if (hash.length !== 66) throw new Error("expected a hash");
  return hash;
}

/** Parses a quantity. @throws Error */
export function parseBigInt(raw: unknown): bigint {
  if (raw === "0x" || typeof raw !== "string" || raw.length > 66) throw new Error("expected hex");
  return BigInt(parseHex(raw));
}

/** Parses a quantity up to 2^53. @throws Error */
export function parseNumber(raw: unknown): number {
  const value = Number(parseBigInt(raw));
  if (!Number.isSafeInteger(value)) throw new Error("expected a small number");
  return value;
}
