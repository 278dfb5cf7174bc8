const METHOD = /"method":"([a-zA-Z_]+)"/g;

/** Counts the JSON-RPC calls of this process by method, whichever client makes them. */
export interface RpcCounter {
  readonly calls: Map<string, number>;
  /** HTTP requests, which hold several calls where a client batches. */
  requests: number;
}

/** Counts from now on, by looking at every request body that leaves through `fetch`. */
export function countRpcCalls(): RpcCounter {
  const counter: RpcCounter = { calls: new Map(), requests: 0 };
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    counter.requests++;
    for (const [, method = ""] of String(init?.body).matchAll(METHOD)) {
      counter.calls.set(method, (counter.calls.get(method) ?? 0) + 1);
    }
    return original(input, init);
  };
  return counter;
}
