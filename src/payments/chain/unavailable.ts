import { StewardError } from "../../errors.ts";
import { RpcError } from "./rpc-endpoint.ts";

const RETRY_MS = 5_000;

/** The error of what needs the chain while no node answers: always with a time to ask again. */
export function chainUnavailable(
  options: {
    readonly cause?: unknown;
    readonly message?: string;
    readonly retryAfterMs?: number;
  } = {},
): StewardError {
  return new StewardError("internal", {
    reason: "CHAIN_UNAVAILABLE",
    message: "The chain is not reachable at present.",
    retryAfterMs: RETRY_MS,
    ...options,
  });
}

/** Asks the chain for somebody outside. @throws StewardError `internal` CHAIN_UNAVAILABLE for any RpcError */
export async function askingChain<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw cause instanceof RpcError ? chainUnavailable({ cause }) : cause;
  }
}
