import { RpcEndpoint } from "../../payments/chain/rpc-endpoint.ts";

const TIMEOUT_MS = 10_000;

/** Creates the engine's own client of one RPC URL, for its checks; named by its host only. */
export function createEndpoint(url: string, timeoutMs: number = TIMEOUT_MS): RpcEndpoint {
  const label = URL.parse(url)?.host ?? "rpc";
  return new RpcEndpoint({ label, url, timeoutMs, stop: new AbortController().signal });
}
