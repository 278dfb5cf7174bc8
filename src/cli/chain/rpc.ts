import {
  BaseError,
  createPublicClient,
  HttpRequestError,
  http,
  type PublicClient,
  RpcRequestError,
  TimeoutError,
} from "viem";
import { UnreachableError, UsageError } from "../exit-codes.ts";

const TIMEOUT_MS = 15_000;
const RETRIES = 2;

/** A node answered and refused; `details` are its own words. */
export class NodeRefusal extends Error {
  override readonly name = "NodeRefusal";
}

/** A chain's client and how its node may be called where others read it: an RPC URL holds keys. */
export interface ChainRpc {
  readonly client: PublicClient;
  readonly label: string;
}

/**
 * Creates a client of an RPC URL.
 * @throws UsageError where it is no http or https URL
 */
export function createChainRpc(rpcUrl: string): ChainRpc {
  const url = URL.parse(rpcUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError("--rpc-url: expected an http:// or https:// URL of a node's JSON-RPC.");
  }
  const transport = http(rpcUrl, { timeout: TIMEOUT_MS, retryCount: RETRIES });
  return { client: createPublicClient({ transport, cacheTime: 0 }), label: url.host };
}

/**
 * Runs calls to a node and turns what viem throws into errors that name the node, not its URL.
 * @throws UnreachableError where nothing usable answers; NodeRefusal where the node says no
 */
export async function askNode<T>(rpc: ChainRpc, what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw toNodeError(rpc, what, error);
  }
}

/** Whether an error only says that nothing usable answered, so that nothing is known. */
export function isSilence(error: unknown): boolean {
  return error instanceof UnreachableError;
}

function toNodeError({ label }: ChainRpc, what: string, error: unknown): unknown {
  if (!(error instanceof BaseError)) return error;
  if (error.walk((one) => one instanceof TimeoutError)) {
    return new UnreachableError(`${label}: no answer in ${TIMEOUT_MS / 1000} s (${what}).`);
  }
  const transport = error.walk((one) => one instanceof HttpRequestError);
  if (transport instanceof HttpRequestError) {
    return new UnreachableError(`${label}: ${toTransportText(transport)} (${what}).`);
  }
  const refusal = error.walk((one) => one instanceof RpcRequestError);
  const words = refusal instanceof RpcRequestError ? refusal.details : error.shortMessage;
  return new NodeRefusal(`${label} refused, ${what}: ${words}`, { cause: error });
}

function toTransportText({ status, cause }: HttpRequestError): string {
  if (status === 401 || status === 403) {
    return `HTTP ${status}: the node wants a key or another one in the URL`;
  }
  if (status !== undefined) return `HTTP ${status}; is this the URL of a node's JSON-RPC?`;
  if (cause instanceof SyntaxError) {
    return "answers, but not in JSON; is this the URL of a node's JSON-RPC?";
  }
  const code = (cause as { cause?: { code?: unknown } } | undefined)?.cause?.code;
  return `is not reachable (${typeof code === "string" ? code : "connection failed"})`;
}
