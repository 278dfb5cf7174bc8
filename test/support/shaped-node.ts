import { EventEmitter, once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One call as a node is asked. */
export interface NodeCall {
  readonly id: number;
  readonly method: string;
  readonly params: unknown[];
}

/** What a node says in HTTP 200: a result, or an error in its own spelling. */
export type NodeAnswer =
  | { readonly result: unknown }
  | {
      readonly error: { readonly code: number; readonly message: string; readonly data?: unknown };
    };

/** An answer that is no JSON-RPC in HTTP 200. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** Asks the real node behind. */
export type AskNode = (call: Pick<NodeCall, "method" | "params">) => Promise<NodeAnswer>;

/** Answers a call in place of the node, asking it or not. */
export type Shape = (
  call: NodeCall,
  ask: AskNode,
  request: IncomingMessage,
) => Promise<NodeAnswer | HttpAnswer> | NodeAnswer | HttpAnswer;

/** A JSON-RPC URL in front of a real node that answers as some other node would. */
export interface ShapedNode extends AsyncDisposable {
  readonly url: string;
  /** What it does to calls; honest until it is set. */
  shape: Shape;
  /** Methods asked so far, in order. */
  readonly calls: string[];
  /** Resolves when some method (or this one) was asked and answered once more. */
  asked(method?: string): Promise<void>;
}

/** The node's own answer. */
export const honest: Shape = (call, ask) => ask(call);

/** Starts one in front of a node. */
export async function startShapedNode(target: string): Promise<ShapedNode> {
  const emitter = new EventEmitter().setMaxListeners(0);
  const ask: AskNode = async ({ method, params }) => {
    const response = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as Record<string, never>;
    return error === undefined ? { result } : { error };
  };
  const server = createServer((request, response) => {
    respond(node, ask, request, response)
      .then((method) => {
        emitter.emit("any");
        emitter.emit(method);
      })
      .catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const node: ShapedNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shape: honest,
    calls: [],
    asked: async (method = "any") => {
      await once(emitter, method);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return node;
}

async function respond(
  node: ShapedNode,
  ask: AskNode,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string> {
  const call = JSON.parse(await read(request)) as NodeCall;
  node.calls.push(call.method);
  const answer = await node.shape(call, ask, request);
  if ("status" in answer) {
    response.writeHead(answer.status, answer.headers ?? {}).end(answer.body ?? "");
  } else {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id: call.id, ...answer }));
  }
  return call.method;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
