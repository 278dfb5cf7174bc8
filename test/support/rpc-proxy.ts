import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerWrongly, isMeaningFault, type MeaningFaultKind } from "./meaning-faults.ts";

/** What can go wrong on the way between the steward and a node. */
export const RPC_FAULTS = [
  "lose-request",
  "lose-reply",
  "hang",
  "http-429",
  "http-500",
  "garbage",
  "empty-result",
  "rpc-error",
  "wrong-chain",
  "stale-block",
  "duplicate",
] as const;

export type RpcFaultKind = (typeof RPC_FAULTS)[number] | MeaningFaultKind;

/** Every method that settling asks while nothing is missing. */
export const RPC_METHODS = [
  "eth_chainId",
  "eth_getCode",
  "eth_getBlockByNumber",
  "eth_getBalance",
  "eth_maxPriorityFeePerGas",
  "eth_feeHistory",
  "eth_getTransactionCount",
  "eth_call",
  "eth_sendRawTransaction",
  "eth_getTransactionReceipt",
  "eth_getTransactionByHash",
  "eth_getLogs",
];

interface Call {
  id: number;
  method: string;
  params: unknown[];
}

interface Fault {
  readonly kind: RpcFaultKind;
  left: number;
  readonly forMs: number;
  untilMs?: number;
}

/** Is an HTTP proxy in front of a real node; the only thing it controls is what gets through. */
export interface RpcProxy extends AsyncDisposable {
  url: string;
  /** Methods asked so far, in order. */
  calls: string[];
  /** Makes the next `times` calls of a method (`*`: any) go wrong; every one by default. */
  fail(method: string, kind: RpcFaultKind, times?: number): void;
  /** Makes calls of a method go wrong for so long after the first of them. */
  failFor(method: string, kind: RpcFaultKind, ms: number): void;
  /** Lets everything through again. */
  heal(): void;
  /** Calls back when a method (`*`: any) is asked, before or after the node has done it. */
  on(method: string, when: "before" | "after", callback: (method: string) => void): void;
  /** Resolves when a method was asked once more. */
  asked(method: string): Promise<void>;
}

/** Starts a proxy in front of a node. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  const calls: string[] = [];
  const emitter = new EventEmitter().setMaxListeners(0);
  const faults = new Map<string, Fault>();
  const stale: { block?: unknown } = {};
  const hanging = new Set<ServerResponse>();

  const take = (method: string): RpcFaultKind | undefined => {
    for (const name of [method, "*"]) {
      const fault = faults.get(name);
      if (!fault || fault.left <= 0) continue;
      fault.untilMs ??= performance.now() + fault.forMs;
      if (performance.now() >= fault.untilMs) continue;
      fault.left -= 1;
      return fault.kind;
    }
    return undefined;
  };

  const ask: Parameters<typeof answerWrongly>[2] = async (call) =>
    JSON.parse(await forward(target, JSON.stringify({ jsonrpc: "2.0", id: 1, ...call })));

  const answer = async (call: Call, body: string, response: ServerResponse): Promise<void> => {
    calls.push(call.method);
    emitter.emit(call.method);
    emitter.emit("*", call.method);
    const kind = take(call.method);
    if (kind === "lose-request") return void response.destroy();
    if (kind === "hang") return void hanging.add(response);
    if (kind === "http-429" || kind === "http-500") {
      return void response.writeHead(kind === "http-429" ? 429 : 500).end("<h1>sorry</h1>");
    }
    if (kind === "garbage") return void response.end('{"jsonrpc":"2.0","id":');
    if (kind === "empty-result") return reply(response, call, { result: "0x" });
    if (kind === "rpc-error") {
      return reply(response, call, { error: { code: -32_000, message: "header not found" } });
    }
    if (kind === "wrong-chain") return reply(response, call, { result: "0x2105" });
    if (kind !== undefined && isMeaningFault(kind)) {
      return reply(response, call, await answerWrongly(kind, call, ask));
    }
    const text = await forward(target, body);
    emitter.emit(`${call.method} after`);
    if (kind === "duplicate") await forward(target, body);
    if (kind === "lose-reply") return void response.destroy();
    if (call.method === "eth_getBlockByNumber" && call.params[0] === "latest") {
      if (kind === "stale-block" && stale.block) {
        return reply(response, call, { result: stale.block });
      }
      stale.block = (JSON.parse(text) as { result: unknown }).result;
    }
    response.writeHead(200, { "content-type": "application/json" }).end(text);
  };

  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => answer(JSON.parse(body) as Call, body, response))
      .catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    fail: (method, kind, times = Number.POSITIVE_INFINITY) => {
      faults.set(method, { kind, left: times, forMs: Number.POSITIVE_INFINITY });
    },
    failFor: (method, kind, forMs) => {
      faults.set(method, { kind, left: Number.POSITIVE_INFINITY, forMs });
    },
    heal: () => {
      faults.clear();
      for (const response of hanging) response.destroy();
      hanging.clear();
    },
    on: (method, when, callback) => {
      emitter.on(when === "before" ? method : `${method} after`, callback);
    },
    asked: async (method) => {
      await once(emitter, method);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function reply(response: ServerResponse, { id }: Call, body: object): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id, ...body }));
}

async function forward(target: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(target, { method: "POST", headers, body });
  return response.text();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
