import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

const NOBODY = "0x00000000000000000000000000000000000000ff";

/** One call as a node is asked. */
export interface NodeCall {
  readonly id: number;
  readonly method: string;
  readonly params: unknown[];
}

/** An RPC URL with several nodes behind it, as providers have: some calls reach one that is behind. */
export interface LaggingNode extends AsyncDisposable {
  readonly url: string;
  /** Which calls reach the node that is behind. */
  isBehind: (call: NodeCall, previous: string | undefined) => boolean;
  /** By how many blocks it is behind. */
  blocks: number;
  readonly calls: string[];
}

/** Starts it in front of a node: the one that is behind answers as that node did some blocks ago. */
export async function startLaggingNode(target: string): Promise<LaggingNode> {
  const server = createServer((request, response) => {
    read(request)
      .then(async (body) => {
        const call = JSON.parse(body) as NodeCall;
        const behind = node.isBehind(call, node.calls.at(-1));
        node.calls.push(call.method);
        const asked = behind ? JSON.stringify(await toEarlier(target, call, node.blocks)) : body;
        response.writeHead(200, { "content-type": "application/json" });
        response.end(await forward(target, asked));
      })
      .catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const node: LaggingNode = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isBehind: () => false,
    blocks: 5,
    calls: [],
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return node;
}

/** The call as of some blocks ago. */
async function toEarlier(target: string, call: NodeCall, blocks: number): Promise<unknown> {
  const ask = { jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] };
  const head = JSON.parse(await forward(target, JSON.stringify(ask))) as { result: string };
  const at = `0x${Math.max(0, Number(head.result) - blocks).toString(16)}`;
  const params = call.params.map((param) => {
    if (param === "latest") return at;
    const filter = param as { toBlock?: string; fromBlock?: string } | null;
    if (typeof filter !== "object" || filter?.toBlock === undefined) return param;
    const earlier = Number(filter.toBlock) > Number(at) ? at : filter.toBlock;
    // Nodes answer a span they do not have yet with no events; anvil would say that it is no span.
    if (Number(filter.fromBlock) > Number(earlier)) return { address: NOBODY };
    return { ...filter, toBlock: earlier };
  });
  return { jsonrpc: "2.0", ...call, params };
}

async function forward(target: string, body: string): Promise<string> {
  const headers = { "content-type": "application/json" };
  return (await fetch(target, { method: "POST", headers, body })).text();
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
