import type { Logger } from "../../base/log.ts";
import { type CallWatch, RpcEndpoint, RpcError } from "./rpc-endpoint.ts";
import type { AlarmBell } from "./rpc-watch.ts";

const REVERIFY_MS = 30_000;
const WRONG_CHAIN_MS = 30_000;
const LOG_QUESTIONS = 8;

/** What a pool of RPC URLs needs. */
export interface RpcPoolDeps {
  readonly log: Logger;
  readonly chainId: number;
  readonly urls: readonly string[];
  readonly timeoutMs: number;
  /** Ends every call when the engine stops. */
  readonly stop: AbortSignal;
  readonly watch: CallWatch;
  readonly bell: AlarmBell;
}

/** What became of a broadcast: whether some node took it, and what else one said. */
export interface Broadcast {
  readonly taken: boolean;
  readonly refusal?: RpcError;
}

/**
 * Asks the RPC URLs of one chain in their order, those in good health first. Each URL's chain id
 * is checked before its first use and every half minute after.
 */
export class RpcPool {
  readonly endpoints: readonly RpcEndpoint[];
  private readonly deps: RpcPoolDeps;
  /** The ids of URLs that answered with another chain's last. */
  private readonly wrong = new Map<string, number>();

  constructor(deps: RpcPoolDeps) {
    this.deps = deps;
    const { chainId, urls, timeoutMs, stop, watch } = deps;
    this.endpoints = urls.map(
      (url, i) => new RpcEndpoint({ label: `rpc ${chainId}/${i}`, url, timeoutMs, stop, watch }),
    );
  }

  /** Blocks whose events are some few questions, whichever URL is asked. */
  get logBlocks(): number {
    return LOG_QUESTIONS * Math.min(...this.endpoints.map(({ logSpan }) => logSpan.blocks));
  }

  /** Another chain's id that some URL answered with last. */
  get wrongChainId(): number | undefined {
    return [...this.wrong.values()][0];
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
    let last: unknown = this.unusable();
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

  /** Sends to every URL in good health; taken if one takes it, as propagation is the point. */
  async broadcast(raw: string): Promise<Broadcast> {
    const sent = await Promise.allSettled(
      this.inOrder().map(async (endpoint) => {
        await this.verify(endpoint, REVERIFY_MS);
        await endpoint.call("eth_sendRawTransaction", [raw], parseHash);
      }),
    );
    const errors = sent.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    for (const err of errors) {
      this.deps.log.debug({ err, chain_id: this.deps.chainId }, "broadcast not acknowledged");
    }
    const said = errors.filter((err) => err instanceof RpcError && err.fault !== "unavailable");
    const known = said.some((err) => err.meaning === "known");
    const taken = known || sent.some((one) => one.status === "fulfilled");
    return { taken, ...(!taken && said[0] && { refusal: said[0] as RpcError }) };
  }

  /**
   * Asks every URL, each after its chain id was checked.
   * @throws RpcError of the first that does not answer; what `run` throws
   */
  async each(run: (endpoint: RpcEndpoint) => Promise<void>): Promise<void> {
    for (const endpoint of this.endpoints) {
      await this.verify(endpoint, 0);
      await run(endpoint);
    }
  }

  /** Checks the chain id of every URL, those that are not needed now too. */
  async verifyAll(): Promise<void> {
    await Promise.allSettled(this.endpoints.map((endpoint) => this.verify(endpoint, REVERIFY_MS)));
  }

  private inOrder(): RpcEndpoint[] {
    const free = this.endpoints.filter((endpoint) => !endpoint.limited);
    const up = free.filter((endpoint) => endpoint.up);
    return up.length > 0 ? up : free;
  }

  private unusable(): RpcError {
    const { chainId } = this.deps;
    const limited = this.endpoints.every((endpoint) => endpoint.limited);
    const why = limited ? "may be asked now: each is asked too much" : "is usable";
    return new RpcError("unavailable", `no RPC URL of chain ${chainId} ${why}`, {
      ...(limited && { meaning: "limited", words: "asked too much" }),
    });
  }

  private async verify(endpoint: RpcEndpoint, maxAgeMs: number): Promise<void> {
    const { verifiedAtMs, label } = endpoint;
    if (verifiedAtMs !== undefined && performance.now() - verifiedAtMs < maxAgeMs) return;
    const found = await endpoint.call("eth_chainId", [], parseNumber);
    const { chainId, log, bell } = this.deps;
    if (found === chainId) {
      endpoint.verifiedAtMs = performance.now();
      if (this.wrong.delete(label) && this.wrong.size === 0) bell.endAlarm("wrong-chain");
      return;
    }
    this.wrong.set(label, found);
    endpoint.distrust(WRONG_CHAIN_MS);
    log.error({ chain_id: chainId, found, rpc: label }, "wrong chain");
    bell.alarm("wrong-chain", { rpc: label }, `${label} serves chain ${found}`);
    throw new RpcError("unavailable", `${label} serves another chain`);
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
